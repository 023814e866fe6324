import type { Address, SimdModule } from './module.js';
import { checkWeights, type FloatWeights } from './weights.js';

/** Columns a panel of the matrix kernels. */
export const PANEL = 8;

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
  readonly #module: SimdModule;

  readonly rows: number;
  readonly width: number;
  readonly #panels: Address;

  /**
   * @param norm (inputs)
   * @throws {ShapeError} unless the values are (outputs, inputs)
   * @throws {RangeError} if the memory cannot grow by so much
   */
  constructor(module: SimdModule, weights: FloatWeights, norm?: Float32Array) {
    this.#module = module;

    checkWeights(weights);
    const { outputs, inputs, values } = weights;
    this.rows = inputs;
    this.width = panelWidth(outputs);
    this.#panels = module.reserve(inputs * this.width);
    const panels = module.floats(this.#panels, inputs * this.width);
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
    const { rows, width } = this;
    const panels = this.#panels;
    this.#module.run.matmul(
      ...([m, rows, width, x.at, 4 * x.stride, panels, y.at, 4 * y.stride] as const),
      ...([scale, bias, Number(add)] as const),
    );
  }
}
