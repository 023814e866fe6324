import { Growable, partitionPoint } from '../../models/text/growable.js';
import { StretchCutter } from '../../models/staged/stretches.js';
import { utf8Length } from '../../models/text/utf8-length.js';
import type { ShownRow } from '../protocol/large-file.js';

const LINE_END = /\r\n$|[\r\n]$/;

/**
 * Where the rows of a text are: 12 bytes a row. The text streams by once and is not kept; rows are read from
 * its bytes.
 */
export class RowIndex {
  readonly #starts = new Growable((n) => new Uint32Array(n));
  readonly #bytes = new Growable((n) => new Uint32Array(n));
  readonly #lines = new Growable((n) => new Uint32Array(n));
  #byte: number;
  #units = 0;
  readonly #cutter = new StretchCutter((text, from, to, start, line, endsLine) => {
    this.#starts.push(start);
    this.#bytes.push(this.#byte);
    this.#lines.push(line);
    this.#byte += utf8Length(text.slice(from, to));
    this.#units += to - from;
    this.#endsLine = endsLine;
  });
  #endsLine = false;

  /** @param byteOrderMark bytes before the text: 3 or 0 */
  constructor(byteOrderMark = 0) {
    this.#byte = byteOrderMark;
  }

  append(piece: string): void {
    this.#cutter.push(piece);
  }

  end(): void {
    this.#cutter.end();
    // As in the editor, what follows the last line end is a line, if an empty one.
    if (this.length > 0 && !this.#endsLine) return;
    this.#starts.push(this.#units);
    this.#bytes.push(this.#byte);
    this.#lines.push(this.#lines.length === 0 ? 1 : this.#lines.get(this.#lines.length - 1) + 1);
  }

  /** Number of rows. */
  get length(): number {
    return this.#starts.length;
  }

  /** Number of lines. */
  get lines(): number {
    return this.length === 0 ? 0 : this.#lines.get(this.length - 1);
  }

  /** The rows [from, from + count), as far as there are any; `bytes` are those of the file. */
  read(bytes: Uint8Array, from: number, count: number): ShownRow[] {
    const first = Math.max(0, from);
    const last = Math.min(this.length, from + count);
    if (first >= last) return [];
    const end = last < this.length ? this.#bytes.get(last) : this.#byte;
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const text = decoder.decode(bytes.subarray(this.#bytes.get(first), end));
    const base = this.#starts.get(first);
    return Array.from({ length: last - first }, (_, i): ShownRow => {
      const row = first + i;
      const start = this.#starts.get(row);
      const next = row + 1 < last ? this.#starts.get(row + 1) : base + text.length;
      const line = this.#lines.get(row);
      return {
        text: text.slice(start - base, next - base).replace(LINE_END, ''),
        start,
        line,
        startsLine: row === 0 || this.#lines.get(row - 1) !== line,
      };
    });
  }

  /** Offset of a place of the editor: line and character from 0. */
  offsetOf({ line, character }: { readonly line: number; readonly character: number }): number {
    const row = partitionPoint(this.length, (i) => this.#lines.get(i) < line + 1);
    return Math.min(this.#units, (row < this.length ? this.#starts.get(row) : this.#units) + character);
  }

  /** The row that holds an offset. */
  rowAt(offset: number): number {
    return Math.max(0, partitionPoint(this.length, (i) => this.#starts.get(i) <= offset) - 1);
  }
}
