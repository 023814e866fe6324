import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../models/reading/document-text.js';
import { answerOf } from '../../../models/answers/recall/recall.js';
import { questionPrompt } from '../../../models/memmamba/prompts.js';
import { prose } from '../../support/micro.js';

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
