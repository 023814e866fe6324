import { TextDecoding } from '../decoded-text.js';

/** The words of a page: runs of white space are one space, tags and entities what they stand for. */
export class HtmlWords {
  readonly #text: string;

  readonly decoding: TextDecoding;
  /** What was read last ends with a space, or nothing was. */
  #isSpaced = true;

  constructor(text: string) {
    this.#text = text;

    this.decoding = new TextDecoding(text);
  }

  /** Text as it stands, such as a listing. */
  verbatim(): void {
    this.#isSpaced = false;
  }

  /** Text of a paragraph. */
  flow(start: number, end: number): void {
    const space = /[ \t\r\n\f]+/gu;
    const part = this.#text.slice(start, end);
    let reached = 0;
    for (let found = space.exec(part); found; found = space.exec(part)) {
      if (found.index > reached) this.#isSpaced = false;
      if (this.#isSpaced) this.decoding.replace(start + found.index, start + space.lastIndex, '');
      else if (found[0] !== ' ') this.decoding.replace(start + found.index, start + space.lastIndex, ' ');
      this.#isSpaced = true;
      reached = space.lastIndex;
    }
    if (reached < part.length) this.#isSpaced = false;
  }

  character(start: number, end: number, character: string): void {
    this.decoding.replace(start, end, character);
    this.#isSpaced = character === ' ';
  }

  /** A tag or what nobody reads; with `isLine` a line ends there. */
  drop(start: number, end: number, isLine: boolean): void {
    this.decoding.replace(start, end, isLine ? '\n' : '');
    if (isLine) this.#isSpaced = true;
  }
}
