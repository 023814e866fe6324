import { BLOCK_TOKENS, PASSAGE_DIMS } from '../memmamba/passage-head.js';

/** Bytes of a block: an integer a dimension, and the step. */
const BLOCK_BYTES = PASSAGE_DIMS + 4;
const LARGEST = 127;

/**
 * What the tokens of a document add to the vectors of their passages, a sum for every 16 of them: a byte a dimension
 * with one step a block, 16 MB for a million tokens. At the byte cap two neighbours become one, so that a longer
 * document is known less finely, but all of it.
 */
export class PassageSumStore {
  readonly #capacity: number;
  #values: Int8Array;
  #steps: Float32Array;
  #count = 0;
  #blockTokens = BLOCK_TOKENS;
  /** Sum of the block that is not whole yet, and its tokens. */
  readonly #pending = new Float32Array(PASSAGE_DIMS);
  #pendingTokens = 0;
  /** By position: such sums as they stood where reading may go on, and a block was not whole. */
  readonly #partial = new Map<number, Float32Array>();

  /** @param capacityBytes of all blocks together */
  constructor(capacityBytes: number) {
    this.#capacity = 2 * Math.max(8, Math.floor(capacityBytes / BLOCK_BYTES / 2));
    const room = Math.min(64, this.#capacity);
    this.#values = new Int8Array(room * PASSAGE_DIMS);
    this.#steps = new Float32Array(room);
  }

  get byteLength(): number {
    return this.#values.byteLength + this.#steps.byteLength + this.#partial.size * 4 * PASSAGE_DIMS;
  }

  /** Tokens of a block, until two of them are joined. */
  get blockTokens(): number {
    return this.#blockTokens;
  }

  /** Tokens whose sums are here. */
  get tokens(): number {
    return this.#count * this.#blockTokens + this.#pendingTokens;
  }

  /**
   * Takes the sums of a segment.
   *
   * @param length tokens of the segment, which begins behind the last token taken
   * @param sums (blocks, 256) of a forward pass: the first and the last may be parts of a block of 16
   */
  record(length: number, sums: Float32Array): void {
    let left = length;
    for (let at = 0; left > 0; at += PASSAGE_DIMS) {
      const tokens = Math.min(left, BLOCK_TOKENS - (this.#pendingTokens % BLOCK_TOKENS));
      for (let i = 0; i < PASSAGE_DIMS; i++) this.#pending[i]! += sums[at + i]!;
      this.#pendingTokens += tokens;
      left -= tokens;
      if (this.#pendingTokens === this.#blockTokens) this.#close();
    }
    if (this.#pendingTokens > 0) this.#partial.set(this.tokens, this.#pending.slice());
  }

  /** Forgets the tokens from `position` on, which ended a segment. */
  rewind(position: number): void {
    if (position >= this.tokens) return;
    const tokens = position % this.#blockTokens;
    const partial = this.#partial.get(position);
    const whole = Math.floor(position / this.#blockTokens);
    const share = new Float32Array(PASSAGE_DIMS);
    // Where blocks were joined since, the share of its tokens in the block stands for the part.
    if (tokens > 0 && !partial) this.add(whole * this.#blockTokens, position, share);
    this.#count = Math.min(this.#count, whole);
    this.#pending.set(partial ?? share);
    this.#pendingTokens = tokens;
    for (const known of this.#partial.keys()) if (known > position) this.#partial.delete(known);
  }

  /**
   * Adds the sum of the tokens [from, to) to a vector (256); of a block that reaches beyond them, as large a share as
   * they have of its tokens.
   */
  add(from: number, to: number, vector: Float32Array): void {
    const size = this.#blockTokens;
    const end = Math.min(to, this.tokens);
    for (let start = from; start < end;) {
      const block = Math.floor(start / size);
      const stop = Math.min(end, (block + 1) * size);
      if (block < this.#count) {
        const weight = ((stop - start) / size) * this.#steps[block]!;
        const at = block * PASSAGE_DIMS;
        for (let i = 0; i < PASSAGE_DIMS; i++) vector[i]! += weight * this.#values[at + i]!;
      } else {
        const weight = (stop - start) / this.#pendingTokens;
        for (let i = 0; i < PASSAGE_DIMS; i++) vector[i]! += weight * this.#pending[i]!;
      }
      start = stop;
    }
  }

  /** The block is whole. */
  #close(): void {
    this.#makeRoom();
    this.#write(this.#count, this.#pending);
    this.#count++;
    this.#pending.fill(0);
    this.#pendingTokens = 0;
    if (this.#count === this.#capacity) this.#join();
  }

  #write(block: number, sum: Float32Array): void {
    let largest = 0;
    for (const value of sum) largest = Math.max(largest, Math.abs(value));
    const step = largest / LARGEST;
    this.#steps[block] = step;
    const at = block * PASSAGE_DIMS;
    for (let i = 0; i < PASSAGE_DIMS; i++) this.#values[at + i] = step > 0 ? Math.round(sum[i]! / step) : 0;
  }

  /** Makes one block of every two. */
  #join(): void {
    const sum = new Float32Array(PASSAGE_DIMS);
    for (let block = 0; block < this.#count / 2; block++) {
      sum.fill(0);
      const start = 2 * block * this.#blockTokens;
      this.add(start, start + 2 * this.#blockTokens, sum);
      this.#write(block, sum);
    }
    this.#count /= 2;
    this.#blockTokens *= 2;
    // They are parts of blocks that are no more.
    this.#partial.clear();
  }

  #makeRoom(): void {
    if (this.#count < this.#steps.length) return;
    const room = Math.min(this.#capacity, 2 * this.#steps.length);
    const values = new Int8Array(room * PASSAGE_DIMS);
    const steps = new Float32Array(room);
    values.set(this.#values);
    steps.set(this.#steps);
    this.#values = values;
    this.#steps = steps;
  }
}
