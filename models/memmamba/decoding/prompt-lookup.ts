/** Token positions around a place in which a draft may begin. */
const REACH = 48;
/** Tokens at the end of what was said that are looked for, at most. */
const LONGEST_MATCH = 3;
/** Tokens of a first draft; each that was right to its end makes the next twice as long. */
const FIRST_DRAFT = 7;
const LONGEST_DRAFT = 28;

/** Tokens that were read, by position. */
export interface ReadTokens {
  readonly length: number;
  /** Ids of the tokens in [from, to). */
  readonly ids: (from: number, to: number) => Uint32Array;
}

/**
 * Drafts what is said next out of what was read, for an answer is mostly a copy of it. The last tokens said are looked
 * for near the places that the model looked at, and what follows them there is the draft. That is prompt lookup
 * decoding (Saxena 2023, https://github.com/apoorvumang/prompt-lookup-decoding), at the evidence in place of the whole
 * prompt.
 */
export class PromptLookup {
  readonly #read: ReadTokens;
  readonly #isEnd: (id: number) => boolean;

  /** Tokens said when the last draft was made, and that draft. */
  #from = 0;
  #last: Uint32Array = new Uint32Array(0);
  #length = FIRST_DRAFT;
  /** Tokens that must match: one more for each draft of which nothing was right, until there are no drafts. */
  #needed = 1;

  /** @param isEnd true of a token that ends an answer: no draft goes beyond it */
  constructor(read: ReadTokens, isEnd: (id: number) => boolean) {
    this.#read = read;
    this.#isEnd = isEnd;
  }

  /** @param places token positions, best first */
  draft(said: readonly number[], places: readonly number[]): Uint32Array {
    this.#adapt(said);
    this.#from = said.length;
    return (this.#last = this.#find(said, places));
  }

  #adapt(said: readonly number[]): void {
    if (this.#last.length === 0) return;
    const wrong = this.#last.findIndex((id, i) => id !== said[this.#from + i]);
    this.#length = wrong < 0 ? Math.min(LONGEST_DRAFT, 2 * this.#length) : FIRST_DRAFT;
    if (wrong === 0) this.#needed++;
  }

  /** What follows the longest match at the best place that has one; there the one that is nearest. */
  #find(said: readonly number[], places: readonly number[]): Uint32Array {
    for (let count = Math.min(said.length, LONGEST_MATCH); count >= this.#needed; count--) {
      const match = said.slice(-count);
      for (const place of places) {
        const base = Math.max(0, place - REACH);
        const ids = this.#read.ids(base, Math.min(this.#read.length, place + REACH + this.#length));
        let best = -1;
        for (let end = count; end < ids.length; end++) {
          if (!match.every((id, i) => ids[end - count + i] === id)) continue;
          if (best < 0 || Math.abs(base + end - place) < Math.abs(base + best - place)) best = end;
        }
        if (best < 0) continue;
        const draft = ids.slice(best, best + this.#length);
        const end = draft.findIndex((id) => this.#isEnd(id));
        if (end !== 0) return end < 0 ? draft : draft.slice(0, end);
      }
    }
    return new Uint32Array(0);
  }
}
