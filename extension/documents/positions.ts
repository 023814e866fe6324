import { LineIndex } from '../../models/text/line-index.js';
import type { TextPosition } from './fragment.js';

/** Turns offsets into places of the editor, for a text that streams by and is not kept. */
export class Positions {
  readonly #lines = new LineIndex();
  #length = 0;

  /** Takes the next piece of the text. */
  append(piece: string): void {
    this.#lines.append(piece);
    this.#length += piece.length;
  }

  /** Offsets beyond the text give its end. */
  at(offset: number): TextPosition {
    const clamped = Math.max(0, Math.min(offset, this.#length));
    const line = this.#lines.lineOf(clamped);
    return { line: line - 1, character: clamped - this.#lines.startOf(line) };
  }

  /** The inverse of {@link at}; places beyond the text give its end. */
  offsetOf({ line, character }: TextPosition): number {
    if (line >= this.#lines.lines) return this.#length;
    const next = line + 1 < this.#lines.lines ? this.#lines.startOf(line + 2) : this.#length;
    return Math.min(this.#lines.startOf(line + 1) + character, next);
  }
}
