import { FEATURES, type Features } from '../../models/memmamba/calibration.js';

/** An answer's features, and whether it was right. */
export interface Judged {
  readonly features: Features;
  readonly isRight: boolean;
}

export interface Logistic {
  readonly bias: number;
  readonly weights: Features;
}

/** Weight of the penalty on the squared weights of normed features, in answers. */
const RIDGE = 2;
const STEPS = 25;
/** Answers above a point below which its share of right ones says nothing. */
const ENOUGH = 20;

/** Logistic regression with a penalty on the weights, by Newton's method. */
export function fitLogistic(judged: readonly Judged[]): Logistic {
  const scales = FEATURES.map((name) => scaleOf(judged.map(({ features }) => features[name])));
  // The last column is the bias, which has no penalty.
  const rows = judged.map(({ features }) => [
    ...FEATURES.map((name, i) => (features[name] - scales[i]!.mean) / scales[i]!.deviation),
    1,
  ]);
  let weights = [...FEATURES.map(() => 0), 0];
  for (let step = 0; step < STEPS; step++) {
    const slope = weights.map((weight, i) => (i < FEATURES.length ? RIDGE * weight : 0));
    const curve = weights.map((_, i) =>
      weights.map((__, k) => (i !== k ? 0 : i < FEATURES.length ? RIDGE : 1e-9)),
    );
    for (const [i, row] of rows.entries()) {
      const p = sigmoid(row.reduce((sum, x, f) => sum + x * weights[f]!, 0));
      const error = p - Number(judged[i]!.isRight);
      for (const [f, x] of row.entries()) {
        slope[f]! += error * x;
        for (const [g, y] of row.entries()) curve[f]![g]! += p * (1 - p) * x * y;
      }
    }
    const change = solved(curve, slope);
    weights = weights.map((weight, i) => weight - change[i]!);
  }
  const own = FEATURES.map((_, i) => weights[i]! / scales[i]!.deviation);
  return {
    bias: weights.at(-1)! - own.reduce((sum, weight, i) => sum + weight * scales[i]!.mean, 0),
    weights: Object.fromEntries(FEATURES.map((name, i) => [name, own[i]!])) as unknown as Features,
  };
}

/** x of A x = b by elimination; A is positive definite. */
function solved(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  for (const [i, pivot] of rows.entries()) {
    for (const [k, row] of rows.entries()) {
      if (k === i) continue;
      const factor = row[i]! / pivot[i]!;
      for (let column = i; column < row.length; column++) row[column]! -= factor * pivot[column]!;
    }
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}

export function probability({ bias, weights }: Logistic, features: Features): number {
  return sigmoid(FEATURES.reduce((sum, name) => sum + weights[name] * features[name], bias));
}

/** Each answer's probability by a fit to the answers of other documents: `folds` parts, a document in one of them. */
export function crossFitted(
  judged: readonly (Judged & { readonly document: number })[],
  folds = 5,
): number[] {
  const fits = Array.from({ length: folds }, (_, fold) =>
    fitLogistic(judged.filter(({ document }) => document % folds !== fold)),
  );
  return judged.map(({ document, features }) => probability(fits[document % folds]!, features));
}

/** The lowest probability from which on `share` of the answers are right; undefined where there is none. */
export function pointOf(
  rows: readonly { readonly probability: number; readonly isRight: boolean }[],
  share: number,
): number | undefined {
  const sorted = rows.toSorted((a, b) => b.probability - a.probability);
  let right = 0;
  let point: number | undefined;
  for (const [i, row] of sorted.entries()) {
    right += Number(row.isRight);
    const isLast = sorted[i + 1]?.probability !== row.probability;
    if (isLast && i + 1 >= ENOUGH && right / (i + 1) >= share) point = row.probability;
  }
  return point;
}

/** Mean probability and share of right answers of `bins` groups of equal size, rising. */
export function reliability(
  rows: readonly { readonly probability: number; readonly isRight: boolean }[],
  bins = 8,
): { readonly n: number; readonly said: number; readonly right: number }[] {
  const sorted = rows.toSorted((a, b) => a.probability - b.probability);
  return Array.from({ length: bins }, (_, bin) => {
    const own = sorted.slice(
      Math.round((bin * sorted.length) / bins),
      Math.round(((bin + 1) * sorted.length) / bins),
    );
    const mean = (of: (row: (typeof own)[number]) => number) =>
      own.reduce((sum, row) => sum + of(row), 0) / Math.max(1, own.length);
    return { n: own.length, said: mean((row) => row.probability), right: mean((row) => Number(row.isRight)) };
  });
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function scaleOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  return { mean, deviation: Math.max(1e-6, Math.sqrt(variance)) };
}
