import { termsOf } from './words.js';

/** A sparse vector of unit length: term numbers in rising order, and their weights. */
export interface SparseVector {
  readonly terms: Int32Array;
  readonly weights: Float32Array;
}

/** Cosine of two unit vectors, in [0, 1]. */
export function cosine(a: SparseVector, b: SparseVector): number {
  let sum = 0;
  for (let i = 0, j = 0; i < a.terms.length && j < b.terms.length;) {
    const difference = a.terms[i]! - b.terms[j]!;
    if (difference === 0) sum += a.weights[i++]! * b.weights[j++]!;
    else if (difference < 0) i++;
    else j++;
  }
  return sum;
}

/**
 * tf-idf vectors of texts, of unit length. Weight of a term: (1 + ln tf) · ln(1 + N / df), where N is the
 * number of texts and df in how many of them the term stands.
 */
export function tfIdf(texts: readonly string[]): SparseVector[] {
  const numbers = new Map<string, number>();
  const frequency: number[] = [];
  const counted = texts.map((text) => {
    const counts = new Map<number, number>();
    for (const term of termsOf(text)) {
      let number = numbers.get(term);
      if (number === undefined) numbers.set(term, (number = numbers.size));
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    for (const number of counts.keys()) frequency[number] = (frequency[number] ?? 0) + 1;
    return counts;
  });
  return counted.map((counts) => {
    const entries = [...counts].sort(([a], [b]) => a - b);
    const weights = entries.map(([t, tf]) => (1 + Math.log(tf)) * Math.log(1 + texts.length / frequency[t]!));
    const norm = Math.hypot(...weights) || 1;
    return {
      terms: Int32Array.from(entries, ([term]) => term),
      weights: Float32Array.from(weights, (weight) => weight / norm),
    };
  });
}

/**
 * Cosine of each vector with the sum of all of them: how much a sentence is about what the whole is about,
 * wherever it stands.
 */
export function centrality(vectors: readonly SparseVector[]): Float64Array {
  const sum = new Map<number, number>();
  for (const { terms, weights } of vectors) {
    for (let i = 0; i < terms.length; i++) sum.set(terms[i]!, (sum.get(terms[i]!) ?? 0) + weights[i]!);
  }
  let square = 0;
  for (const weight of sum.values()) square += weight * weight;
  const norm = Math.sqrt(square) || 1;
  return Float64Array.from(vectors, ({ terms, weights }) => {
    let dot = 0;
    for (let i = 0; i < terms.length; i++) dot += weights[i]! * sum.get(terms[i]!)!;
    return dot / norm;
  });
}

/** (x - mean) / standard deviation; all 0 where nothing varies. */
export function standardized(values: ArrayLike<number>): Float64Array {
  const count = values.length;
  let mean = 0;
  for (let i = 0; i < count; i++) mean += values[i]! / count;
  let variance = 0;
  for (let i = 0; i < count; i++) variance += (values[i]! - mean) ** 2 / count;
  const deviation = Math.sqrt(variance);
  return Float64Array.from(values, (value) => (deviation > 1e-12 ? (value - mean) / deviation : 0));
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein 1998): takes one candidate after another, each time the
 * one with the highest λ · score - (1 - λ) · (largest cosine with those taken).
 *
 * @param scores of the candidates, comparable with cosines
 * @returns indices in the order of being taken
 */
export function mmr(
  scores: ArrayLike<number>,
  vectors: readonly SparseVector[],
  count: number,
  lambda = 0.7,
  taken: readonly SparseVector[] = [],
): number[] {
  const nearest = vectors.map((vector) => Math.max(0, ...taken.map((other) => cosine(vector, other))));
  const chosen: number[] = [];
  const left = new Set(vectors.keys());
  while (chosen.length < count && left.size > 0) {
    let best = -1;
    let bestValue = -Infinity;
    for (const i of left) {
      const value = lambda * scores[i]! - (1 - lambda) * nearest[i]!;
      if (value > bestValue) [best, bestValue] = [i, value];
    }
    if (best < 0) break;
    left.delete(best);
    chosen.push(best);
    for (const i of left) nearest[i] = Math.max(nearest[i]!, cosine(vectors[i]!, vectors[best]!));
  }
  return chosen;
}
