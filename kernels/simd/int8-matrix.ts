import { PANEL, panelWidth, type MatrixRows, type MultiplyOptions, type PackedMatrix } from './matrix.js';
import type { Address, SimdModule } from './module.js';
import { checkWeights, type Int8Weights } from './weights.js';

/** Elements of a left-hand side that share a step and a zero. */
const BLOCK = 64;
/** Left-hand sides are padded to so many columns, the step of the kernel's loop. */
const STEP = 8;

/**
 * Planes of seven bits of an activation: in one it has 7 bits, in two 14, for twice the time. Of 64 activations of a
 * token the smallest and the largest are the ends of the range.
 */
export type Planes = 1 | 2;

/** Room that products of integer matrices share for their left-hand sides. */
export interface QuantizedRows {
  /** (m, planes, k up to a multiple of 8) u8. */
  readonly values: Address;
  /** (m, ⌈k / 64⌉, 2) f32: step and zero. */
  readonly scales: Address;
  /** Multiply by the fused instruction; results are the same. */
  readonly fused: boolean;
}

const paddedRows = (k: number): number => Math.ceil(k / STEP) * STEP;
const blocksOf = (k: number): number => Math.ceil(k / BLOCK);

/**
 * Reserves room for left-hand sides of up to `m` rows of `k` in up to two planes.
 *
 * @throws {RangeError} if the memory cannot grow by so much
 */
export function reserveQuantizedRows(
  module: SimdModule,
  m: number,
  k: number,
  fused: boolean,
): QuantizedRows {
  return {
    values: module.reserve((m * 2 * paddedRows(k)) / Float32Array.BYTES_PER_ELEMENT),
    scales: module.reserve(m * blocksOf(k) * 2),
    fused,
  };
}

/**
 * A matrix of eight-bit integers with a step for each output channel; activations become unsigned integers of seven
 * bits, in one plane or two, with a step and a zero for every 64 of a token. The sums of 64 are exact. The weights of
 * a norm are multiplied into the activations before that, so the matrix's own integers are used as they are.
 */
export class Int8Matrix implements PackedMatrix {
  readonly #module: SimdModule;
  readonly #scratch: QuantizedRows;
  readonly #planes: Planes;

  readonly rows: number;
  readonly width: number;
  readonly #panels: Address;
  /** (width / 8, ⌈rows / 64⌉, 8) sums of every 64 integers of a column, negative. */
  readonly #sums: Address;
  /** (width) step of each column. */
  readonly #columnSteps: Address;
  /** (rows), or 0. */
  readonly #norm: Address;

  /**
   * @param norm (inputs)
   * @throws {ShapeError} unless the values are (outputs, inputs)
   * @throws {RangeError} if the memory cannot grow by so much
   */
  constructor(
    module: SimdModule,
    scratch: QuantizedRows,
    planes: Planes,
    weights: Int8Weights,
    norm?: Float32Array,
  ) {
    this.#module = module;
    this.#scratch = scratch;
    this.#planes = planes;

    checkWeights(weights);
    const { outputs, inputs, values } = weights;
    this.rows = inputs;
    this.width = panelWidth(outputs);
    const padded = paddedRows(inputs);
    const blocks = blocksOf(inputs);
    this.#norm = norm ? module.put(norm) : 0;
    this.#columnSteps = module.reserve(this.width);
    this.#sums = module.reserve(this.width * blocks);
    this.#panels = module.reserve((padded * this.width) / Float32Array.BYTES_PER_ELEMENT);
    module.floats(this.#columnSteps, this.width).fill(0).set(weights.steps);
    const sums = module.floats(this.#sums, this.width * blocks).fill(0);
    const panels = module.bytes(this.#panels, padded * this.width).fill(0);
    for (let column = 0; column < outputs; column++) {
      const [panel, lane] = [Math.floor(column / PANEL), column % PANEL];
      const to = panel * padded * PANEL + lane * 4;
      const from = column * inputs;
      for (let block = 0; block < blocks; block++) {
        let sum = 0;
        for (let row = block * BLOCK; row < Math.min(inputs, (block + 1) * BLOCK); row++) {
          const value = values[from + row]!;
          panels[to + (row & ~3) * PANEL + (row & 3)] = value;
          sum += value;
        }
        sums[(panel * blocks + block) * PANEL + lane] = -sum;
      }
    }
  }

  multiply(m: number, x: MatrixRows, y: MatrixRows, options: MultiplyOptions = {}): void {
    const { scale = 0, bias = 0, add = false } = options;
    const { rows, width } = this;
    const planes = this.#planes;
    const panels = this.#panels;
    const sums = this.#sums;
    const norm = this.#norm;
    const columnSteps = this.#columnSteps;
    const { values, scales, fused } = this.#scratch;
    const { run } = this.#module;
    const padded = paddedRows(rows);
    const stride = planes * padded;
    run.quantizeRows(m, rows, planes, x.at, 4 * x.stride, norm, values, stride, scale, scales);
    run[fused ? 'matmulInt8Fused' : 'matmulInt8'](
      ...([m, padded, width, planes, values, stride, scales, panels, sums] as const),
      ...([columnSteps, bias, y.at, 4 * y.stride, Number(add)] as const),
    );
  }
}
