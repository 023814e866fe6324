import type { Span } from '../text/span.js';

/** A part of the document that the model reads, by its offsets there: whole lines, or pieces of long ones. */
export interface Part extends Span {
  /** Line of `start`, and of `end`, from 1. */
  readonly line: number;
  readonly endLine: number;
}

/**
 * Stands between two parts: an empty line, so that no sentence goes on from one into the other. The space keeps
 * a part that ends with a lone `\r` from making `\r\n` with it.
 */
export const SEPARATOR = ' \n\n';
const SEPARATOR_LINES = 2;

/**
 * The parts of a document one after another, as the text that the model reads, and the way between offsets in
 * that text and in the document.
 */
export class StagedText {
  readonly #starts: number[] = [];
  /** (parts) line of the staged text in which each part starts. */
  readonly #lines: number[] = [];

  /** @param parts in order, apart from each other */
  constructor(readonly parts: readonly Part[]) {
    let at = 0;
    let line = 1;
    for (const part of parts) {
      this.#starts.push(at);
      this.#lines.push(line);
      at += part.end - part.start + SEPARATOR.length;
      line += part.endLine - part.line + SEPARATOR_LINES;
    }
  }

  /** (parts) where each part starts in the staged text. */
  get starts(): readonly number[] {
    return this.#starts;
  }

  /** UTF-16 units of the parts, separators not counted. */
  get units(): number {
    return this.parts.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** UTF-8 bytes (and UTF-16 units) that stand between the parts. */
  get separators(): number {
    return Math.max(0, this.parts.length - 1) * SEPARATOR.length;
  }

  /**
   * The staged text.
   *
   * @param texts (parts) what stands in each part
   */
  *pieces(texts: readonly string[]): Generator<string, void, undefined> {
    for (const [i, text] of texts.entries()) {
      if (i > 0) yield SEPARATOR;
      yield text;
    }
  }

  /**
   * A range of the staged text in the document. What reaches over several parts is cut down to the one that
   * holds most of it; `from` and `to` are the staged offsets of what is left.
   */
  toDocument(start: number, end: number): { start: number; end: number; from: number; to: number } {
    let best = this.#partAt(start);
    let most = -1;
    for (let i = best; i < this.parts.length && (i === best || this.#starts[i]! < end); i++) {
      const overlap = Math.min(end, this.#endOf(i)) - Math.max(start, this.#starts[i]!);
      if (overlap > most) [best, most] = [i, overlap];
    }
    const part = this.parts[best];
    if (!part) return { start: 0, end: 0, from: 0, to: 0 };
    const clip = (offset: number) => Math.max(this.#starts[best]!, Math.min(offset, this.#endOf(best)));
    const from = clip(start);
    const to = clip(end);
    const shift = part.start - this.#starts[best]!;
    return { start: from + shift, end: to + shift, from, to };
  }

  /** The line of the document (from 1) for a line of the staged text in which `offset` of it lies. */
  lineOf(offset: number, stagedLine: number): number {
    const index = this.#partAt(offset);
    const part = this.parts[index];
    return part ? Math.min(part.endLine, part.line + Math.max(0, stagedLine - this.#lines[index]!)) : 1;
  }

  /** The ranges of the staged text that lie in a range of the document. */
  fromDocument(start: number, end: number): Span[] {
    return this.parts.flatMap((part, i) => {
      const from = Math.max(start, part.start);
      const to = Math.min(end, part.end);
      const shift = this.#starts[i]! - part.start;
      return from < to ? [{ start: from + shift, end: to + shift }] : [];
    });
  }

  #endOf(index: number): number {
    const { start, end } = this.parts[index]!;
    return this.#starts[index]! + end - start;
  }

  /** The last part that starts at or before a staged offset. */
  #partAt(offset: number): number {
    let index = 0;
    for (let high = this.parts.length; index + 1 < high;) {
      const middle = (index + high) >>> 1;
      if (this.#starts[middle]! <= offset) index = middle;
      else high = middle;
    }
    return index;
  }
}
