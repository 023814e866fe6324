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
