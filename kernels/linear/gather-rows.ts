import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipeline.js';
import type { Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, type GpuTensor } from '../gpu/tensor.js';
import { ShapeError, checkInteger } from '../shapes.js';
import code from './gather-rows.wgsl';

export interface GatherRowsArgs {
  /** (L) row numbers as i32; the caller checks that the table has them. */
  readonly tokens: GpuTensor;
  /** (rows, columns), columns a multiple of 4. */
  readonly table: GpuTensor;
  /** (L, columns) output. */
  readonly out: GpuTensor;
}

const NAME = 'gather rows';

/** Rows of a table by number: embeddings of tokens. */
export class GatherRows {
  readonly #kernel: Kernel;

  private constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /**
   * Compiles the shader.
   *
   * @throws {KernelCompileError} if the device does not compile the shader
   */
  static async create(gpu: Gpu): Promise<GatherRows> {
    const source = { name: 'gather-rows', code: [code], entryPoint: 'gather_rows', constants: { LANES: 64 } };
    return new GatherRows(await gpu.pipelines.get(source));
  }

  /**
   * Records the look-up of L rows.
   *
   * @throws {ShapeError} if there are no tokens, or the columns are not a positive multiple of 4
   * @throws {ShapeError} if a tensor does not have its shape or is not dense
   * @throws {ShapeError} if `out` shares its buffer with an input
   * @throws {RangeError} if the segment needs more workgroups than the device dispatches
   */
  record(recorder: Recorder, { tokens, table, out }: GatherRowsArgs): void {
    const [rows = 0, columns = 0] = table.shape;
    const length = tokens.shape[0] ?? 0;
    checkInteger(NAME, 'the number of tokens', length, 1);
    checkInteger(NAME, 'columns', columns, 4);
    if (columns % 4 !== 0)
      throw new ShapeError(NAME, `columns must be a multiple of 4; there are ${columns}`);
    checkDense(NAME, 'tokens', tokens, length);
    checkDense(NAME, 'table', table, rows, columns);
    checkDense(NAME, 'out', out, length, columns);
    checkDistinct(NAME, { out }, { tokens, table });
    recorder.dispatch(this.#kernel, [columns / 4, 0, 0, 0], { 1: tokens, 2: table, 3: out }, [length]);
  }
}
