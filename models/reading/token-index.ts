import type { TokenBatch } from '../tokenizer/index.js';
import { FROM_FLOAT16, toFloat16 } from './float16.js';
import { Growable, partitionPoint } from '../text/growable.js';

/** Every this many tokens the absolute offset is kept, between them only differences. */
const STRIDE = 64;

/**
 * The tokens of a document: id, place, and two scores, 6 bytes a token; two more where there is a salience. Token positions count from 0, offsets
 * are UTF-16 code units.
 */
export class TokenIndex {
  readonly #ids = new Growable((n) => new Uint16Array(n));
  /** Start minus the start of the token before; a pre-token has at most 127 units, so both fit a byte. */
  readonly #steps = new Growable((n) => new Uint8Array(n));
  readonly #lengths = new Growable((n) => new Uint8Array(n));
  readonly #anchors = new Growable((n) => new Uint32Array(n));
  readonly #text = new Growable((n) => new Uint8Array(n));
  readonly #facts = new Growable((n) => new Uint8Array(n));
  /** Binary16 bits; of all tokens, or of none. */
  readonly #salience = new Growable((n) => new Uint16Array(n));
  /** Rising positions of tokens that begin a pre-token, about one of a thousand. */
  readonly #cuts: number[] = [];
  #lastStart = 0;

  get length(): number {
    return this.#ids.length;
  }

  get byteLength(): number {
    return [...this.#perToken, this.#anchors].reduce((sum, part) => sum + part.byteLength, 0);
  }

  /**
   * Appends tokens with their note scores.
   *
   * @param text (L) score s averaged over the layers that follow natural text
   * @param facts (L) score s averaged over the layers that keep facts
   * @param salience (L) by the sentence head, of a model that has one
   */
  append(tokens: TokenBatch, text: Float32Array, facts: Float32Array, salience?: Float32Array): void {
    for (let i = 0; i < tokens.ids.length; i++) {
      const start = tokens.starts[i]!;
      if (this.length % STRIDE === 0) {
        this.#anchors.push(start);
        this.#steps.push(0);
      } else {
        this.#steps.push(start - this.#lastStart);
      }
      this.#ids.push(tokens.ids[i]!);
      this.#lengths.push(tokens.ends[i]! - start);
      this.#text.push(packScore(text[i]!));
      this.#facts.push(packScore(facts[i]!));
      if (salience) this.#salience.push(toFloat16(salience[i]!));
      this.#lastStart = start;
    }
  }

  /** Forgets the tokens from position `length` on. */
  truncate(length: number): void {
    this.#lastStart = length === 0 ? 0 : this.start(length - 1);
    for (const list of this.#perToken) list.truncate(length);
    this.#anchors.truncate(Math.ceil(length / STRIDE));
    this.#cuts.length = partitionPoint(this.#cuts.length, (i) => this.#cuts[i]! < length);
  }

  /** Remembers that the tokenizer's pre-tokens are cut before the token at a position behind those marked before. */
  markCut(token: number): void {
    this.#cuts.push(token);
  }

  /** The last of the marked tokens at or before a position that also starts at or before an offset; 0 if none does. */
  cutBefore(token: number, offset: number): number {
    const count = partitionPoint(this.#cuts.length, (i) => {
      const cut = this.#cuts[i]!;
      return cut <= token && this.start(cut) <= offset;
    });
    return this.#cuts[count - 1] ?? 0;
  }

  id(token: number): number {
    return this.#ids.get(token);
  }

  start(token: number): number {
    const anchor = Math.floor(token / STRIDE);
    let start = this.#anchors.get(anchor);
    for (let i = anchor * STRIDE + 1; i <= token; i++) start += this.#steps.get(i);
    return start;
  }

  end(token: number): number {
    return this.start(token) + this.#lengths.get(token);
  }

  /** Ids of the tokens in [from, to). */
  ids(from: number, to: number): Uint32Array {
    return Uint32Array.from({ length: to - from }, (_, i) => this.#ids.get(from + i));
  }

  /** Score s before the sigmoid, to 1/8, averaged over the layers that follow natural text. */
  textScore(token: number): number {
    return unpackScore(this.#text.get(token));
  }

  /** Score s before the sigmoid, to 1/8, averaged over the layers that keep facts. */
  factScore(token: number): number {
    return unpackScore(this.#facts.get(token));
  }

  /** Salience by the sentence head to 11 bits; undefined where the model has none. */
  salience(token: number): number | undefined {
    return token < this.#salience.length ? FROM_FLOAT16[this.#salience.get(token)] : undefined;
  }

  /** The tokens that overlap [start, end) as a half-open range of positions. */
  overlapping(start: number, end: number): { from: number; to: number } {
    if (end <= start) return { from: 0, to: 0 };
    // Starts never fall, and neither do ends, so both borders are found by bisection over the anchors.
    const to = this.#tokensBefore(end - 1, false);
    const from = this.#tokensBefore(start, true);
    return { from: Math.min(from, to), to };
  }

  get #perToken() {
    return [this.#ids, this.#steps, this.#lengths, this.#text, this.#facts, this.#salience];
  }

  /** How many tokens start, or end, at or before an offset. */
  #tokensBefore(offset: number, byEnds: boolean): number {
    const anchors = this.#anchors;
    const lengths = this.#lengths;
    const place = (start: number, token: number) => (byEnds ? start + lengths.get(token) : start);
    const block = partitionPoint(anchors.length, (i) => place(anchors.get(i), i * STRIDE) <= offset);
    if (block === 0) return 0;
    let token = (block - 1) * STRIDE;
    const limit = Math.min(token + STRIDE, this.length);
    for (let start = anchors.get(block - 1); place(start, token) <= offset;) {
      if (++token === limit) break;
      start += this.#steps.get(token);
    }
    return token;
  }
}

/** Scores are kept as one byte each: s in steps of 1/8 between -16 and 15.875. */
function packScore(score: number): number {
  return Math.max(0, Math.min(255, Math.round(score * 8) + 128));
}

function unpackScore(byte: number): number {
  return (byte - 128) / 8;
}
