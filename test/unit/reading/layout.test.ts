import { describe, expect, it } from 'vitest';
import { blocksOf } from '../../../models/text/formats/parse-document.js';
import { isSentenceLike } from '../../../models/text/sentence-like.js';
import { DocumentText } from '../../../models/reading/document-text.js';
import { layoutOf } from '../../../models/reading/layout.js';
import { prose } from '../../support/micro.js';

const kinds = (text: string) => blocksOf(text).map(({ kind, start, end }) => [kind, text.slice(start, end)]);
const titles = (text: string) =>
  blocksOf(text).flatMap(({ kind, title, level }) => (kind === 'heading' ? [[level, title]] : []));

function layout(text: string) {
  const document = new DocumentText();
  document.append(text);
  return layoutOf(document);
}
const sections = (text: string) => layout(text).sections.map(({ title }) => title);

describe('blocks', () => {
  it('of Markdown', () => {
    expect(
      kinds(
        '# Title\n\nSome prose here.\nIt goes on.\n\n- one item\n- two items\n\n```js\n# not a heading\n```\n\n| a | b |\n|---|---|\n',
      ),
    ).toEqual([
      ['heading', '# Title'],
      ['prose', 'Some prose here.\nIt goes on.'],
      ['item', '- one item'],
      ['item', '- two items'],
      ['code', '```js\n# not a heading\n```'],
      ['table', '| a | b |\n|---|---|'],
    ]);
  });

  it('of a fence that is never closed reach to the end', () => {
    expect(kinds('Text.\n\n```\ncode\n\nmore')).toEqual([
      ['prose', 'Text.'],
      ['code', '```\ncode\n\nmore'],
    ]);
  });

  it.each([
    ['the opening of another one', '```sh\nls\n\n```json\n{}\n```', '```sh\nls\n\n```json\n{}\n```'],
    ['fewer marks', '````\n```\ncode\n```\n````', '````\n```\ncode\n```\n````'],
    ['marks of the other kind', '~~~\n```\n~~~', '~~~\n```\n~~~'],
    ['more of its marks', '```\ncode\n`````', '```\ncode\n`````'],
  ])('of a fence and %s', (_, text, code) => {
    expect(kinds(`${text}\n\nProse behind it.`)).toEqual([
      ['code', code],
      ['prose', 'Prose behind it.'],
    ]);
  });

  it('of a line with code inside, which is no fence', () => {
    expect(kinds('```ls``` lists files.\n\nMore prose here.')).toEqual([
      ['prose', '```ls``` lists files.'],
      ['prose', 'More prose here.'],
    ]);
  });

  it.each([
    [
      'Markdown',
      '# A\n\ntext\n\n## B ##\n',
      [
        [1, 'A'],
        [2, 'B'],
      ],
    ],
    [
      'reStructuredText, levels by first use',
      'Top\n===\n\ntext\n\nSub\n---\n\ntext\n\nTop two\n=======\n',
      [
        [1, 'Top'],
        [2, 'Sub'],
        [1, 'Top two'],
      ],
    ],
    [
      'LaTeX',
      '\\section{Intro}\ntext\n\\subsection*{More}\n',
      [
        [3, 'Intro'],
        [4, 'More'],
      ],
    ],
    [
      'HTML',
      '<h1>One</h1>\n<p>text</p>\n<h2 id="x">Two <i>x</i></h2>\n',
      [
        [1, 'One'],
        [2, 'Two x'],
      ],
    ],
    [
      'books',
      'BOOK 1\n\nCHAPTER II.\n\nIt rained.\n\nChapter 3: The End\n\nIt rained again.\n\nTHE LAST WORD\n\nDone.',
      [
        [1, 'BOOK 1'],
        [2, 'CHAPTER II.'],
        [2, 'Chapter 3: The End'],
        [3, 'THE LAST WORD'],
      ],
    ],
    [
      'numbered sections',
      '1. Introduction\n\nText.\n\n1.2 Scope of this\n\nText.',
      [
        [2, '1. Introduction'],
        [3, '1.2 Scope of this'],
      ],
    ],
    [
      'manual pages',
      'POOL(1)            User Commands           POOL(1)\n\nNAME\n       pool - keeps notes\n\nOPTIONS\n       # no heading\n       -n        how many\n       -s        how long\n\n   Long Options\n       --notes   as -n\n\n   Indented text that ends.\n       More.\n',
      [
        [2, 'NAME'],
        [2, 'OPTIONS'],
        [3, 'Long Options'],
      ],
    ],
    [
      'AsciiDoc',
      '== Installing\n\nText.\n\n=== On Linux ===\n\nText.\n\n== or eq\n',
      [
        [2, 'Installing'],
        [3, 'On Linux'],
      ],
    ],
    [
      'LaTeX with commands in it',
      '\\documentclass{article}\n\\begin{document}\n\\section{The \\emph{state} pool \\label{sec:pool}}\n\nText.\n',
      [[3, 'The state pool']],
    ],
    [
      'licences and contracts',
      '  14. Revised Versions of this License.\n\n  Text.\n\n  15. Interpretation of Sections 15 and 16.\n\nText.\n\nArticle 5\n\nText.\n\nSchedule B: Prices\n\nText.',
      [
        [2, '14. Revised Versions of this License.'],
        [2, '15. Interpretation of Sections 15 and 16.'],
        [2, 'Article 5'],
        [2, 'Schedule B: Prices'],
      ],
    ],
  ])('find the headings of %s', (_, text, expected) => {
    expect(titles(text)).toEqual(expected);
  });

  it.each([
    ['a step that is a sentence', '12. Open the lid.'],
    ['an item of a loose list', '1. Brevity.\n\n2. Clarity.'],
    ['a step with more below it', '1. Install Node.\n\n   The version does not matter.'],
    ['an article of a newspaper', 'Article by the editor on the harbour'],
    ['a field of a head', 'schedule: on Friday'],
    ['who did something and when', '(ADB - 2021/09/16, HDFFV-11266)'],
    ['a sentence in capitals with a comma', 'STOP, HE CRIED,'],
    [
      'a paragraph that starts with a chapter word',
      'Part of the reason was that nobody had asked him anything at all about it.',
    ],
    ['a line of dashes', '----------'],
  ])('take %s for no heading', (_, text) => {
    expect(titles(`Before.\n\n${text}\n\nAfter.`)).toEqual([]);
  });

  it('of a log are its lines', () => {
    const log =
      '2024-11-22 01:23:09 INFO up\n2024-11-22 01:23:10 ERROR down\n  at main.c:3\n2024-11-22 01:23:11 INFO up\n';
    expect(kinds(log)).toEqual([
      ['log', '2024-11-22 01:23:09 INFO up'],
      ['log', '2024-11-22 01:23:10 ERROR down\n  at main.c:3'],
      ['log', '2024-11-22 01:23:11 INFO up'],
    ]);
  });

  it('of JSON lines are the records', () => {
    const log = Array.from({ length: 5 }, (_, i) => `{"level": "info", "n": ${i}}`).join('\n');
    expect(kinds(log).map(([kind]) => kind)).toEqual(['log', 'log', 'log', 'log', 'log']);
  });

  it('are found in a moment in one line of megabytes, whatever stands in it', () => {
    for (const unit of ['x(y) . . . . U.S. ', '# '.repeat(5), ' '.repeat(9) + '1', '{"a": 1}', '. ']) {
      const begin = performance.now();
      expect(blocksOf(unit.repeat(Math.ceil(3e6 / unit.length))).length).toBeGreaterThan(0);
      expect(performance.now() - begin).toBeLessThan(10_000);
    }
  });

  it('of a transcript are its turns', () => {
    const text = Array.from(
      { length: 8 },
      (_, i) => `Grad ${'ABC'[i % 3]!}: So this is turn ${i}, you know.`,
    ).join('\n');
    expect(kinds(text).every(([kind]) => kind === 'turn')).toBe(true);
  });

  it('mark licences and everything outside Project Gutenberg’s lines as boilerplate', () => {
    const text = `The Project Gutenberg eBook of X\n\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nProduced by someone\n\n${prose(8000)}\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n\nDonations are welcome and so on.`;
    const found = kinds(text);
    expect(found[0]![0]).toBe('boilerplate');
    expect(found.find(([, words]) => words!.startsWith('Produced by'))![0]).toBe('boilerplate');
    expect(found.at(-1)).toEqual(['boilerplate', 'Donations are welcome and so on.']);
    expect(found.filter(([kind]) => kind === 'prose').length).toBeGreaterThan(5);
  });

  it('mark a table of contents, with or without a title, and not the chapters', () => {
    const body = [1, 2, 3, 4, 5].map((n) => `CHAPTER ${n}\n\n${prose(500, n)}`).join('\n\n');
    const list = [1, 2, 3, 4, 5].map((n) => `CHAPTER ${n}`).join('\n\n');
    for (const text of [`CONTENTS\n\n${list}\n\n${body}`, `${list}\n\n${body}`]) {
      expect(titles(text).map(([, title]) => title)).toEqual([1, 2, 3, 4, 5].map((n) => `CHAPTER ${n}`));
      expect(sections(text)).toEqual([1, 2, 3, 4, 5].map((n) => `CHAPTER ${n}`));
    }
  });

  it('mark a table of contents that names what is inside of the chapters, line by line', () => {
    const names = Array.from({ length: 12 }, (_, i) => `    Request ${'ABCDEFGHIJKL'[i]}`).join('\n');
    const list = `Contents\n\n1. Introduction\n2. Protocol\n\n${names}\n\n3. Errors`;
    const body = ['Introduction', 'Protocol', 'Errors']
      .map((name, i) => `Chapter ${i + 1}. ${name}\n\nTable of Contents\n\nOne\nTwo\n\n${prose(500, i + 1)}`)
      .join('\n\n');
    expect(sections(`${list}\n\n${body}`)).toEqual([
      'Chapter 1. Introduction',
      'Chapter 2. Protocol',
      'Chapter 3. Errors',
    ]);
  });
});

