import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../models/analysis/document-text.js';
import { literalAnswer } from '../../models/analysis/literal-answer.js';
import { answerOf, questionPrompt, withLiteral } from '../../models/analysis/passkey.js';
import { statedAnswer } from '../../models/analysis/stated-answer.js';
import { prose } from './micro.js';

const QUESTION = 'What is the pass key?';
const KEY = 'The pass key is 48213. Remember it.';
const text = `${prose(3000)}\n\n${KEY} Then it went on.\n\n${prose(3000, 7)}`;
const document = new DocumentText();
document.append(text);
const at = text.indexOf('48213');

/** One token a character, so positions are offsets. */
const offsetOf = (token: number) => ({ start: token, end: token + 1 });
const looking = (...positions: number[]) =>
  new Map(positions.map((position) => [position, 1 / positions.length]));
const digits = [0, 1, 2, 3, 4].map((i) => at + i);

describe('an answer', () => {
  it('is verified where it stands verbatim at the evidence', () => {
    const { answer, verified, evidence } = answerOf(
      { answer: '48213', attention: looking(...digits) },
      QUESTION,
      document,
      offsetOf,
    );
    expect([answer, verified]).toEqual(['48213', true]);
    expect(evidence).toHaveLength(1);
    expect(evidence[0]!.text).toBe('The pass key is 48213.');
    expect(text.slice(evidence[0]!.start, evidence[0]!.end)).toBe(evidence[0]!.text);
    expect(evidence[0]!.line).toBe(text.slice(0, at).split('\n').length);
    expect(evidence[0]!.score).toBeCloseTo(1, 12);
  });

  it('puts the evidence that holds it first, though the attention was elsewhere too', () => {
    const attention = new Map([
      [100, 0.5],
      [1000, 0.3],
      [at, 0.2],
    ]);
    const { verified, evidence } = answerOf({ answer: '48213', attention }, QUESTION, document, offsetOf);
    expect(verified).toBe(true);
    expect(evidence).toHaveLength(3);
    expect(evidence[0]!.text).toContain('48213');
    expect(evidence[1]!.score).toBe(0.5);
  });

  it('is not verified where the attention was elsewhere', () => {
    const { answer, verified, evidence } = answerOf(
      { answer: '48213', attention: looking(100) },
      QUESTION,
      document,
      offsetOf,
    );
    expect([answer, verified]).toEqual(['48213', false]);
    expect(evidence[0]!.start).toBeLessThanOrEqual(100);
    expect(evidence[0]!.end).toBeGreaterThan(100);
  });

  it.each([['4821'], ['8213'], ['99999'], ['pass ke'], ['']])(
    'that is not whole in the text (%j) is none',
    (answer) => {
      const none = { answer: 'none', verified: false, evidence: [] };
      expect(answerOf({ answer, attention: looking(...digits) }, QUESTION, document, offsetOf)).toEqual(none);
    },
  );

  it('without attention is never verified', () => {
    expect(answerOf({ answer: '48213', attention: new Map() }, QUESTION, document, offsetOf)).toEqual({
      answer: '48213',
      verified: false,
      evidence: [],
    });
  });

  it.each([['none'], ['None']])('that is %s has no evidence', (answer) => {
    const said = answerOf({ answer, attention: looking(...digits) }, QUESTION, document, offsetOf);
    expect(said).toEqual({ answer: 'none', verified: false, evidence: [] });
  });

  it('is asked for in the format of training', () => {
    expect(questionPrompt(' What is the pass key? ')).toBe('\n\nQuestion: What is the pass key?\nAnswer:');
  });
});

describe('a number where the model looked', () => {
  it('is no hit if nothing there speaks of what was asked', () => {
    const { verified, evidence } = answerOf(
      { answer: '48213', attention: looking(...digits) },
      'When was the Treaty of Utrecht signed?',
      document,
      offsetOf,
    );
    expect(verified).toBe(false);
    expect(evidence).toHaveLength(1);
  });
});

