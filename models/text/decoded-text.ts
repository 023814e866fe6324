import { Growable, partitionPoint } from './growable.js';
import type { Span } from './span.js';

/**
 * A text as it is read: markup left out, and what is encoded (entities, escapes, quoted-printable, strings of a
 * notebook) in the characters that it stands for. A map leads from every unit to its range in the source and back;
 * where nothing is encoded the two texts are equal.
 *
 * It is a list of edits: source units [start, end) are replaced by decoded units [from, to), either of which may be
 * empty; between two edits both texts run alike. 16 bytes an edit.
 */
export class DecodedText {
  readonly #starts: Growable<Uint32Array>;
  readonly #ends: Growable<Uint32Array>;
  readonly #froms: Growable<Uint32Array>;
  readonly #tos: Growable<Uint32Array>;

  /** @param outer what this text's source was decoded from, where that is not the source itself */
  constructor(
    readonly text: string,
    edits: Edits,
    readonly outer?: DecodedText,
  ) {
    this.#starts = edits.starts;
    this.#ends = edits.ends;
    this.#froms = edits.froms;
    this.#tos = edits.tos;
  }

  /** A text that is read as it is. */
  static same(text: string): DecodedText {
    return new DecodedText(text, noEdits());
  }

  get edits(): number {
    return this.#starts.length;
  }

  /** An edit by its number: source units [start, end) and what stands for them. */
  edit(index: number): Span & { readonly instead: string } {
    return {
      start: this.#starts.get(index),
      end: this.#ends.get(index),
      instead: this.text.slice(this.#froms.get(index), this.#tos.get(index)),
    };
  }

  /** The smallest source range of the decoded units [start, end); markup around them is not in it. */
  toSource(start: number, end: number): Span {
    if (this.#starts.length === 0 && !this.outer) return { start, end };
    const from = this.#sourceOf(start, false);
    const span = { start: from, end: end > start ? this.#sourceOf(end - 1, true) : from };
    return this.outer ? this.outer.toSource(span.start, span.end) : span;
  }

  /** The decoded range of the source units [start, end); what is touched in part is in it whole. */
  fromSource(start: number, end: number): Span {
    if (this.#starts.length === 0 && !this.outer) return { start, end };
    const own = this.outer ? this.outer.fromSource(start, end) : { start, end };
    const from = this.#decodedOf(own.start, false);
    return { start: from, end: Math.max(from, this.#decodedOf(own.end, true)) };
  }

  /** What is read of a range of the source. */
  shown(start: number, end: number): string {
    if (this.#starts.length === 0 && !this.outer) return this.text.slice(start, end);
    const span = this.fromSource(start, end);
    return this.text.slice(span.start, span.end);
  }

  /** Where the source of a decoded unit begins, or ends. */
  #sourceOf(unit: number, isEnd: boolean): number {
    const index = partitionPoint(this.#froms.length, (i) => this.#froms.get(i) <= unit) - 1;
    if (index < 0) return isEnd ? unit + 1 : unit;
    const to = this.#tos.get(index);
    if (unit < to) return isEnd ? this.#ends.get(index) : this.#starts.get(index);
    return this.#ends.get(index) + unit - to + (isEnd ? 1 : 0);
  }

  #decodedOf(offset: number, isEnd: boolean): number {
    const index =
      partitionPoint(this.#starts.length, (i) =>
        isEnd ? this.#starts.get(i) < offset : this.#starts.get(i) <= offset,
      ) - 1;
    if (index < 0) return offset;
    const end = this.#ends.get(index);
    if (isEnd ? offset <= end : offset < end) return isEnd ? this.#tos.get(index) : this.#froms.get(index);
    return this.#tos.get(index) + offset - end;
  }
}

/** The edits of a text: (edits) source units [starts, ends), decoded units [froms, tos), all rising. */
interface Edits {
  readonly starts: Growable<Uint32Array>;
  readonly ends: Growable<Uint32Array>;
  readonly froms: Growable<Uint32Array>;
  readonly tos: Growable<Uint32Array>;
}

function noEdits(): Edits {
  const numbers = () => new Growable((n) => new Uint32Array(n));
  return { starts: numbers(), ends: numbers(), froms: numbers(), tos: numbers() };
}

/** Pieces that are joined at once. */
const PIECES = 1 << 14;

/** Collects the edits of a text from its start to its end. */
export class TextDecoding {
  readonly #source: string;
  readonly #outer: DecodedText | undefined;

  readonly #edits = noEdits();
  #parts: string[] = [];
  readonly #joined: string[] = [];
  #reached = 0;
  #length = 0;

  /** @param outer what `source` was decoded from */
  constructor(source: string, outer?: DecodedText) {
    this.#source = source;
    this.#outer = outer;
  }

  /** Where the next edit may begin. */
  get reached(): number {
    return this.#reached;
  }

  /** Replaces the source units [start, end); edits come in order and do not overlap: what was passed is left alone. */
  replace(start: number, end: number, instead: string): void {
    const from = Math.max(start, this.#reached);
    if (end < from || (end === from && instead === '')) return;
    this.#push(this.#source.slice(this.#reached, from));
    const { starts, ends, froms, tos } = this.#edits;
    starts.push(from);
    ends.push(end);
    froms.push(this.#length);
    this.#push(instead);
    tos.push(this.#length);
    this.#reached = end;
  }

  end(): DecodedText {
    this.#push(this.#source.slice(this.#reached));
    this.#reached = this.#source.length;
    return new DecodedText([...this.#joined, ...this.#parts].join(''), this.#edits, this.#outer);
  }

  #push(text: string): void {
    if (text === '') return;
    this.#parts.push(text);
    this.#length += text.length;
    // Millions of small pieces would hold a hundred times their size.
    if (this.#parts.length < PIECES) return;
    this.#joined.push(this.#parts.join(''));
    this.#parts = [];
  }
}
