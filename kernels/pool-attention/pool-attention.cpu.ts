import { softplus } from '../cpu/activations.js';
import { checkArray, checkRows, type Rows } from '../cpu/rows.js';
import { poolEntryOf } from '../note-pool/pool-rule.js';
import type { PoolSequenceCpu } from '../note-pool/note-pool.cpu.js';
import { ShapeError, checkInteger } from '../shapes.js';

export interface PoolAttentionCpu {
  /** Tokens. */
  readonly length: number;
  readonly nHeads: number;
  readonly noteDim: number;
  readonly poolSize: number;
  readonly chunk: number;
  /** Absolute position of the first token. */
  readonly position: number;
  /** (length, nHeads · noteDim) queries folded into note space: W_kᵀ q / √headDim. */
  readonly queries: Rows;
  /** The pools each token reads: of the own layer, or of several layers (cross-layer attention). */
  readonly pools: readonly PoolSequenceCpu[];
  /** (length, 1) gate; where it is ≤ tau2 the read is skipped (0). */
  readonly gate?: Rows;
  readonly tau2?: number;
  /** (length, nHeads · noteDim) output. */
  readonly reads: Rows;
  /** (length, nHeads, pools.length · poolSize) receives the attention weights. */
  readonly weights?: Float32Array;
}

/**
 * Multi-head attention over state pools, folded: logits_j = q̃ · n_j + log σ(s_j), a = softmax over the
 * notes of all pools, read = Σ_j a_j n_j. An empty pool and a closed gate read 0, with zero weights.
 *
 * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkPoolAttention}
 */
export function poolAttentionCpu(args: PoolAttentionCpu): void {
  const { length, nHeads, noteDim, poolSize, chunk, position, queries, pools, gate, tau2 = 0, reads } = args;
  const { weights } = args;
  checkPoolAttention(args);
  const slots = pools.length * poolSize;
  const read = new PoolReader(pools, poolSize, noteDim);
  for (let t = 0; t < length; t++) {
    read.select(poolEntryOf(chunk, position, t));
    const open = !gate || gate.data[gate.offset + t * gate.stride]! > tau2;
    for (let head = 0; head < nHeads; head++) {
      const from = queries.offset + t * queries.stride + head * noteDim;
      const to = reads.offset + t * reads.stride + head * noteDim;
      const at = (t * nHeads + head) * slots;
      if (open) {
        read.read(queries.data, from, reads.data, to);
        if (weights) read.copyWeights(weights, at);
      } else {
        reads.data.fill(0, to, to + noteDim);
        weights?.fill(0, at, at + slots);
      }
    }
  }
}

/**
 * @throws {ShapeError} unless `position` is at least 0 and every other size at least 1
 * @throws {ShapeError} unless every array has its shape
 * @throws {ShapeError} if there are no pools, or one has fewer entries than the tokens reach
 */
export function checkPoolAttention(args: PoolAttentionCpu): void {
  const { length, nHeads, noteDim, poolSize, chunk, position, queries, pools, gate, reads, weights } = args;
  const name = 'pool attention';
  checkInteger(name, 'length', length, 1);
  checkInteger(name, 'nHeads', nHeads, 1);
  checkInteger(name, 'noteDim', noteDim, 1);
  checkInteger(name, 'poolSize', poolSize, 1);
  checkInteger(name, 'chunk', chunk, 1);
  checkInteger(name, 'position', position, 0);
  const width = nHeads * noteDim;
  checkRows(name, 'queries', queries, length, width);
  checkRows(name, 'reads', reads, length, width);
  if (gate) checkRows(name, 'gate', gate, length, 1);
  if (pools.length === 0) throw new ShapeError(name, 'at least one pool is needed');
  const entries = poolEntryOf(chunk, position, length - 1) + 1;
  for (const pool of pools) {
    if (pool.entries < entries) {
      throw new ShapeError(name, `a pool has ${pool.entries} entries; the tokens reach entry ${entries - 1}`);
    }
    checkArray(name, 'pool.positions', pool.positions, pool.entries, poolSize);
    checkArray(name, 'pool.scores', pool.scores, pool.entries, poolSize);
    checkArray(name, 'pool.notes', pool.notes, pool.entries, poolSize, noteDim);
  }
  const slots = pools.length * poolSize;
  if (weights) checkArray(name, 'weights', weights, length, nHeads, slots);
}

/** The notes of one entry of every pool, gathered without the unused ones, and the reading of them. */
class PoolReader {
  readonly #pools: readonly PoolSequenceCpu[];
  readonly #poolSize: number;
  readonly #noteDim: number;

  readonly #notes: Float64Array;
  readonly #bias: Float64Array;
  readonly #slot: Int32Array;
  readonly #weight: Float64Array;
  readonly #sum: Float64Array;
  #filled = 0;
  #entry = -1;

  constructor(pools: readonly PoolSequenceCpu[], poolSize: number, noteDim: number) {
    this.#pools = pools;
    this.#poolSize = poolSize;
    this.#noteDim = noteDim;

    const slots = pools.length * poolSize;
    this.#notes = new Float64Array(slots * noteDim);
    this.#bias = new Float64Array(slots);
    this.#slot = new Int32Array(slots);
    this.#weight = new Float64Array(slots);
    this.#sum = new Float64Array(noteDim);
  }

  /** Gathers entry `entry`; nothing happens while it stays the same. */
  select(entry: number): void {
    if (entry === this.#entry) return;
    this.#entry = entry;
    const poolSize = this.#poolSize;
    const noteDim = this.#noteDim;
    let filled = 0;
    this.#pools.forEach((pool, p) => {
      for (let j = 0; j < poolSize; j++) {
        const at = entry * poolSize + j;
        if (pool.positions[at]! < 0) continue;
        this.#bias[filled] = -softplus(-pool.scores[at]!);
        this.#slot[filled] = p * poolSize + j;
        for (let i = 0; i < noteDim; i++) {
          this.#notes[filled * noteDim + i] = pool.notes[at * noteDim + i]!;
        }
        filled++;
      }
    });
    this.#filled = filled;
  }

  /** softmax(q · n_j + bias_j) applied to the notes; 0 where there are none. */
  read(query: Float32Array, from: number, out: Float32Array, to: number): void {
    const notes = this.#notes;
    const bias = this.#bias;
    const weight = this.#weight;
    const sum = this.#sum;
    const noteDim = this.#noteDim;
    const filled = this.#filled;
    let max = -Infinity;
    for (let j = 0; j < filled; j++) {
      let dot = bias[j]!;
      const row = j * noteDim;
      for (let i = 0; i < noteDim; i++) dot += query[from + i]! * notes[row + i]!;
      weight[j] = dot;
      if (dot > max) max = dot;
    }
    let total = 0;
    for (let j = 0; j < filled; j++) {
      const w = Math.exp(weight[j]! - max);
      weight[j] = w;
      total += w;
    }
    sum.fill(0);
    for (let j = 0; j < filled; j++) {
      const w = weight[j]! / total;
      weight[j] = w;
      const row = j * noteDim;
      for (let i = 0; i < noteDim; i++) sum[i]! += w * notes[row + i]!;
    }
    for (let i = 0; i < noteDim; i++) out[to + i] = sum[i]!;
  }

  /** Weights of the last read, in the order of the pools' slots. */
  copyWeights(out: Float32Array, at: number): void {
    out.fill(0, at, at + this.#pools.length * this.#poolSize);
    for (let j = 0; j < this.#filled; j++) out[at + this.#slot[j]!] = this.#weight[j]!;
  }
}