describe('sections', () => {
  it('are the document’s own', () => {
    expect(sections('Preamble text here.\n\n# One\n\nText of one.\n\n# Two\n\nText of two.')).toEqual([
      '',
      'One',
      'Two',
    ]);
  });

  it('use only the higher headings where there are too many', () => {
    const text = Array.from(
      { length: 20 },
      (_, i) => `# Part ${i}x\n\nText.\n\n${'## Sub\n\nText.\n\n'.repeat(9)}`,
    ).join('');
    expect(sections(text)).toHaveLength(20);
  });

  it('of a log are its days, or its hours, wherever in the head of a line they stand', () => {
    const entry = (day: number, hour: number) =>
      `2001:db8:1234:5678:9abc:def0:1234:5678 - grace [${day}/Sep/2026:${hour}:20:52 +0000] "GET /cart HTTP/1.1" 200 5`;
    const log = (days: readonly number[], hours: readonly number[]) =>
      days.flatMap((day) => hours.map((hour) => `${entry(day, hour)}\n`.repeat(3))).join('');
    expect(sections(log([22, 23], [11, 12]))).toEqual(['22/Sep/2026', '23/Sep/2026']);
    expect(sections(log([22], [11, 12]))).toEqual(['22/Sep/2026 11:00', '22/Sep/2026 12:00']);
    const named = Array.from({ length: 60 }, (_, i) => `Punch-Vol-153-Dec-12-1917-${i} is a file of no date`);
    expect(layout(named.join('\n')).sections).toMatchObject([{ title: '', unnamed: 'part' }]);
  });

  it('of a text without headings are equal parts', () => {
    const text = prose(100_000);
    expect(layout(text).sections.length).toBeGreaterThan(2);
    for (const section of layout(text).sections)
      expect(section).toMatchObject({ title: '', unnamed: 'part' });
    const spans = layout(text).sections;
    for (let i = 1; i < spans.length; i++) expect(spans[i]!.start).toBe(spans[i - 1]!.end);
  });

  it('of a log are its days, or its hours', () => {
    const day = (d: number) => [7, 8, 9].map((h) => `2024-11-${d} 0${h}:00:00 INFO step`).join('\n');
    expect(sections(`${day(21)}\n${day(22)}\n`)).toEqual(['2024-11-21', '2024-11-22']);
    expect(sections(`${day(21)}\n`)).toEqual(['2024-11-21 07:00', '2024-11-21 08:00', '2024-11-21 09:00']);
  });
});

