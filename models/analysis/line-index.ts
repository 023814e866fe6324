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
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 0x0a) {
        // The second half of `\r\n` belongs to the same line end.
        if (this.#afterReturn) this.#starts.truncate(this.#starts.length - 1);
        this.#starts.push(this.#length + i + 1);
      } else if (unit === 0x0d) {
        this.#starts.push(this.#length + i + 1);
      }
      this.#afterReturn = unit === 0x0d;
    }
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
