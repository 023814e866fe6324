import { partitionPoint } from '../text/growable.js';
import { LineIndex } from '../text/line-index.js';

/** The text of a document as it was read, with its lines; grows by appending. Offsets are UTF-16 code units. */
export class DocumentText {
  readonly #pieces: string[] = [];
  readonly #starts: number[] = [];
  #length = 0;
  #joined: string | undefined;
  readonly lines = new LineIndex();

  get length(): number {
    return this.#length;
  }

  append(piece: string): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#starts.push(this.#length);
    this.#length += piece.length;
    this.#joined = undefined;
    this.lines.append(piece);
  }

  /** Forgets the text from `length` on. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    const index = partitionPoint(this.#starts.length, (i) => this.#starts[i]! < length);
    const last = this.slice(this.#starts[index - 1] ?? 0, length);
    this.#pieces.length = index;
    this.#starts.length = index;
    if (index > 0) this.#pieces[index - 1] = last;
    this.#length = length;
    this.#joined = undefined;
    this.lines.truncate(length, last.endsWith('\r'));
  }

  /** The text in [start, end), clipped to what there is. */
  slice(start: number, end: number): string {
    const from = Math.max(0, start);
    const to = Math.min(this.#length, end);
    if (from >= to) return '';
    let index = partitionPoint(this.#starts.length, (i) => this.#starts[i]! <= from) - 1;
    let text = '';
    for (let at = from; at < to; index++) {
      const base = this.#starts[index]!;
      text += this.#pieces[index]!.slice(at - base, to - base);
      at = base + this.#pieces[index]!.length;
    }
    return text;
  }

  /** The text from its start, piece by piece. */
  async *pieces(): AsyncGenerator<string, void, undefined> {
    for (const piece of this.#pieces) yield await Promise.resolve(piece);
  }

  /** The whole text as one string, made once. */
  toString(): string {
    this.#joined ??= this.#pieces.join('');
    return this.#joined;
  }
}