describe('passages', () => {
  it('reach over no cut', () => {
    const lines = Array.from({ length: 12 }, (_, i) => `2024-11-22 01:23:${10 + i} INFO up`);
    const document = new DocumentText();
    document.append(lines.join('\n'));
    const cut = lines.slice(0, 5).join('\n').length + 1;
    const { passages } = layoutOf(document, [0, cut]);
    expect(passages.map(({ start, isApart = false }) => [start, isApart])).toContainEqual([cut, true]);
    expect(passages.some(({ start, end }) => start < cut && cut < end)).toBe(false);
    expect(layoutOf(document).passages.some(({ start, end }) => start < cut && cut < end)).toBe(true);
  });

  it('are in order, do not overlap, and hold all text but white space', () => {
    const text = `# One\n\n${prose(3000)}\n\n- an item\n- another item\n\n\`\`\`\ncode\n\`\`\`\n\n# Two\n\n${prose(50)}`;
    let reached = 0;
    for (const { start, end } of layout(text).passages) {
      expect(start).toBeGreaterThanOrEqual(reached);
      expect(text.slice(reached, start).trim()).toBe('');
      expect(end - start).toBeLessThan(1300);
      reached = end;
    }
    expect(text.slice(reached).trim()).toBe('');
  });

  it('of one long line are groups of sentences', () => {
    const text = prose(20_000).replaceAll('\n', ' ');
    const { passages } = layout(text);
    expect(passages.length).toBeGreaterThan(20);
    for (const { start, end } of passages) {
      expect(text.slice(start, end)).toMatch(/^[A-Z]/u);
      expect(end - start).toBeLessThan(900);
    }
  });
});

describe('sentence-likeness', () => {
  it.each([
    ['It rained all day.', true],
    ['* * * * *', false],
    ['3.14 2.71 1.41 1.73', false],
    ['Chapter 1', false],
    ['状态空间模型记住了很多内容。', true],
  ])('of %j is %s', (text, expected) => {
    expect(isSentenceLike(text)).toBe(expected);
  });

  it.each(['7\n\n', '7.\n', '- 7\n', '# 7\n', '<p>7</p>\n', '7,7\n', '00:00:07 7\n'])(
    'takes 140,000 paragraphs of %j',
    (paragraph) => {
      const { sentences, blocks } = layout(paragraph.repeat(140_000));
      expect(sentences.length + blocks.length).toBeGreaterThan(0);
      expect(blocks.every(({ start, end }, i) => start < end && end <= (blocks[i + 1]?.start ?? end))).toBe(
        true,
      );
    },
  );
});
