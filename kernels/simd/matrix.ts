import type { Address, SimdModule } from './module.js';
import { LARGEST_WEIGHT, checkWeights, type FloatWeights, type Int8Weights } from './weights.js';

/** Columns a panel of the matrix kernels. */
const PANEL = 8;

/** A count of columns as the kernels take it: up to a whole panel. */
export function panelWidth(columns: number): number {
  return Math.ceil(columns / PANEL) * PANEL;
}

/** Rows of f32 in a module's memory; the stride counts elements. */
export interface MatrixRows {
  readonly at: Address;
  readonly stride: number;
}

export interface MultiplyOptions {
  /** (rows) a factor for each row of the product. */
  readonly scale?: Address;
  /** ({@link panelWidth} of the columns), added to each row. */
  readonly bias?: Address;
  /** Adds to what the output holds. */
  readonly add?: boolean;
}

/** The right-hand side of products, packed once for the matrix kernels. */
export interface PackedMatrix {
  /** (k) rows of the matrix, columns of the left-hand side. */
  readonly rows: number;
  /** Columns of the product, up to a whole panel; those behind the matrix's own come out as the bias, or 0. */
  readonly width: number;
  /**
   * y = scale ⊙ (x W) + bias for `m` rows. A row's result does not depend on the rows beside it.
   *
   * @param y its stride is at least `width`
   */
  multiply(m: number, x: MatrixRows, y: MatrixRows, options?: MultiplyOptions): void;
}

/**
 * A matrix in f32. With the weights w of a norm, x W is (w ⊙ x) W: they are multiplied into the matrix.
 */
export class FloatMatrix implements PackedMatrix {
  readonly rows: number;
  readonly width: number;
  private readonly panels: Address;

  /** @param norm (inputs) */
  constructor(
    private readonly module: SimdModule,
    weights: FloatWeights,
    norm?: Float32Array,
  ) {
    checkWeights(weights);
    const { outputs, inputs, values } = weights;
    this.rows = inputs;
    this.width = panelWidth(outputs);
    this.panels = module.reserve(inputs * this.width);
    const panels = module.floats(this.panels, inputs * this.width);
    panels.fill(0);
    for (let column = 0; column < outputs; column++) {
      const to = Math.floor(column / PANEL) * inputs * PANEL + (column % PANEL);
      const from = column * inputs;
      for (let row = 0; row < inputs; row++) panels[to + row * PANEL] = values[from + row]!;
    }
    if (!norm) return;
    for (let at = 0; at < panels.length; at++) panels[at]! *= norm[Math.floor(at / PANEL) % inputs]!;
  }

  multiply(m: number, x: MatrixRows, y: MatrixRows, options: MultiplyOptions = {}): void {
    const { scale = 0, bias = 0, add = false } = options;
    const { rows, width, panels } = this;
    this.module.run.matmul(
      ...([m, rows, width, x.at, 4 * x.stride, panels, y.at, 4 * y.stride] as const),
      ...([scale, bias, Number(add)] as const),
    );
  }
}

/** Largest integer of an activation. */
const LARGEST_ACTIVATION = 32767;

/** Room that products of integer matrices share for their left-hand sides. */
export interface QuantizedRows {
  /** (m, k up to an even number) i16. */
  readonly values: Address;
  /** (m) f32. */
  readonly steps: Address;
}

/** Reserves room for left-hand sides of up to `m` rows of `k`. */
export function reserveQuantizedRows(module: SimdModule, m: number, k: number): QuantizedRows {
  return { values: module.reserve(m * Math.ceil(k / 2)), steps: module.reserve(m) };
}

/**
 * A matrix of eight-bit integers with a step for each output channel; activations become integers of up to 16
 * bits with a step for each token. Products are summed exactly. The weights of a norm are multiplied into the
 * activations before that, so the matrix's own integers are used as they are.
 *
 * The kernel multiplies pairs of i16, WebAssembly's widest integer product, so more than eight bits for activations
 * cost nothing. Their largest integer is min(32767, (2^31 - 1) / (127 k)): no sum can overflow.
 */
export class Int8Matrix implements PackedMatrix {
  readonly rows: number;
  readonly width: number;
  private readonly panels: Address;
  /** (width) step of each column. */
  private readonly columnSteps: Address;
  /** (rows), or 0. */
  private readonly norm: Address;
  private readonly evenRows: number;
  private readonly limit: number;

  /** @param norm (inputs) */
  constructor(
    private readonly module: SimdModule,
    private readonly scratch: QuantizedRows,
    weights: Int8Weights,
    norm?: Float32Array,
  ) {
    checkWeights(weights);
    const { outputs, inputs, values } = weights;
    this.rows = inputs;
    this.width = panelWidth(outputs);
    this.evenRows = inputs + (inputs % 2);
    this.limit = Math.min(LARGEST_ACTIVATION, Math.floor((2 ** 31 - 1) / (LARGEST_WEIGHT * this.evenRows)));
    this.norm = norm ? module.put(norm) : 0;
    this.columnSteps = module.reserve(this.width);
    this.panels = module.reserve((this.evenRows * this.width) / 2);
    module.floats(this.columnSteps, this.width).fill(0).set(weights.steps);
    const panels = module.shorts(this.panels, this.evenRows * this.width).fill(0);
    for (let column = 0; column < outputs; column++) {
      const to = Math.floor(column / PANEL) * this.evenRows * PANEL + (column % PANEL) * 2;
      for (let row = 0; row < inputs; row++) {
        panels[to + (row & ~1) * PANEL + (row & 1)] = values[column * inputs + row]!;
      }
    }
  }

  multiply(m: number, x: MatrixRows, y: MatrixRows, options: MultiplyOptions = {}): void {
    const { scale = 0, bias = 0, add = false } = options;
    const { rows, evenRows, width, panels, limit, norm, columnSteps } = this;
    const { values, steps } = this.scratch;
    const { run } = this.module;
    run.quantizeRows(m, rows, x.at, 4 * x.stride, norm, limit, values, 2 * evenRows, scale, steps);
    run.matmulInt8(
      ...([m, evenRows, width, values, 2 * evenRows, panels, y.at, 4 * y.stride] as const),
      ...([steps, columnSteps, bias, Number(add)] as const),
    );
  }
}
