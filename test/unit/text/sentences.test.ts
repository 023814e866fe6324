import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentencesOf } from '../../../models/text/sentences.js';

const cut = (text: string) => sentencesOf(text).map(({ start, end }) => text.slice(start, end));

describe('sentences', () => {
  it.each([
    [
      'titles',
      'Dr. Smith met Mr. J. R. Brown. They talked.',
      ['Dr. Smith met Mr. J. R. Brown.', 'They talked.'],
    ],
    [
      'abbreviations',
      'See Fig. 3 and No. 5, e.g. the U.S. Army. It came at 3 p.m. yesterday.',
      ['See Fig. 3 and No. 5, e.g. the U.S. Army.', 'It came at 3 p.m. yesterday.'],
    ],
    [
      'decimals and versions',
      'It took 2.5 hours with v1.20.3. Then it stopped.',
      ['It took 2.5 hours with v1.20.3.', 'Then it stopped.'],
    ],
    [
      'quotations',
      '“Was it good?” asked Mrs. White. “Yes.” He left!',
      ['“Was it good?” asked Mrs. White.', '“Yes.”', 'He left!'],
    ],
    [
      'hard-wrapped text',
      'This line is hard\nwrapped, and goes\non. Here is another\none.',
      ['This line is hard\nwrapped, and goes\non.', 'Here is another\none.'],
    ],
    ['CRLF', 'One line\r\nbroken. Two.', ['One line\r\nbroken.', 'Two.']],
    [
      'an ellipsis that goes on',
      'He waited... and waited. Nothing.',
      ['He waited... and waited.', 'Nothing.'],
    ],
    [
      'a pronoun that looks like an initial',
      'It was I. Nobody else came.',
      ['It was I.', 'Nobody else came.'],
    ],
    [
      'an abbreviation at the end',
      'He lives in the U.S. The house is old.',
      ['He lives in the U.S.', 'The house is old.'],
    ],
    ['a numbered item', '12. Open the lid. Then wait.', ['12. Open the lid.', 'Then wait.']],
    ['Chinese', '他来了。我们走吧！好吗？', ['他来了。', '我们走吧！', '好吗？']],
    ['no end mark', 'a heading without a full stop', ['a heading without a full stop']],
    ['white space only', ' \n ', []],
  ])('with %s', (_, text, expected) => {
    expect(cut(text)).toEqual(expected);
  });

  it('cover everything but white space, in order, also beyond one window', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('Mr. ', 'word ', 'End. ', '“So?” ', '\n', '3.14 ', 'U.S. ', '。', 'x'.repeat(200)),
          { maxLength: 60 },
        ),
        fc.constantFrom(1, 400),
        (parts, times) => {
          const text = parts.join('').repeat(times);
          let reached = 0;
          for (const { start, end } of sentencesOf(text)) {
            expect(text.slice(reached, start).trim()).toBe('');
            expect(end).toBeGreaterThan(start);
            reached = end;
          }
          expect(text.slice(reached).trim()).toBe('');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of one line of megabytes are found in a moment', () => {
    const text = 'It rained on Mr. Brown. '.repeat(50_000);
    const begin = performance.now();
    expect(sentencesOf(text)).toHaveLength(50_000);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it('are offset by where the paragraph stands', () => {
    expect(sentencesOf(' One. Two.', 100)).toEqual([
      { start: 101, end: 105 },
      { start: 106, end: 110 },
    ]);
  });
});
