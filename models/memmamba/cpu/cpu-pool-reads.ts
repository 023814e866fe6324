import type { PoolSequenceCpu } from '../../../kernels/note-pool/note-pool.cpu.js';
import { poolEntryOf } from '../../../kernels/note-pool/pool-rule.js';
import { panelWidth } from '../../../kernels/simd/matrix.js';
import type { Address, SimdModule } from '../../../kernels/simd/module.js';
import { poolBias } from '../../../kernels/simd/simd.js';
import type { MemMambaConfig } from '../config.js';
import { crossLayers } from '../dense.js';
import type { Segment } from '../streaming-engine.js';
import { columnsOf, type CpuArray, type CpuArrays } from './cpu-arrays.js';
import type { CpuParts } from './cpu-parts.js';
import { cpuWidths, type CpuAttention, type CpuWeights, type CpuWidths } from './cpu-layers.js';
import type { CpuSlot } from './cpu-states.js';

/** The two attentions over the pools. */
export class CpuPoolReads {
  readonly #config: MemMambaConfig;
  readonly #weights: CpuWeights;
  readonly #arrays: CpuArrays;
  readonly #module: SimdModule;
  readonly #widths: CpuWidths;

  constructor({ config, weights, arrays, module }: Omit<CpuParts, 'trained'>) {
    this.#config = config;
    this.#weights = weights;
    this.#arrays = arrays;
    this.#module = module;
    this.#widths = cpuWidths(config);
  }

  /** The two attentions over the pools, added to the residual stream. */
  read(
    segment: Segment<CpuSlot>,
    layer: number,
    sequences: readonly PoolSequenceCpu[],
    weights: Float32Array | undefined,
  ): void {
    const { nHeads, poolSize, tau2 } = this.#config;
    const { query, heads } = this.#widths;
    const { reads, gate, queries, crossQueries } = this.#arrays;
    const length = segment.tokens.length;
    const { token, cross } = this.#weights.layers[layer]!;
    const size = length * nHeads * poolSize;
    const own = weights?.subarray(layer * size, (layer + 1) * size);
    this.#attend(segment, queries, [sequences[layer]!], own);
    for (let t = 0; t < length; t++) {
      if (gate.data[t]! > tau2) continue;
      reads.data.fill(0, t * reads.stride, (t + 1) * reads.stride);
      own?.fill(0, t * nHeads * poolSize, (t + 1) * nHeads * poolSize);
    }
    this.#addReads(length, token, gate.at);
    if (!cross) return;
    const pools = crossLayers(this.#config, layer).map((index) => sequences[index]!);
    this.intoNoteSpace(length, cross, query + heads, crossQueries);
    this.#attend(segment, crossQueries, pools, undefined);
    this.#addReads(length, cross, 0);
  }

  /** Trained queries from column `column` of `noted` on → W_kᵀ q / √headDim of each head. */
  intoNoteSpace(length: number, { keys }: CpuAttention, column: number, to: CpuArray): void {
    const { noteDim } = this.#config;
    const { narrow } = this.#widths;
    const { noted } = this.#arrays;
    // A product may be wider than a note; what is too much of it the next head overwrites.
    keys.forEach((key, head) =>
      key.multiply(length, columnsOf(noted, column + head * narrow), columnsOf(to, head * noteDim)),
    );
  }

  /** What was read of the notes → of their values → added to the stream, times `scale` for each token. */
  #addReads(length: number, { values, out }: CpuAttention, scale: Address): void {
    const { head: wide, narrow } = this.#widths;
    const { x, reads, values: valued } = this.#arrays;
    values.forEach((value, head) =>
      value.multiply(length, columnsOf(reads, head * wide), columnsOf(valued, head * narrow)),
    );
    out.multiply(length, valued, x, { scale, add: true });
  }

  /** Attention of queries in note space over pools, into `reads`. */
  #attend(
    { position, tokens }: Segment<CpuSlot>,
    queries: CpuArray,
    pools: readonly PoolSequenceCpu[],
    weights: Float32Array | undefined,
  ): void {
    const { nHeads, noteDim, poolSize, chunk } = this.#config;
    const { reads, notes, noteColumns, noteRows, bias, weight } = this.#arrays;
    const { run } = this.#module;
    const total = pools.length * poolSize;
    const slots = panelWidth(total);
    for (let first = 0; first < tokens.length;) {
      const entry = poolEntryOf(chunk, position, first);
      const count = Math.min(tokens.length - first, chunk - ((position + first) % chunk));
      const isEmpty = poolBias(pools, entry, poolSize, bias.data.subarray(0, slots)) === 0;
      if (isEmpty) {
        reads.data.fill(0, first * reads.stride, (first + count) * reads.stride);
        weights?.fill(0, first * nHeads * total, (first + count) * nHeads * total);
      } else {
        const size = poolSize * noteDim;
        pools.forEach((pool, p) => {
          notes.data.set(pool.notes.subarray(entry * size, (entry + 1) * size), p * size);
        });
        run.packNotes(total, noteDim, notes.at, noteColumns.at, noteRows.at);
        run.poolAttention(
          ...([count, nHeads, noteDim, total] as const),
          ...([queries.at + 4 * first * queries.stride, 4 * queries.stride] as const),
          ...([noteColumns.at, noteRows.at, bias.at, weight.at] as const),
          ...([reads.at + 4 * first * reads.stride, 4 * reads.stride] as const),
        );
        for (let row = 0; weights && row < count * nHeads; row++) {
          const [t, head] = [Math.floor(row / nHeads), row % nHeads];
          const own = (head * count + t) * slots;
          weights.set(weight.data.subarray(own, own + total), (first * nHeads + row) * total);
        }
      }
      first += count;
    }
  }
}