describe('an answer in the question’s own words', () => {
  const found = (source: string, question: string) => {
    const where = new DocumentText();
    where.append(source);
    const literal = literalAnswer(where, question);
    if (literal) expect(source.slice(literal.span.start, literal.span.end)).toBe(literal.answer);
    return literal?.answer;
  };
  const several = `${prose(900)}\n\nThe vault code of Clara is 5521-AB. The vault code of Hugo is 9043-XY.\n\n${prose(900, 5)}`;
  const log = [
    '2024-11-22 01:23:09 INFO  [web-1] request 9f8e7d6c5b4a handled in 12 ms',
    '2024-11-22 01:23:10 DEBUG [auth] session token for alice: 7f3a-99c2-e1',
    '2024-11-22 01:23:11 INFO  [web-2] request 1a2b3c4d5e6f handled in 15 ms',
  ].join('\n');

  it.each([
    ['in prose', text, QUESTION, '48213'],
    ['before its name', `${prose(300)}\n\n73310 is the door code.\n`, 'What is the door code?', '73310'],
    ['of one of several', several, "What is Hugo's vault code?", '9043-XY'],
    ['in a log', log, 'What is the session token for alice?', '7f3a-99c2-e1'],
    [
      'in code',
      'const retries = 3;\nconst API_KEY = "sk_live_51H8xQ2";\n',
      'What is the API key?',
      'sk_live_51H8xQ2',
    ],
    ['in settings', '[db]\nhost = db3\ndbPassword: hunter2024\n', 'Which DB password is set?', 'hunter2024'],
    [
      'as a date',
      'The lease was signed late. The closing date is 2031-04-17.',
      'What is the closing date?',
      '2031-04-17',
    ],
  ])('is found %s', (_, source, question, expected) => {
    expect(found(source, question)).toBe(expected);
  });

  it.each([
    ['there is none', prose(3000), QUESTION],
    ['the question does not say which', several, 'What is the vault code?'],
    ['only some of its words are there', 'The key is 48213.', 'What is the pass phrase of Clara?'],
    ['a number is near but not joined', 'Of the pass key nothing was known in 1921.', QUESTION],
    ['a question names nothing', text, 'What is it?'],
  ])('is not guessed where %s', (_, source, question) => {
    expect(found(source, question)).toBeUndefined();
  });

  it('goes before what the memory says, which is told too', () => {
    const none = { answer: 'none', verified: false, evidence: [] };
    const { answer, verified, remembered, evidence } = withLiteral(none, QUESTION, document);
    expect([answer, verified, remembered]).toEqual(['48213', true, 'none']);
    expect(evidence[0]!.text).toBe('The pass key is 48213.');
    expect(withLiteral(none, 'Who wrote this?', document)).toBe(none);
  });
});

describe('an answer that one statement gives', () => {
  const stated = (source: string, question: string) => {
    const where = new DocumentText();
    where.append(source);
    const found = statedAnswer(where, question);
    if (found) expect(source.slice(found.span.start, found.span.end)).toBe(found.answer);
    return found?.answer;
  };
  const filled = (statement: string) => `${prose(900)} ${statement} ${prose(900, 5)}`;

  it.each([
    [
      'a key',
      'Whoever wants the west cellar dials 48213 twice.',
      'What must one dial for the west cellar?',
      '48213',
    ],
    [
      'a date',
      'The sale of the mill took place on 3 May 1871.',
      'When did the sale of the mill take place?',
      '3 May 1871',
    ],
    [
      'a number',
      'For the grey mare he paid 1,250 guineas.',
      'How many guineas did he pay for the grey mare?',
      '1,250',
    ],
    [
      'an identifier',
      'volume QX-7731-B could not be mounted',
      'Which volume could not be mounted?',
      'QX-7731-B',
    ],
  ])('is %s of its kind', (_, statement, question, expected) => {
    expect(stated(filled(statement), question)).toBe(expected);
  });

  it('is none where the line has a time stamp only, several values, or where statements differ', () => {
    const mounted = 'Which volume could not be mounted?';
    expect(stated('2026-03-04T05:06:07Z ERROR the volume could not be mounted\n', mounted)).toBeUndefined();
    expect(stated('volume A1-77 or B2-88 could not be mounted\n', mounted)).toBeUndefined();
    const one = 'volume A1-77 could not be mounted\n';
    expect(stated(one, mounted)).toBe('A1-77');
    expect(stated(`${one}${one}`, mounted)).toBe('A1-77');
    expect(stated(`${one}volume B2-88 could not be mounted\n`, mounted)).toBeUndefined();
    // Plain numbers need more of the question's words beside them.
    expect(stated('volume 4711 could not be mounted\n', mounted)).toBeUndefined();
    expect(
      stated(
        filled('Clara paid 1,250 guineas for the grey mare.'),
        'How many guineas did Hugo pay for the grey mare?',
      ),
    ).toBeUndefined();
  });

  it('is joined to its name without a space, too', () => {
    const where = new DocumentText();
    where.append('export WEBHOOK_SIGNATURE=7d6f43f6f8\n');
    expect(literalAnswer(where, 'What is the webhook signature?')?.answer).toBe('7d6f43f6f8');
  });
});
