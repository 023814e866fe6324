import { Growable, partitionPoint } from './growable.js';

/**
 * Where each line of the document starts, in UTF-16 code units. A line ends with `\n`, `\r\n` or a lone `\r`,
 * as in the editor; 4 bytes a line.
 */
export class LineIndex {
  readonly #starts = new Growable((n) => new Uint32Array(n));
  #length = 0;
  #afterReturn = false;

  constructor() {
    this.#starts.push(0);
  }

  /** Lines so far; an empty document has one. */
  get lines(): number {
    return this.#starts.length;
  }

  /** The document goes on with `text`. */
  append(text: string): void {
    // The second half of `\r\n` belongs to the same line end.
    if (this.#afterReturn && text.startsWith('\n')) this.#starts.truncate(this.#starts.length - 1);
    // The engine's search for a character is many times as fast as a look at each.
    let feed = text.indexOf('\n');
    let carriage = text.indexOf('\r');
    while (feed >= 0 || carriage >= 0) {
      const isFeed = carriage < 0 || (feed >= 0 && feed <= carriage + 1);
      const end = (isFeed ? feed : carriage) + 1;
      this.#starts.push(this.#length + end);
      if (carriage >= 0 && carriage < end) carriage = text.indexOf('\r', end);
      if (isFeed) feed = text.indexOf('\n', end);
    }
    if (text.length > 0) this.#afterReturn = text.endsWith('\r');
    this.#length += text.length;
  }

  /** Forgets the text from `length` on; `afterReturn`: what is left ends with `\r`. */
  truncate(length: number, afterReturn: boolean): void {
    this.#starts.truncate(partitionPoint(this.#starts.length, (i) => this.#starts.get(i) <= length));
    // Between the halves of `\r\n` a line starts that did not start there before.
    if (afterReturn && this.#starts.get(this.#starts.length - 1) !== length) this.#starts.push(length);
    this.#length = length;
    this.#afterReturn = afterReturn;
  }

  /** The line that holds the code unit at `offset`, counted from 1. */
  lineOf(offset: number): number {
    return Math.max(
      1,
      partitionPoint(this.#starts.length, (i) => this.#starts.get(i) <= offset),
    );
  }

  /** Offset of the first code unit of `line` (from 1). */
  startOf(line: number): number {
    if (line < 1 || line > this.lines)
      throw new RangeError(`There is no line ${line}; there are ${this.lines}.`);
    return this.#starts.get(line - 1);
  }
}
