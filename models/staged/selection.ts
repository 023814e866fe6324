import type { Stretch } from './stretch.js';

/** Of one template as many stretches are enough. */
const OF_A_FAMILY = 2;

/** A stretch that may be chosen, with its neighbours: they help the model to read it. */
export class Candidate {
  readonly stretches: Stretch[] = [];
  #tokens = 0;

  /**
   * @param score how much the model would gain from it
   * @param family 0, or what it shares with the stretches of its template
   */
  constructor(
    readonly score: number,
    readonly family: number,
    stretches: readonly Stretch[],
  ) {
    for (const stretch of stretches) this.extend(stretch);
  }

  get start(): number {
    return this.stretches[0]!.start;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** The stretch after it. */
  extend(stretch: Stretch): void {
    this.stretches.push(stretch.kept());
    this.#tokens += stretch.tokens;
  }
}

/**
 * Keeps the candidates with the highest scores that fit a number of tokens, two of a family at most. Bounded:
 * it is thinned out whenever it holds twice as much as it may.
 */
export class Selection {
  readonly #capacity: number;

  #candidates: Candidate[] = [];
  #tokens = 0;
  #least = 0;

  /** @param capacity tokens */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** False if a candidate of this score could not stay. */
  takes(score: number): boolean {
    return score > this.#least;
  }

  add(candidate: Candidate): void {
    this.#candidates.push(candidate);
    this.#tokens += candidate.tokens;
    // Candidates grow by their neighbours after they were added; this is a bound, not a promise.
    if (this.#tokens > 2 * this.#capacity + 1000) this.#thinOut();
  }

  /** The best, up to the capacity. */
  chosen(): readonly Candidate[] {
    this.#thinOut();
    return this.#candidates;
  }

  #thinOut(): void {
    const kept: Candidate[] = [];
    const families = new Map<number, number>();
    let tokens = 0;
    let isFull = false;
    for (const candidate of this.#candidates.sort((a, b) => b.score - a.score || a.start - b.start)) {
      const { family } = candidate;
      const members = families.get(family) ?? 0;
      if (family !== 0 && members >= OF_A_FAMILY) continue;
      if (tokens + candidate.tokens > this.#capacity) {
        isFull = true;
        break;
      }
      families.set(family, members + 1);
      kept.push(candidate);
      tokens += candidate.tokens;
    }
    if (isFull) this.#least = kept.at(-1)?.score ?? this.#least;
    this.#candidates = kept;
    this.#tokens = tokens;
  }
}
