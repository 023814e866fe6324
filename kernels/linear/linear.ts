import activations from '../gpu/activations.wgsl';
import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipeline.js';
import type { Bindings, Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, checkTensor, type GpuTensor } from '../gpu/tensor.js';
import { f32 } from '../gpu/uniforms.js';
import { ShapeError, checkInteger } from '../shapes.js';
import rowCode from './linear-row.wgsl';
import tileCode from './linear.wgsl';
import output from './output.wgsl';
import paramsCode from './params.wgsl';

/** How a tile is divided; see linear.wgsl. */
export interface LinearTile {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly rowRun: number;
  readonly columnRun: number;
}

/**
 * Large tiles read the least, small ones give work to more workgroups; each takes 16 KiB at most. `enough` workgroups of
 * a tile keep a large GPU busy: of large ones it takes more, since the last round leaves most of it idle.
 */
const TILES: readonly (LinearTile & { readonly enough: number })[] = [
  { rows: 128, columns: 128, depth: 16, rowRun: 8, columnRun: 8, enough: 512 },
  { rows: 128, columns: 64, depth: 16, rowRun: 8, columnRun: 4, enough: 512 },
  { rows: 64, columns: 64, depth: 16, rowRun: 4, columnRun: 4, enough: 128 },
  { rows: 32, columns: 64, depth: 32, rowRun: 4, columnRun: 4, enough: 0 },
];
/** Up to so many rows, a product is taken row by row. */
const FEW_ROWS = 8;
const ROW_COLUMN_LANES = 8;
const ROW_SLICES = 16;

export interface LinearShape {
  /** Columns of the input, a multiple of 4. */
  readonly depth: number;
  /** Columns of the output, a multiple of 4. */
  readonly columns: number;
  /** Rows of the longest input to expect: the tile is chosen for it. Any number of rows is taken. */
  readonly maxRows: number;
  /** Epsilon of an RMS norm of the input, whose weight is folded into the matrix; none without it. */
  readonly normEps?: number;
}

/** A product's WGSL, compiled with one `store`, for many rows and for few. */
export class LinearKernels {
  readonly #tile: LinearTile;
  readonly #kernels: { readonly tiled: Kernel; readonly row: Kernel };

  private constructor(
    readonly shape: LinearShape,
    tile: LinearTile,
    kernels: { readonly tiled: Kernel; readonly row: Kernel },
  ) {
    this.#tile = tile;
    this.#kernels = kernels;
  }

  /**
   * Compiles the product with the WGSL of `store` and its constants. Errors call it `name`.
   *
   * @throws {ShapeError} unless `depth` and `columns` are positive multiples of 4
   * @throws {RangeError} if a constant or a size of the tile is negative or no integer
   * @throws {KernelCompileError} if the device does not compile a shader
   */
  static async create(
    gpu: Gpu,
    name: string,
    shape: LinearShape,
    store: readonly string[],
    constants: Readonly<Record<string, number>>,
    tile = tileFor(shape),
  ): Promise<LinearKernels> {
    checkInteger(name, 'depth', shape.depth, 4);
    checkInteger(name, 'columns', shape.columns, 4);
    if (shape.depth % 4 !== 0 || shape.columns % 4 !== 0) {
      throw new ShapeError(name, `${shape.depth} × ${shape.columns}: both must be multiples of 4`);
    }
    const NORM = shape.normEps === undefined ? 0 : 1;
    const [tiled, row] = await Promise.all([
      gpu.pipelines.get({
        ...{ name, code: [paramsCode, ...store, tileCode], entryPoint: 'linear' },
        constants: {
          ...{ ROWS: tile.rows, COLUMNS: tile.columns, DEPTH: tile.depth },
          ...{ ROW_RUN: tile.rowRun, COLUMN_RUN: tile.columnRun, NORM, ...constants },
        },
      }),
      gpu.pipelines.get({
        ...{ name, code: [paramsCode, ...store, rowCode], entryPoint: 'linear_row' },
        constants: { COLUMN_LANES: ROW_COLUMN_LANES, SLICES: ROW_SLICES, NORM, ...constants },
      }),
    ]);
    return new LinearKernels(shape, tile, { tiled, row });
  }

  /**
   * Dispatches the product of `x` and `weight`; `places` are the uniforms from out_stride to query_columns.
   *
   * @throws {ShapeError} if `x` has no rows or not `depth` columns, or `weight` is not (depth, columns) and dense
   * @throws {ShapeError} if the row stride or first column of `x` is not a multiple of 4
   * @throws {RangeError} if the rows need more workgroups than the device dispatches
   */
  dispatch(
    recorder: Recorder,
    name: string,
    x: GpuTensor,
    weight: GpuTensor,
    places: readonly number[],
    bindings: Bindings,
  ): void {
    const { depth, columns, normEps = 0 } = this.shape;
    const rows = x.shape[0] ?? 0;
    checkInteger(name, 'the rows of x', rows, 1);
    checkTensor(name, 'x', x, rows, depth);
    checkVectors(name, 'x', x);
    checkDense(name, 'weight', weight, depth, columns);
    const uniforms = [rows, depth, columns / 4, x.stride / 4, x.column / 4, ...places, f32(normEps)];
    const all = { 1: x, 2: weight, ...bindings };
    if (rows <= FEW_ROWS) {
      recorder.dispatch(this.#kernels.row, uniforms, all, [
        Math.ceil(columns / (4 * ROW_COLUMN_LANES)),
        rows,
      ]);
    } else {
      const tile = this.#tile;
      const grid = [Math.ceil(columns / tile.columns), Math.ceil(rows / tile.rows)] as const;
      recorder.dispatch(this.#kernels.tiled, uniforms, all, grid);
    }
  }
}

