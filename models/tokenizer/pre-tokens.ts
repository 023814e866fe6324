/**
 * Cuts a stream of text into pre-tokens, independent of how the stream was cut into pieces.
 *
 * The pattern's quantifiers are bounded (`{1,63}`), so whether and where a pre-token that starts at p ends is
 * decided by the next `LOOK_AHEAD` UTF-16 code units at most. Matches that start closer than that to the end
 * of what has arrived are held back until more text or the end comes.
 */

/**
 * Units a match may look at: a space, 63 code points of two units each, and one code point of look-ahead
 * are 129; rounded up.
 */
export const LOOK_AHEAD = 160;

/** Units that are cut at a time; a bound on the copy made when a piece is appended to what was held back. */
const BLOCK = 1 << 16;

/**
 * The pattern of `tokenizer.json` as a sticky regular expression.
 *
 * @throws if the pattern has an unbounded quantifier, since then no look-ahead would be enough.
 */
export function compilePattern(pattern: string): RegExp {
  const withoutEscapesAndClasses = pattern
    .replace(/\\(?:[pP]\{[^}]*\}|.)/gu, 'x')
    .replace(/\[[^\]]*\]/gu, 'x');
  if (/[*+]|\{\d+,\}/u.test(withoutEscapesAndClasses)) {
    throw new Error(
      'The tokenizer’s Split pattern has an unbounded quantifier (*, + or {n,}); text cannot be cut as a stream with it.',
    );
  }
  for (const [, most] of withoutEscapesAndClasses.matchAll(/\{\d+,(\d+)\}/gu)) {
    if (Number(most) > 63) {
      throw new Error(`The tokenizer’s Split pattern repeats up to ${most} times; at most 63 is supported.`);
    }
  }
  return new RegExp(pattern, 'yu');
}

/** Push text in, get whole pre-tokens out. One cutter a document. */
export class PreTokenCutter {
  readonly #pattern: RegExp;
  #held = '';

  /** @param pattern from {@link compilePattern} */
  constructor(pattern: RegExp) {
    this.#pattern = new RegExp(pattern);
  }

  /** Appends text and passes every pre-token that can no longer change to `emit`. */
  push(text: string, emit: (preToken: string) => void): void {
    for (let at = 0; at < text.length; at += BLOCK) {
      this.#held += text.slice(at, at + BLOCK);
      this.#cut(this.#held.length - LOOK_AHEAD, emit);
    }
  }

  /** The text has ended: passes on what was held back. */
  end(emit: (preToken: string) => void): void {
    this.#cut(this.#held.length, emit);
  }

  /** Emits the matches that start before `limit`. */
  #cut(limit: number, emit: (preToken: string) => void): void {
    const text = this.#held;
    const pattern = this.#pattern;
    let start = 0;
    while (start < limit) {
      pattern.lastIndex = start;
      // A test makes no array of what matched; it leaves behind where the match ends.
      const matched = pattern.test(text) ? pattern.lastIndex : start;
      // What the pattern does not match stands alone, character by character, as the library has it.
      const end = matched > start ? matched : start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
      emit(text.slice(start, end));
      start = end;
    }
    if (start > 0) this.#held = text.slice(start);
  }
}
