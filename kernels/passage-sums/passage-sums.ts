import activations from '../gpu/activations.wgsl';
import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipeline.js';
import type { Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, type GpuTensor } from '../gpu/tensor.js';
import { ShapeError, checkInteger } from '../shapes.js';
import code from './passage-sums.wgsl';

export interface PassageSumsShape {
  /** Columns of a sum, a multiple of 4. */
  readonly columns: number;
  /** Rows of a block. */
  readonly block: number;
}

export interface PassageSumsArgs {
  /** Rows of the first block that stand before the first row here, below `block`. */
  readonly lead: number;
  /** (L, columns + 4): the parts, the gate before softplus, and three columns that are not looked at. */
  readonly products: GpuTensor;
  /** (blocks, columns) output. */
  readonly sums: GpuTensor;
}

const NAME = 'passage sums';

/** Gated sums of rows, block by block; see the README beside this file. */
export class PassageSums {
  readonly #kernel: Kernel;
  readonly #shape: PassageSumsShape;

  private constructor(kernel: Kernel, shape: PassageSumsShape) {
    this.#kernel = kernel;
    this.#shape = shape;
  }

  /** @throws {ShapeError} where a sum is not whole vectors */
  static async create(gpu: Gpu, shape: PassageSumsShape): Promise<PassageSums> {
    checkInteger(NAME, 'columns', shape.columns, 4);
    checkInteger(NAME, 'block', shape.block, 1);
    if (shape.columns % 4 !== 0) {
      throw new ShapeError(NAME, `columns must be a multiple of 4; there are ${shape.columns}`);
    }
    const kernel = await gpu.pipelines.get({
      ...{ name: 'passage-sums', code: [activations, code], entryPoint: 'passage_sums' },
      constants: { LANES: 64 },
    });
    return new PassageSums(kernel, shape);
  }

  /** @throws {ShapeError} where a tensor has another shape */
  record(recorder: Recorder, { lead, products, sums }: PassageSumsArgs): void {
    const { columns, block } = this.#shape;
    const length = products.shape[0] ?? 0;
    checkInteger(NAME, 'the rows of products', length, 1);
    checkInteger(NAME, 'lead', lead, 0);
    if (lead >= block) throw new ShapeError(NAME, `lead must be below ${block}; it is ${lead}`);
    const blocks = Math.ceil((lead + length) / block);
    checkDense(NAME, 'products', products, length, columns + 4);
    checkDense(NAME, 'sums', sums, blocks, columns);
    checkDistinct(NAME, { sums }, { products });
    const uniforms = [length, columns / 4, columns / 4 + 1, block, lead, 0, 0, 0];
    recorder.dispatch(this.#kernel, uniforms, { 1: products, 2: sums }, [blocks]);
  }
}
