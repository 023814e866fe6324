import type { Gpu } from '../../../kernels/gpu/device.js';
import type { Recorder } from '../../../kernels/gpu/recorder.js';
import { columns, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import { GatherRows } from '../../../kernels/linear/gather-rows.js';
import { Linear } from '../../../kernels/linear/linear.js';
import type { MemMambaConfig } from '../config.js';
import type { BlockWeights } from '../weights.js';
import { uploadWeight, type Activations } from './gpu-buffers.js';
import type { SegmentTensors } from './webgpu-dense.js';

/** The matrices of a layer's Mamba block in the form that the products take. */
export interface BlockMatrices {
  /** (dModel, 2 dInner) both halves of in_proj, the norm folded in. */
  readonly inProj: GpuTensor;
  /** (dInner, width of `projected`). */
  readonly xProj: GpuTensor;
  /** (dtRank padded, dInner). */
  readonly dtProj: GpuTensor;
  readonly dtBias: GpuTensor;
  readonly outProj: GpuTensor;
}

/** The activations of a block. */
export type BlockTensors = Pick<
  SegmentTensors,
  'length' | 'tokens' | 'entered' | 'residual' | 'convIn' | 'z' | 'u' | 'delta' | 'b' | 'c' | 'y'
>;

interface Products {
  readonly embed: GatherRows;
  readonly inProj: Linear;
  readonly xProj: Linear;
  readonly dtProj: Linear;
  readonly outProj: Linear;
}

/** The dense parts of the Mamba blocks in our own WGSL, of a model or of its reader. */
export class WgslBlocks {
  readonly #config: MemMambaConfig;
  readonly #products: Products;
  readonly #activations: Activations;

  private constructor(config: MemMambaConfig, products: Products, activations: Activations) {
    this.#config = config;
    this.#products = products;
    this.#activations = activations;
  }

  /** @throws {KernelCompileError} if the device does not compile a shader */
  static async create(
    gpu: Gpu,
    config: MemMambaConfig,
    activations: Activations,
    maxRows: number,
  ): Promise<WgslBlocks> {
    const { dModel, dInner, normEps } = config;
    const { rank, projected } = widths(config);
    const linear = (depth: number, outputs: number, options: object = {}): Promise<Linear> =>
      Linear.create(gpu, { depth, columns: outputs, maxRows, ...options });
    const [embed, inProj, xProj, dtProj, outProj] = await Promise.all([
      GatherRows.create(gpu),
      linear(dModel, 2 * dInner, { normEps }),
      linear(dInner, projected),
      linear(rank, dInner, { bias: true, softplus: true }),
      linear(dInner, dModel, { residual: true }),
    ]);
    return new WgslBlocks(config, { embed, inProj, xProj, dtProj, outProj }, activations);
  }

  tensors(length: number): BlockTensors {
    const act = this.#activations;
    const { dModel, dInner, dState } = this.#config;
    const { rank } = widths(this.#config);
    const inner = this.#inner(length);
    const projected = this.#projected(length);
    return {
      length,
      tokens: act.tokens(length),
      entered: act.rows('entered', length, dModel),
      residual: act.rows('residual', length, dModel),
      convIn: columns(inner, 0, dInner),
      z: columns(inner, dInner, dInner),
      u: act.rows('u', length, dInner),
      delta: act.rows('delta', length, dInner),
      b: columns(projected, rank, dState),
      c: columns(projected, rank + dState, dState),
      y: act.rows('y', length, dInner),
    };
  }

  /** Rows of the embedding → `entered`. */
  embed(recorder: Recorder, table: GpuTensor, { tokens, entered }: BlockTensors): void {
    this.#products.embed.record(recorder, { tokens, table, out: entered });
  }

  /** Norm and input projection of (L, dModel) `x` → `convIn`, `z`. */
  enter(recorder: Recorder, { inProj }: BlockMatrices, x: GpuTensor, { length }: BlockTensors): void {
    this.#products.inProj.record(recorder, { x, weight: inProj, out: this.#inner(length) });
  }

  /** `u` → `delta`, `b`, `c`. */
  select(
    recorder: Recorder,
    { xProj, dtProj, dtBias }: BlockMatrices,
    { length, u, delta }: BlockTensors,
  ): void {
    const projected = this.#projected(length);
    this.#products.xProj.record(recorder, { x: u, weight: xProj, out: projected });
    const x = columns(projected, 0, widths(this.#config).rank);
    this.#products.dtProj.record(recorder, { x, weight: dtProj, bias: dtBias, out: delta });
  }

  /** Output projection of (L, dInner) `y`, and `residual` (L, dModel) → `out`. */
  leave(
    recorder: Recorder,
    { outProj }: BlockMatrices,
    { y, residual, out }: { readonly y: GpuTensor; readonly residual: GpuTensor; readonly out: GpuTensor },
  ): void {
    this.#products.outProj.record(recorder, { x: y, weight: outProj, residual, out });
  }

  /** (L, 2 dInner) both halves of the input projection. */
  #inner(length: number): GpuTensor {
    return this.#activations.rows('inner', length, 2 * this.#config.dInner);
  }

  /** (L, …) low rank of Δ, then B, then C. */
  #projected(length: number): GpuTensor {
    return this.#activations.rows('projected', length, widths(this.#config).projected);
  }
}

/** The next multiple of 4: our products read and write whole vectors. */
export function padded(count: number): number {
  return 4 * Math.ceil(count / 4);
}

/** Columns of the selection's projection: the low rank of Δ padded, then B and C, padded in all. */
function widths({ dtRank, dState }: MemMambaConfig): { readonly rank: number; readonly projected: number } {
  const rank = padded(dtRank);
  return { rank, projected: padded(rank + 2 * dState) };
}

export function uploadBlock(device: GPUDevice, config: MemMambaConfig, weights: BlockWeights): BlockMatrices {
  const { dModel, dInner, dState, dtRank } = config;
  const { rank, projected } = widths(config);
  const inProj = matrix(dModel, 2 * dInner);
  inProj.put(weights.inX, dInner, 0, dInner, 0, weights.norm);
  inProj.put(weights.inZ, dInner, 0, dInner, dInner, weights.norm);
  const xProj = matrix(dInner, projected);
  xProj.put(weights.xProj, dtRank + 2 * dState, 0, dtRank, 0);
  xProj.put(weights.xProj, dtRank + 2 * dState, dtRank, 2 * dState, rank);
  const dtProj = matrix(rank, dInner);
  dtProj.put(weights.dtProj, dInner, 0, dInner, 0);
  return {
    inProj: inProj.upload(device, 'in_proj'),
    xProj: xProj.upload(device, 'x_proj'),
    dtProj: dtProj.upload(device, 'dt_proj'),
    dtBias: uploadWeight(device, 'dt_bias', weights.dtBias, dInner),
    outProj: uploadWeight(device, 'out_proj', weights.outProj, dInner, dModel),
  };
}

/** A matrix that is put together of columns of others and then uploaded. */
export function matrix(rows: number, width: number) {
  const data = new Float32Array(rows * width);
  return {
    set: (row: number, column: number, value: number): void => {
      data[row * width + column] = value;
    },
    /** Copies `count` columns of a matrix of `stride` columns, each row times `factor`. */
    put: (
      from: Float32Array,
      stride: number,
      first: number,
      count: number,
      to: number,
      factor?: Float32Array,
    ): void => {
      for (let row = 0; row < from.length / stride; row++) {
        for (let i = 0; i < count; i++) {
          data[row * width + to + i] = from[row * stride + first + i]! * (factor?.[row] ?? 1);
        }
      }
    },
    upload: (device: GPUDevice, name: string): GpuTensor => uploadWeight(device, name, data, rows, width),
  };
}
