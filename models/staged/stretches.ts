/** UTF-16 units after which a line is cut into several stretches, so that a line of 10 MB is many of them. */
export const LONGEST_STRETCH = 1000;
/** UTF-16 units of the longest line end, which a stretch may have besides. */
const LINE_END = 2;

/**
 * A line of the document with its end, or a piece of a long one: `text.slice(from, to)`, which stands at
 * `start` (UTF-16 units) of the document, in `line` (from 1). `endsLine` says that a line end belongs to it.
 */
export type VisitStretch = (
  text: string,
  from: number,
  to: number,
  start: number,
  line: number,
  endsLine: boolean,
) => void;

/**
 * Cuts a text that arrives in pieces into stretches, independent of how it was cut into pieces. Lines end as in
 * the editor: with `\n`, `\r\n` or a lone `\r`. A long line is cut behind white space where there is some, and
 * never inside a surrogate pair.
 */
export class StretchCutter {
  readonly #visit: VisitStretch;

  #held = '';
  #offset = 0;
  #line = 1;

  constructor(visit: VisitStretch) {
    this.#visit = visit;
  }

  push(piece: string): void {
    this.#held = this.#cut(this.#held + piece, false);
  }

  /** The text has ended. */
  end(): void {
    this.#held = this.#cut(this.#held, true);
  }

  /** Hands out what is certain, and returns the rest. */
  #cut(text: string, isEnd: boolean): string {
    let at = 0;
    let feed = text.indexOf('\n');
    let carriage = text.indexOf('\r');
    while (at < text.length) {
      if (feed >= 0 && feed < at) feed = text.indexOf('\n', at);
      if (carriage >= 0 && carriage < at) carriage = text.indexOf('\r', at);
      let to = feed < 0 ? Infinity : feed + 1;
      if (carriage >= 0 && carriage < to) {
        // Whether it is half of `\r\n` is known when the next unit is there.
        if (carriage + 1 === text.length && !isEnd) to = Infinity;
        else to = text.charCodeAt(carriage + 1) === 0x0a ? carriage + 2 : carriage + 1;
      }
      // Only what is longer whatever comes next is cut, so that pieces make no difference.
      const isLong = Math.min(to, text.length) - at > LONGEST_STRETCH + LINE_END;
      if (isLong) to = cutOf(text, at);
      else if (to === Infinity && !isEnd) break;
      const isCut = isLong || to === Infinity;
      to = Math.min(to, text.length);
      this.#give(text, at, to, !isCut);
      at = to;
    }
    return text.slice(at);
  }

  #give(text: string, from: number, to: number, endsLine: boolean): void {
    this.#visit(text, from, to, this.#offset, this.#line, endsLine);
    this.#offset += to - from;
    if (endsLine) this.#line++;
  }
}

/** Where a long line is cut that goes on at `at`: behind the last white space in the second half, if any. */
function cutOf(text: string, at: number): number {
  const last = at + LONGEST_STRETCH;
  for (let i = last; i > at + LONGEST_STRETCH / 2; i--) {
    const unit = text.charCodeAt(i - 1);
    if (unit === 0x20 || unit === 0x09) return i;
  }
  const isPair =
    (text.charCodeAt(last - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(last) & 0xfc00) === 0xdc00;
  return isPair ? last - 1 : last;
}
