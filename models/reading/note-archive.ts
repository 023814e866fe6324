import type { MemMambaConfig } from '../memmamba/config.js';
import type { LayerSnapshot, SegmentTrace } from '../memmamba/engine.js';
import { bitsOf, FROM_FLOAT16, toFloat16s } from './float16.js';

/** Tokens that a gist is of, unless the model's chunk is no multiple of it; then it is of a chunk. */
const GIST = 16;

/** The gists of one layer, a row each. */
export interface ArchiveLayer {
  readonly count: number;
  /** (count + 1) absolute token positions: gist j is of the tokens from `positions[j]` to before `positions[j + 1]`. */
  readonly positions: Uint32Array;
  /** (count) means of the scores s before the sigmoid. */
  readonly scores: Float32Array;
  /** (count, noteDim) binary16 bits. */
  readonly notes: Uint16Array;
}

/**
 * What the whole document said, for retrieval: in each of the model's archive layers a gist of every 16 tokens, the mean
 * of their notes (f16), 136 bytes each with notes of 64. At the byte cap two neighbours become one, so that a longer
 * document is known less finely, but all of it. It grows with the document; the model's state does not.
 */
export class NoteArchive {
  readonly #config: MemMambaConfig;

  readonly #layers: LayerStore[];

  constructor(config: MemMambaConfig, capacityBytes: number) {
    this.#config = config;

    const { archiveLayers, noteDim, chunk } = config;
    const gistBytes = noteDim * 2 + 8;
    const pairs = Math.floor(capacityBytes / archiveLayers.length / gistBytes / 2);
    const tokens = chunk % GIST === 0 ? GIST : chunk;
    this.#layers = archiveLayers.map(() => new LayerStore(noteDim, tokens, 2 * Math.max(8, pairs)));
  }

  get byteLength(): number {
    return this.#layers.reduce((sum, layer) => sum + layer.byteLength, 0);
  }

  /** One entry an archive layer, in the order of `config.archiveLayers`. */
  get layers(): readonly ArchiveLayer[] {
    return this.#layers;
  }

  /** Takes the notes of a segment whose first token has the absolute position `position`. */
  record(position: number, trace: Pick<SegmentTrace, 'scores' | 'archiveNotes'>): void {
    const { archiveLayers, noteDim, nLayer } = this.#config;
    const length = trace.scores.length / nLayer;
    for (const [a, layer] of archiveLayers.entries()) {
      const scores = trace.scores.subarray(layer * length, (layer + 1) * length);
      const notes = trace.archiveNotes.subarray(a * length * noteDim, (a + 1) * length * noteDim);
      this.#layers[a]!.take(position, scores, notes);
    }
  }

  /**
   * Goes back to the moment before the token at `position` was read. Where gists were joined at the cap, one that
   * reaches over the beginning of that token's chunk stands for the tokens before it.
   *
   * @param layers (nLayer) the model's state at that moment: it holds the notes of the unfinished chunk
   */
  rewind(position: number, layers: readonly Pick<LayerSnapshot, 'pending'>[]): void {
    const { archiveLayers, chunk } = this.#config;
    const tokens = position % chunk;
    for (const [a, layer] of archiveLayers.entries()) {
      const { scores, notes } = layers[layer]!.pending;
      this.#layers[a]!.truncate(position - tokens);
      this.#layers[a]!.take(position - tokens, scores.subarray(0, tokens), notes);
    }
  }

  /** The document has ended: what was read since the last whole gist becomes a shorter one. */
  finish(): void {
    for (const layer of this.#layers) layer.finish();
  }
}

class LayerStore implements ArchiveLayer {
  readonly #noteDim: number;
  #tokens: number;
  readonly #capacity: number;

  count = 0;
  positions = new Uint32Array(65);
  scores = new Float32Array(64);
  notes: Uint16Array;
  /** Tokens read since the last gist, and the sums of their notes and scores. */
  #pending = 0;
  #score = 0;
  readonly #sums: Float64Array;
  readonly #mean: Float32Array;

