import type { Part } from './staged-text.js';

/** A line of the document, or a piece of a long one, that the model may be given to read. */
export class Stretch implements Part {
  #text: string;
  #isCopied = false;

  /**
   * @param start UTF-16 offset in the document
   * @param line of `start`, from 1
   * @param endLine of the end
   * @param tokens about how many it has
   * @param text which stands there
   */
  constructor(
    readonly start: number,
    readonly line: number,
    readonly endLine: number,
    readonly tokens: number,
    text: string,
  ) {
    this.#text = text;
  }

  get end(): number {
    return this.start + this.#text.length;
  }

  get text(): string {
    return this.#text;
  }

  /** The same with a copy of its text: a slice would hold the whole piece of the file that it was cut from. */
  kept(): this {
    if (!this.#isCopied) this.#text = copyOf(this.#text);
    this.#isCopied = true;
    return this;
  }
}

/** A slice of what was joined is of the joined string, which is little longer. */
function copyOf(text: string): string {
  return ` ${text}`.slice(1);
}
