import { describe, expect, it } from 'vitest';
import { cleanQuestion } from '../../../models/answers/clean-question.js';
import { pointedAnswer, sentencesAround, standingOf } from '../../../models/answers/pointed-answer.js';
import { answersOf, probabilityOf, type ReadText } from '../../../models/answers/reader/features.js';
import type { Pointed } from '../../../models/answers/pointed.js';
import { UNCALIBRATED, type Calibration, type Features } from '../../../models/memmamba/calibration.js';
import type { Passage } from '../../../models/reading/passage.js';

/** Only the share of the softmax counts: σ(4 + share). */
const calibration: Calibration = {
  ...UNCALIBRATED,
  probability: { bias: 4, weights: { ...UNCALIBRATED.probability.weights, share: 1 } },
  verified: 0.9,
  likely: 0.3,
};

/** A text with spans at words, by their scores. */
function readText(text: string, scores: Record<string, number>, score = 0): ReadText {
  const spans = Object.entries(scores).map(([said, value]) => {
    const start = text.indexOf(said);
    return { start, end: start + said.length, score: value, isWhole: true };
  });
  const best = Math.max(...Object.values(scores));
  return { text, score, spans: { spans, total: best + 0.1, best } };
}

const evidence: Passage = { start: 0, end: 4, line: 1, text: 'It is.', score: 1 };
const remembered = { answer: 'none', verified: false, evidence: [] };
const pointed = (texts: readonly ReadText[], none = 0, by = calibration): Pointed => ({
  answers: answersOf(texts, none, '', by),
  margins: [],
  texts: texts.length,
  tokens: 99,
  verified: by.verified,
  likely: by.likely,
});

describe('answers of several texts', () => {
  const texts = [
    readText('The key is 4711 in here.', { '4711': 6, key: 1 }, 1),
    readText('A key, 4711, and 4712 too.', { '4712': 5, '4711': 2 }, 3),
  ];

  it('are ranked by their share of one softmax over all of them', () => {
    const found = answersOf(texts, 0, '', calibration);
    expect(found.map(({ said }) => said).slice(0, 2)).toEqual(['4711', '4712']);
    expect(found[0]!.text).toBe(0);
    expect(found[0]!.features).toMatchObject({
      search: 1,
      rank: Math.log(2),
      count: Math.log(2),
      recalled: 0,
    });
    expect(found[0]!.features.lead).toBeCloseTo(1, 6);
    expect(found[1]!.features.lead).toBeCloseTo(-1, 6);
    expect(found[0]!.probability).toBeGreaterThan(found[1]!.probability);
  });

  it('take the search into account as far as the calibration says', () => {
    const found = answersOf(texts, 0, '', { ...calibration, answer: { search: 1 } });
    expect(found[0]!.said).toBe('4712');
  });

  it('are less probable where “not here” is', () => {
    const of = (none: number) => answersOf(texts, none, '', calibration)[0]!.probability;
    expect(of(10)).toBeLessThan(of(0) - 0.3);
    expect(of(20)).toBeLessThan(0.01);
  });

  it('know what the memory recalled, case and articles aside', () => {
    const mill = [readText('By the Mill it stood.', { 'the Mill': 3 })];
    expect(answersOf(mill, 0, 'mill', calibration)[0]!.features.recalled).toBe(1);
    expect(answersOf(mill, 0, 'miller', calibration)[0]!.features.recalled).toBe(0);
  });

  it('have a probability that is a logistic function of the features', () => {
    const ones = Object.fromEntries(
      Object.keys(UNCALIBRATED.probability.weights).map((name) => [name, 1]),
    ) as unknown as Features;
    const given = { probability: { bias: -3, weights: { ...ones, share: 2 } } };
    const sum = -3 + Object.values(given.probability.weights).reduce((a, b) => a + b, 0);
    expect(probabilityOf(ones, given)).toBeCloseTo(1 / (1 + Math.exp(-sum)), 12);
  });
});

describe('an answer that the reader points at', () => {
  it('is verified where it is whole and probable enough, likely below, and none below that', () => {
    const points = { verified: 0.9, likely: 0.3 };
    expect(standingOf({ isWhole: true, probability: 0.9 }, points)).toBe('verified');
    expect(standingOf({ isWhole: false, probability: 0.99 }, points)).toBe('likely');
    expect(standingOf({ isWhole: true, probability: 0.89 }, points)).toBe('likely');
    expect(standingOf({ isWhole: true, probability: 0.29 }, points)).toBe('none');
  });

  it('comes with its probability, its sentence, and what was read for it', () => {
    const texts = [readText('The key is 4711.', { '4711': 8 })];
    const answer = pointedAnswer(pointed(texts), { remembered, witness: undefined }, () => evidence);
    expect(answer).toMatchObject({ answer: '4711', verified: true, evidence: [evidence] });
    expect(answer.read).toEqual({ passages: 1, tokens: 99 });
    expect(answer.probability).toBeGreaterThan(0.9);
  });

  it('is never verified by a model that was not calibrated', () => {
    const texts = [readText('The key is 4711.', { '4711': 30 })];
    const given = pointed(texts, 0, UNCALIBRATED);
    const answer = pointedAnswer(given, { remembered, witness: undefined }, () => evidence);
    expect(answer).toMatchObject({ answer: '4711', verified: false });
  });

  it('is none where nothing is likely, and where nothing was read', () => {
    const texts = [readText('The key is 4711.', { '4711': -9 })];
    for (const given of [texts, []]) {
      const answer = pointedAnswer(pointed(given), { remembered, witness: undefined }, () => evidence);
      expect(answer).toMatchObject({ answer: 'none', verified: false, evidence: [] });
      expect(answer.probability).toBeLessThan(0.3);
    }
  });

  it('is verified by a second witness that says the same, and only by one that does', () => {
    const texts = [readText('The key is 4711, not 4712.', { '4711': -1, '4712': -2 })];
    const by = (said: string) =>
      pointedAnswer(
        pointed(texts, 4),
        { remembered, witness: { said, evidence: [evidence] } },
        () => evidence,
      );
    expect(by('4711')).toMatchObject({ answer: '4711', verified: true, probability: 0.99 });
    expect(by('4712')).toMatchObject({ answer: '4712', verified: false, probability: 0.5 });
  });
});

describe('the sentences around a span', () => {
  it('are whole, one or several', () => {
    const text = 'It rained. The mill burned. Nobody came.';
    const said = (from: string, to = from) => {
      const { start, end } = sentencesAround(text, {
        start: text.indexOf(from),
        end: text.indexOf(to) + to.length,
      });
      return text.slice(start, end);
    };
    expect(said('mill')).toBe('The mill burned.');
    expect(said('burned', 'Nobody')).toBe('The mill burned. Nobody came.');
  });
});

describe('a question', () => {
  it('loses control characters and white space around it', () => {
    expect(cleanQuestion('\u0000 Who\u0007 built\n\tit?\u200b ')).toBe('Who built it?');
  });

  it.each(['', '  \n', '\u0000\u0001', '???', '\u200b…'])(
    'is empty where it holds no word: %j',
    (question) => {
      expect(() => cleanQuestion(question)).toThrow('The question is empty.');
    },
  );

  it('is refused in words where it is too long', () => {
    const words = Array.from({ length: 10_000 }, (_, i) => `word${i}`).join(' ');
    expect(() => cleanQuestion(words)).toThrow('The question is too long: 10000 words; ask in at most 300.');
    expect(() => cleanQuestion('x'.repeat(10_000))).toThrow('too long');
  });
});