  /**
   * @param tokens of a gist, until the first are joined
   * @param capacity gists, an even number
   */
  constructor(noteDim: number, tokens: number, capacity: number) {
    this.#noteDim = noteDim;
    this.#tokens = tokens;
    this.#capacity = capacity;

    this.notes = new Uint16Array(64 * noteDim);
    this.#sums = new Float64Array(noteDim);
    this.#mean = new Float32Array(noteDim);
  }

  get byteLength(): number {
    return this.positions.byteLength + this.scores.byteLength + this.notes.byteLength;
  }

  /** @param notes (scores.length, noteDim) or more */
  take(position: number, scores: Float32Array, notes: Float32Array): void {
    const sums = this.#sums;
    for (let t = 0, at = 0; t < scores.length; t++) {
      for (let d = 0; d < sums.length; d++, at++) sums[d]! += notes[at]!;
      this.#score += scores[t]!;
      this.#pending++;
      const end = position + t + 1;
      if (end % this.#tokens !== 0) continue;
      // The gist that finds no room is the first half of one twice as long.
      if (this.count === this.#capacity) this.#join();
      if (end % this.#tokens === 0) this.#add(end);
    }
  }

  finish(): void {
    if (this.#pending > 0 && this.count < this.#capacity) {
      this.#add(this.positions[this.count]! + this.#pending);
    }
  }

  /** Forgets the tokens from `start` on, the first of a chunk. */
  truncate(start: number): void {
    this.#clear();
    while (this.count > 0 && this.positions[this.count - 1]! >= start) this.count--;
    const known = this.count > 0 ? start - this.positions[this.count - 1]! : 0;
    if (this.count === 0 || this.positions[this.count]! <= start) return;
    this.count--;
    this.#pending = known;
    this.#score = known * this.scores[this.count]!;
    const from = this.count * this.#noteDim;
    for (let d = 0; d < this.#noteDim; d++) this.#sums[d] = known * FROM_FLOAT16[this.notes[from + d]!]!;
  }

  #add(end: number): void {
    const noteDim = this.#noteDim;
    if (this.count === this.scores.length) this.#grow();
    this.scores[this.count] = this.#score / this.#pending;
    for (let d = 0; d < noteDim; d++) this.#mean[d] = this.#sums[d]! / this.#pending;
    toFloat16s(bitsOf(this.#mean), 0, noteDim, this.notes, this.count * noteDim);
    this.count++;
    this.positions[this.count] = end;
    this.#clear();
  }

  #clear(): void {
    this.#pending = 0;
    this.#score = 0;
    this.#sums.fill(0);
  }

  #grow(): void {
    const rows = Math.min(this.#capacity, this.scores.length * 2);
    const copy = <A extends Uint32Array | Float32Array | Uint16Array>(from: A, to: A): A => (
      to.set(from),
      to
    );
    this.positions = copy(this.positions, new Uint32Array(rows + 1));
    this.scores = copy(this.scores, new Float32Array(rows));
    this.notes = copy(this.notes, new Uint16Array(rows * this.#noteDim));
  }

  /** Makes one gist of every two. */
  #join(): void {
    const { notes, scores } = this;
    const noteDim = this.#noteDim;
    this.#tokens *= 2;
    this.count /= 2;
    for (let j = 0; j < this.count; j++) {
      const [first, second] = [2 * j * noteDim, (2 * j + 1) * noteDim];
      for (let d = 0; d < noteDim; d++) {
        this.#mean[d] = (FROM_FLOAT16[notes[first + d]!]! + FROM_FLOAT16[notes[second + d]!]!) / 2;
      }
      toFloat16s(bitsOf(this.#mean), 0, noteDim, notes, j * noteDim);
      scores[j] = (scores[2 * j]! + scores[2 * j + 1]!) / 2;
      this.positions[j + 1] = this.positions[2 * j + 2]!;
    }
  }
}
