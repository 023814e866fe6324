import { describe, expect, it } from 'vitest';
import {
  FEATURES,
  parseCalibration,
  UNCALIBRATED,
  type Features,
} from '../../../models/memmamba/calibration.js';
import { f1, holdsHalf, isExact } from '../../eval/answer-scores.js';
import { crossFitted, fitLogistic, pointOf, probability, reliability } from '../../eval/fit-probability.js';
import { generator } from '../../eval/statistics.js';

const zero = Object.fromEntries(FEATURES.map((name) => [name, 0])) as unknown as Features;

/** Answers that are right with the probability σ(2 share - lead). */
function made(count: number) {
  const random = generator(3);
  return Array.from({ length: count }, (_, i) => {
    const features = { ...zero, share: 4 * random() - 2, lead: 2 * random() - 1 };
    const p = 1 / (1 + Math.exp(features.lead - 2 * features.share));
    return { features, isRight: random() < p, p, document: i >> 2 };
  });
}

describe('the fit of a probability', () => {
  const answers = made(4000);

  it('finds the weights that the answers were made with', () => {
    const fit = fitLogistic(answers);
    expect(fit.weights.share).toBeCloseTo(2, 0);
    expect(fit.weights.lead).toBeCloseTo(-1, 0);
    expect(Math.abs(fit.bias)).toBeLessThan(0.2);
    for (const { features, p } of answers.slice(0, 50))
      expect(Math.abs(probability(fit, features) - p)).toBeLessThan(0.06);
  });

  it('is reliable on documents that it was not made with', () => {
    const rows = crossFitted(answers).map((p, i) => ({ probability: p, isRight: answers[i]!.isRight }));
    for (const { n, said, right } of reliability(rows)) {
      expect(n).toBe(500);
      expect(Math.abs(said - right)).toBeLessThan(0.08);
    }
  });

  it('finds the lowest point above which nine of ten are right, or says that there is none', () => {
    const rows = answers.map(({ p, isRight }) => ({ probability: p, isRight }));
    const point = pointOf(rows, 0.9)!;
    const above = rows.filter((row) => row.probability >= point);
    expect(above.filter(({ isRight }) => isRight).length / above.length).toBeGreaterThanOrEqual(0.9);
    expect(above.length).toBeGreaterThan(200);
    expect(
      pointOf(
        rows.map((row) => ({ ...row, isRight: false })),
        0.9,
      ),
    ).toBeUndefined();
    expect(
      pointOf(
        rows.slice(0, 10).map((row) => ({ ...row, isRight: true })),
        0.9,
      ),
    ).toBeUndefined();
  });
});

describe('the scores of an answer', () => {
  it('leave case, articles and punctuation aside', () => {
    expect(isExact('The “old” Mill.', 'old mill')).toBe(true);
    expect(isExact('old mills', 'old mill')).toBe(false);
    expect(f1('the old mill', 'a mill')).toBeCloseTo(2 / 3, 6);
    expect(f1('a river', 'the mill')).toBe(0);
    expect(f1('mill mill', 'mill')).toBeCloseTo(2 / 3, 6);
  });

  it('count a passage that holds half of the shorter of the two ranges', () => {
    expect(holdsHalf({ start: 0, end: 100 }, [{ start: 95, end: 105 }])).toBe(true);
    expect(holdsHalf({ start: 0, end: 100 }, [{ start: 96, end: 106 }])).toBe(false);
    expect(holdsHalf({ start: 0, end: 10 }, [{ start: 5, end: 500 }])).toBe(true);
    expect(holdsHalf({ start: 0, end: 10 }, [{ start: 10, end: 20 }])).toBe(false);
  });
});

describe('a calibration file', () => {
  it('is read as it was written', () => {
    expect(parseCalibration(JSON.parse(JSON.stringify(UNCALIBRATED)))).toEqual(UNCALIBRATED);
  });

  it.each([
    [{}, 'passages.vectors'],
    [{ ...UNCALIBRATED, verified: 'often' }, 'verified'],
    [{ ...UNCALIBRATED, probability: { bias: 1, weights: {} } }, 'probability.weights.share'],
    [null, 'passages.vectors'],
  ])('names what is missing', (value, name) => {
    expect(() => parseCalibration(value)).toThrow(`calibration.json: "${name}" must be a number.`);
  });
});
