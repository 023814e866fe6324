import type { SimdModule } from '../../../kernels/simd/module.js';
import { dequantized, someOutputs, type Weights } from '../../../kernels/simd/weights.js';
import type { MemMambaConfig } from '../config.js';
import type { CpuArrays } from './cpu-arrays.js';
import { cpuWidths, type CpuBlock, type CpuWidths } from './cpu-layers.js';
import type { LayerSlot } from './cpu-states.js';

/** The memory of a Mamba block. */
export type BlockSlot = Pick<LayerSlot, 'convTail' | 'h'>;

/** The Mamba blocks of a model or of its reader, on the residual stream that stands in the arrays. */
export class CpuBlocks {
  readonly #config: MemMambaConfig;
  readonly #embedding: Weights;
  readonly #blocks: readonly CpuBlock[];
  readonly #arrays: CpuArrays;
  readonly #module: SimdModule;
  readonly #widths: CpuWidths;

  /** @param embedding (vocabSize, dModel) */
  constructor(
    config: MemMambaConfig,
    embedding: Weights,
    blocks: readonly CpuBlock[],
    { arrays, module }: { readonly arrays: CpuArrays; readonly module: SimdModule },
  ) {
    this.#config = config;
    this.#embedding = embedding;
    this.#blocks = blocks;
    this.#arrays = arrays;
    this.#module = module;
    this.#widths = cpuWidths(config);
  }

  /** Rows of the embedding -> residual stream. */
  embed(tokens: Uint32Array): void {
    const embedding = this.#embedding;
    const { x } = this.#arrays;
    tokens.forEach((token, t) => {
      const row = dequantized(someOutputs(embedding, token, token + 1)).values;
      x.data.set(row, t * x.stride);
    });
  }

  /** Norm, input projection, convolution, scan and output projection of one layer, added to the residual stream. */
  scan(length: number, layer: number, own: BlockSlot): void {
    const { dState, dConv, dtRank } = this.#config;
    const { inner, projected } = this.#widths;
    const { x, scale, xz, z, tail, u, bc, delta, h, sums, lost } = this.#arrays;
    const { run } = this.#module;
    const weights = this.#blocks[layer]!;

    this.normScales(0, length);
    weights.enter.multiply(length, x, xz, { scale: scale.at });
    this.#loadTail(own.convTail);
    run.causalConv(
      ...([length, inner, dConv, tail.at, xz.at, 4 * xz.stride] as const),
      ...([weights.taps, weights.convBias, u.at, 4 * inner] as const),
    );
    this.#saveTail(own.convTail, length);

    weights.select.multiply(length, u, bc);
    weights.step.multiply(length, bc, delta, { bias: weights.stepBias });
    h.data.set(own.h);
    sums.data.fill(0);
    lost.data.fill(0);
    run.selectiveScan(
      ...([length, inner, dState, u.at, 4 * inner, delta.at, 4 * inner, z.at, 4 * z.stride] as const),
      ...([bc.at + 4 * dtRank, bc.at + 4 * (dtRank + dState), 4 * projected] as const),
      // The convolution's input is not needed any more.
      ...([weights.rates, weights.skip, h.at, xz.at, 4 * xz.stride, sums.at, lost.at] as const),
    );
    own.h.set(h.data);
    weights.out.multiply(length, xz, x, { add: true });
  }

  /** Factors of RMSNorm of the residual stream's rows [from, to). */
  normScales(from: number, to: number): void {
    const { dModel, normEps } = this.#config;
    const { x, scale } = this.#arrays;
    this.#module.run.rmsScales(
      to - from,
      dModel,
      x.at + 4 * from * x.stride,
      4 * x.stride,
      normEps,
      scale.at,
    );
  }

  /** (dConv - 1, dInner) -> (dConv - 1, inner). */
  #loadTail(convTail: Float32Array): void {
    const { dConv, dInner } = this.#config;
    const { tail } = this.#arrays;
    for (let row = 0; row < dConv - 1; row++) {
      tail.data.set(convTail.subarray(row * dInner, (row + 1) * dInner), row * tail.stride);
    }
  }

  /** The last inputs of the convolution, from the segment or, where that is short, from the tail before it. */
  #saveTail(convTail: Float32Array, length: number): void {
    const { dConv, dInner } = this.#config;
    const { xz } = this.#arrays;
    for (let row = 0; row < dConv - 1; row++) {
      const t = length - (dConv - 1) + row;
      if (t >= 0) convTail.set(xz.data.subarray(t * xz.stride, t * xz.stride + dInner), row * dInner);
      else convTail.copyWithin(row * dInner, (row + length) * dInner, (row + length + 1) * dInner);
    }
  }
}
