import { distinct, sentencesWith, termsOfSentences } from './sentence-terms.js';

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
export function tfIdf(texts: readonly string[], terms = termsOfSentences(texts)): SparseVector[] {
  const sets = distinct(terms);
  const rarity = Float64Array.from(sentencesWith(sets, terms.count), (df) => Math.log(1 + texts.length / df));
  const tf = new Int32Array(terms.count);
  return sets.map((set, i) => {
    for (const term of terms.lists[i]!) tf[term]!++;
    set.sort();
    const weights = Array.from(set, (term) => (1 + Math.log(tf[term]!)) * rarity[term]!);
    for (const term of set) tf[term] = 0;
    const norm = Math.hypot(...weights) || 1;
    return { terms: set, weights: Float32Array.from(weights, (weight) => weight / norm) };
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
