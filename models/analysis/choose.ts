import { cosine, type SparseVector } from './salience.js';

/** What a sentence loses by saying again, word for word, what was taken already. */
export const REPETITION = 1;

/**
 * Takes one candidate after another, greedily: each time the one with the highest score less
 * REPETITION · (its largest cosine with those taken), which is maximal marginal relevance (Carbonell and
 * Goldstein 1998) for scores that are no cosines. It is lazy: whoever has enough stops.
 *
 * @param candidates indices into scores and vectors
 * @param taken indices that were taken before; they are not given again
 */
export function* chosen(
  candidates: Iterable<number>,
  scores: ArrayLike<number>,
  vectors: readonly SparseVector[],
  taken: readonly number[] = [],
  repetition = REPETITION,
): Generator<number, void, undefined> {
  const left = new Map<number, number>();
  for (const i of candidates) {
    if (!taken.includes(i)) left.set(i, Math.max(0, ...taken.map((j) => cosine(vectors[i]!, vectors[j]!))));
  }
  while (left.size > 0) {
    let best = -1;
    let value = -Infinity;
    for (const [i, nearest] of left) {
      const worth = scores[i]! - repetition * nearest;
      if (worth > value) [best, value] = [i, worth];
    }
    if (best < 0) return;
    left.delete(best);
    yield best;
    for (const [i, nearest] of left) left.set(i, Math.max(nearest, cosine(vectors[i]!, vectors[best]!)));
  }
}
