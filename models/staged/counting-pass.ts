import { undecodedIn } from '../text/decode-text.js';
import { StretchCutter } from './stretches.js';
import { WordScanner } from './word-scanner.js';
import { WordCounts } from './word-surprisal.js';

/**
 * The first pass over a document: how often each word stands in it. It takes the text a piece at a time, so that
 * whoever goes over the document anyway can give it the pieces.
 */
export class CountingPass {
  readonly counts = new WordCounts();
  readonly #words = new WordScanner();
  readonly #cutter = new StretchCutter((text, from, to, _start, line, endsLine) => {
    this.#words.scan(text, from, to);
    this.counts.add(this.#words);
    this.#units += to - from;
    this.#endLine = endsLine ? line + 1 : line;
  });
  #units = 0;
  #endLine = 1;
  #undecoded = 0;

  push(piece: string): void {
    this.#undecoded += undecodedIn(piece);
    this.#cutter.push(piece);
  }

  /** The text has ended. */
  end(): void {
    this.#cutter.end();
  }

  /** UTF-16 units of the document. */
  get units(): number {
    return this.#units;
  }

  /** Characters that stand for bytes which are no UTF-8. */
  get undecoded(): number {
    return this.#undecoded;
  }

  /** Line of its end, from 1. */
  get endLine(): number {
    return this.#endLine;
  }

  /** About how many tokens it has. */
  get tokens(): number {
    return this.counts.tokens;
  }
}
