import { rows, type Rows } from '../../../kernels/cpu/rows.js';
import { notePoolCpu, type PoolSequenceCpu } from '../../../kernels/note-pool/note-pool.cpu.js';
import type { PoolRule } from '../../../kernels/note-pool/pool-rule.js';
import { nextTurn } from '../../scheduling/next-turn.js';
import type { MemMambaConfig } from '../config.js';
import { noteStream } from '../retrieval-head.js';
import type { Segment } from '../streaming-engine.js';
import type { TrainedWeights } from '../trained.js';
import { columnsOf, type CpuArrays } from './cpu-arrays.js';
import { cpuWidths, SENTENCE_COLUMN, type CpuWeights, type CpuWidths } from './cpu-layers.js';
import type { CpuBlocks } from './cpu-blocks.js';
import type { CpuParts } from './cpu-parts.js';
import { CpuPoolReads } from './cpu-pool-reads.js';
import type { CpuSlot, CpuStates } from './cpu-states.js';
import { copyOf, type TracedLayer } from './cpu-trace.js';

/** Tokens whose logits are made at once: a row of them is as long as the vocabulary. */
export const HEAD_ROWS = 32;

/** What one layer computed; the arrays are good until the next layer. */
export interface LayerPass extends TracedLayer {
  /** Input of the scan, and B. */
  readonly u: Rows;
  readonly b: Rows;
}

/** What is wanted of a pass over the layers. */
export interface Reading {
  /** Reads of the last layer too: they change logits and updates only. */
  readonly lastReads: boolean;
  /** (nLayer, L, nHeads, poolSize) receives the weights of the token reads. */
  readonly weights?: Float32Array;
  /** Called while the residual stream is what the layer's note block reads. */
  readonly onNote?: (layer: number) => void;
  readonly onLayer?: (pass: LayerPass, layer: number) => void;
  /** Called with each layer's number when its block has been added to the residual stream. */
  readonly onResidual?: (layer: number) => void;
}

/** Runs the layers over segments, one at a time: all of them use the same arrays. */
export class CpuForward {
  readonly #config: MemMambaConfig;
  readonly #trained: TrainedWeights;
  readonly #weights: CpuWeights;
  readonly #arrays: CpuArrays;
  readonly #widths: CpuWidths;
  readonly #rule: PoolRule;
  readonly #states: CpuStates;
  readonly #blocks: CpuBlocks;
  readonly #pools: CpuPoolReads;

  constructor(parts: CpuParts, rule: PoolRule, states: CpuStates) {
    this.#config = parts.config;
    this.#trained = parts.trained;
    this.#weights = parts.weights;
    this.#arrays = parts.arrays;
    this.#widths = cpuWidths(parts.config);
    this.#rule = rule;
    this.#states = states;
    this.#blocks = parts.blocks;
    this.#pools = new CpuPoolReads(parts);
  }

  /** Runs all layers over a segment; behind it the residual stream stands in `arrays.x`. */
  async readLayers(segment: Segment<CpuSlot>, reading: Reading): Promise<void> {
    const { nLayer } = this.#config;
    const { from, to, tokens, signal } = segment;
    const sequences: PoolSequenceCpu[] = [];
    // The layers work in place.
    this.#states.copy(from, to);
    await nextTurn();
    signal?.throwIfAborted();
    // Calls on an engine are queued, so nobody else writes into the arrays while this pass waits for its turns.
    this.#blocks.embed(tokens);
    reading.onResidual?.(-1);
    for (let layer = 0; layer < nLayer; layer++) {
      if (layer > 0) await nextTurn();
      signal?.throwIfAborted();
      this.#blocks.scan(tokens.length, layer, to[layer]!);
      sequences.push(this.#noteLayer(segment, layer));
      reading.onNote?.(layer);
      if (segment.pool === 'on' && (layer < nLayer - 1 || reading.lastReads)) {
        this.#pools.read(segment, layer, sequences, reading.weights);
      }
      reading.onLayer?.(this.#pass(sequences[layer]!, layer), layer);
      reading.onResidual?.(layer);
    }
    signal?.throwIfAborted();
  }

  /** Everything that is linear in v = RMSNorm(x); then the pools after every chunk. */
  #noteLayer({ to, position, tokens }: Segment<CpuSlot>, layer: number): PoolSequenceCpu {
    const { x, scale, noted, queries, gate } = this.#arrays;
    const { note, query } = this.#widths;
    const length = tokens.length;
    const weights = this.#weights.layers[layer]!;
    this.#blocks.normScales(0, length);
    weights.gates.multiply(length, x, noted, { scale: scale.at, bias: weights.gatesBias });
    weights.note.multiply(length, x, columnsOf(noted, note), { scale: scale.at });
    this.#pools.intoNoteSpace(length, weights.token, query, queries);
    for (let t = 0; t < length; t++) {
      gate.data[t] = 1 / (1 + Math.exp(-noted.data[t * noted.stride + 1]!));
    }
    return notePoolCpu({
      rule: this.#rule,
      position,
      length,
      scores: rows(noted.data, noted.stride),
      notes: rows(noted.data, noted.stride, note),
      state: to[layer]!.pool,
    });
  }

  /** (to - from, vocabSize) logits of the residual stream's rows [from, to). */
  logits(from: number, to: number): Float32Array {
    const { vocabSize } = this.#config;
    const { x, scale, logits } = this.#arrays;
    const out = new Float32Array((to - from) * vocabSize);
    for (let first = from; first < to; first += HEAD_ROWS) {
      const last = Math.min(to, first + HEAD_ROWS);
      this.#blocks.normScales(first, last);
      const residual = { at: x.at + 4 * first * x.stride, stride: x.stride };
      this.#weights.head.multiply(last - first, residual, logits, { scale: scale.at });
      for (let t = first; t < last; t++) {
        const row = (t - first) * logits.stride;
        out.set(logits.data.subarray(row, row + vocabSize), (t - from) * vocabSize);
      }
    }
    return out;
  }

  /** (dModel) what the note block of a layer reads of token `t`. */
  noteStream(layer: number, t: number): Float32Array {
    const { dModel, normEps } = this.#config;
    const { x } = this.#arrays;
    const row = x.data.subarray(t * x.stride, t * x.stride + dModel);
    return noteStream(row, this.#trained.layers[layer]!.noteNorm, normEps);
  }

  /** (L, dModel) copy of the residual stream. */
  residual(length: number): Float32Array<ArrayBuffer> {
    const { x } = this.#arrays;
    return copyOf(rows(x.data, x.stride), length, this.#config.dModel);
  }

  #pass(pool: PoolSequenceCpu, layer: number): LayerPass {
    const { dtRank, dInner } = this.#config;
    const { u, bc, noted, queries, sums } = this.#arrays;
    return {
      u: rows(u.data, u.stride),
      b: rows(bc.data, bc.stride, dtRank),
      scores: rows(noted.data, noted.stride),
      notes: rows(noted.data, noted.stride, this.#widths.note),
      queries: rows(queries.data, queries.stride),
      pool,
      deltaSum: sums.data.subarray(0, dInner),
      sentence: this.#trained.layers[layer]!.sentence && rows(noted.data, noted.stride, SENTENCE_COLUMN),
    };
  }
}
