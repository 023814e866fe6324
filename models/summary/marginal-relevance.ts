import { cosine, type SparseVector } from './tf-idf.js';

/** What a sentence loses by saying again, word for word, what was taken already. */
export const REPETITION = 1;

/**
 * Takes one candidate after another, greedily: each time the one with the highest score less
 * REPETITION · (its largest cosine with those taken), of equal ones the first. That is maximal marginal relevance
 * (Carbonell and Goldstein 1998) for scores that are no cosines. It is lazy: whoever has enough stops, and since worth
 * only falls, a candidate is compared with those taken when it comes to the top, and not before.
 *
 * @param candidates indices into scores and vectors
 * @param taken indices that were taken before; they are not given again
 * @param repetition at least 0
 */
export function* byMarginalRelevance(
  candidates: Iterable<number>,
  scores: ArrayLike<number>,
  vectors: readonly SparseVector[],
  taken: readonly number[] = [],
  repetition = REPETITION,
): Generator<number, void, undefined> {
  const all = [...taken];
  const before = new Set(taken);
  const order = [...new Set(candidates)].filter((i) => !before.has(i) && scores[i]! > -Infinity);
  const heap = new WorthHeap(Float64Array.from(order, (i) => scores[i]!));
  /** Largest cosine of each with those of `all` that it was compared with, and how many these are. */
  const nearest = new Float64Array(order.length);
  const compared = new Int32Array(order.length);
  for (let best = heap.top; best !== undefined; best = heap.top) {
    const i = order[best]!;
    if (compared[best]! < all.length) {
      for (let j = compared[best]!; j < all.length; j++) {
        nearest[best] = Math.max(nearest[best]!, cosine(vectors[i]!, vectors[all[j]!]!));
      }
      compared[best] = all.length;
      heap.lower(scores[i]! - repetition * nearest[best]!);
      continue;
    }
    heap.pop();
    all.push(i);
    yield i;
  }
}

/** Numbers from 0 with a worth each: the highest is on top, of equal ones the lowest number. */
class WorthHeap {
  readonly #worth: Float64Array;

  readonly #numbers: Int32Array;
  #length: number;

  constructor(worth: Float64Array) {
    this.#worth = worth;

    this.#length = worth.length;
    this.#numbers = Int32Array.from(worth.keys());
    for (let at = (this.#length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  get top(): number | undefined {
    return this.#length > 0 ? this.#numbers[0] : undefined;
  }

  /** Gives the top a worth that is not higher. */
  lower(worth: number): void {
    this.#worth[this.#numbers[0]!] = worth;
    this.#sink(0);
  }

  pop(): void {
    this.#numbers[0] = this.#numbers[--this.#length]!;
    this.#sink(0);
  }

  #sink(at: number): void {
    const numbers = this.#numbers;
    const number = numbers[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#length) break;
      if (child + 1 < this.#length && this.#isAbove(numbers[child + 1]!, numbers[child]!)) child++;
      if (!this.#isAbove(numbers[child]!, number)) break;
      numbers[at] = numbers[child]!;
      at = child;
    }
    numbers[at] = number;
  }

  #isAbove(a: number, b: number): boolean {
    const difference = this.#worth[a]! - this.#worth[b]!;
    return difference > 0 || (difference === 0 && a < b);
  }
}
