import type { Part } from './staged-text.js';

/** Of one template as many stretches are enough. */
const OF_A_FAMILY = 2;

/** A stretch with its neighbours, and how much the model would gain from it. */
export interface Candidate extends Part {
  readonly score: number;
  /** 0, or what it shares with the stretches of its template. */
  readonly family: number;
  readonly tokens: number;
}

/**
 * Keeps the candidates with the highest scores that fit a number of tokens, two of a family at most. Bounded:
 * it is thinned out whenever it holds twice as much as it may.
 */
export class Selection {
  #candidates: Candidate[] = [];
  #tokens = 0;
  #least = 0;

  /** @param capacity tokens */
  constructor(private readonly capacity: number) {}

  /** False if a candidate of this score could not stay. */
  takes(score: number): boolean {
    return score > this.#least;
  }

  add(candidate: Candidate): void {
    this.#candidates.push(candidate);
    this.#tokens += candidate.tokens;
    // Candidates grow by their neighbours after they were added; this is a bound, not a promise.
    if (this.#tokens > 2 * this.capacity + 1000) this.#thinOut();
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
      if (tokens + candidate.tokens > this.capacity) {
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

/** Parts in order; those that touch or overlap become one. */
export function joined(parts: readonly Part[]): Part[] {
  const out: { start: number; end: number; line: number; endLine: number }[] = [];
  for (const { start, end, line, endLine } of [...parts].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = out.at(-1);
    if (!last || start > last.end) {
      out.push({ start, end, line, endLine });
    } else if (end > last.end) {
      last.end = end;
      last.endLine = endLine;
    }
  }
  return out;
}