/** The largest tile that gives work to a large GPU, and is not mostly empty. */
function tileFor({ maxRows, columns }: LinearShape): LinearTile {
  return (
    TILES.find(
      (tile) =>
        2 * columns > tile.columns &&
        Math.ceil(maxRows / tile.rows) * Math.ceil(columns / tile.columns) >= tile.enough,
    ) ?? TILES.at(-1)!
  );
}

/**
 * @throws {ShapeError} unless the rows of a tensor can be read as whole vec4s: row stride and first column are
 * multiples of 4
 */
export function checkVectors(operator: string, name: string, { stride, column }: GpuTensor): void {
  if (stride % 4 === 0 && column % 4 === 0) return;
  throw new ShapeError(operator, `${name} has a row stride or first column that is not a multiple of 4`);
}

const NAME = 'linear';

export interface LinearOptions extends LinearShape {
  readonly bias?: boolean;
  /** Whether the product and its bias go through softplus. */
  readonly softplus?: boolean;
  /** Whether they go through GELU instead. */
  readonly gelu?: boolean;
  readonly gate?: boolean;
  readonly residual?: boolean;
}

export interface LinearArgs {
  /** (L, depth); may be a view of columns. */
  readonly x: GpuTensor;
  /** (depth, columns), each row times the norm's weight where there is a norm. */
  readonly weight: GpuTensor;
  /** (columns). */
  readonly bias?: GpuTensor;
  /** (L, 1) factor of each row. */
  readonly gate?: GpuTensor;
  /** (L, columns) added last. */
  readonly residual?: GpuTensor;
  /** (L, columns) output. */
  readonly out: GpuTensor;
}

/** out = gate · f(norm(x) W + bias) + residual, f softplus, GELU or nothing; see the README beside this file. */
export class Linear {
  readonly #kernels: LinearKernels;
  readonly #options: LinearOptions;

  private constructor(kernels: LinearKernels, options: LinearOptions) {
    this.#kernels = kernels;
    this.#options = options;
  }

  /**
   * Compiles the shaders for one shape. The tile is chosen by the shape where it is left out.
   *
   * @throws {ShapeError} unless `depth` and `columns` are positive multiples of 4
   * @throws {RangeError} if a size of the tile is negative or no integer
   * @throws {KernelCompileError} if the device does not compile a shader
   */
  static async create(gpu: Gpu, options: LinearOptions, tile?: LinearTile): Promise<Linear> {
    const { bias = false, softplus = false, gelu = false, gate = false, residual = false } = options;
    const constants = {
      ...{ BIAS: Number(bias), SOFTPLUS: Number(softplus), GELU: Number(gelu) },
      ...{ GATE: Number(gate), RESIDUAL: Number(residual) },
    };
    const code = [activations, output];
    return new Linear(await LinearKernels.create(gpu, NAME, options, code, constants, tile), options);
  }

  /**
   * Records the product of L rows.
   *
   * @throws {ShapeError} if `bias`, `gate` or `residual` is given and was not compiled in, or the reverse
   * @throws {ShapeError} if `x` has no rows or a tensor does not have its shape
   * @throws {ShapeError} if `weight` or `bias` is not dense
   * @throws {ShapeError} if the row stride or first column of `x`, `residual` or `out` is not a multiple of 4
   * @throws {ShapeError} if `out` shares its buffer with an input
   * @throws {RangeError} if the rows need more workgroups than the device dispatches
   */
  record(recorder: Recorder, { x, weight, bias, gate, residual, out }: LinearArgs): void {
    const { columns, ...wanted } = this.#options;
    const rows = x.shape[0] ?? 0;
    for (const [name, tensor] of Object.entries({ bias, gate, residual })) {
      if ((wanted[name as 'bias' | 'gate' | 'residual'] ?? false) !== (tensor !== undefined)) {
        throw new ShapeError(
          NAME,
          `${name} was ${tensor ? 'given' : 'left out'}, not so when it was compiled`,
        );
      }
    }
    if (bias) checkDense(NAME, 'bias', bias, columns);
    if (gate) checkTensor(NAME, 'gate', gate, rows, 1);
    if (residual) {
      checkTensor(NAME, 'residual', residual, rows, columns);
      checkVectors(NAME, 'residual', residual);
    }
    checkTensor(NAME, 'out', out, rows, columns);
    checkVectors(NAME, 'out', out);
    const inputs = { x, weight, ...(bias && { bias }), ...(gate && { gate }), ...(residual && { residual }) };
    checkDistinct(NAME, { out }, inputs);
    const places = [
      ...[out.stride / 4, out.column / 4, (residual?.stride ?? 0) / 4],
      ...[gate?.stride ?? 0, gate?.column ?? 0, 0, 0],
    ];
    // Something must be bound in the place of what is left out; the shader does not look at it.
    const bindings = { 3: bias ?? weight, 4: gate ?? weight, 5: residual ?? weight, 6: out };
    this.#kernels.dispatch(recorder, NAME, x, weight, places, bindings);
  }
}
