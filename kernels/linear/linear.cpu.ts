import { gelu as geluOf, softplus as softplusOf } from '../cpu/activations.js';
import type { Rows } from '../cpu/rows.js';

export interface LinearCpuArgs {
  readonly length: number;
  readonly depth: number;
  readonly columns: number;
  /** (L, depth). */
  readonly x: Rows;
  /** (depth, columns). */
  readonly weight: Float32Array;
  readonly normEps?: number;
  readonly bias?: Float32Array;
  readonly softplus?: boolean;
  readonly gelu?: boolean;
  /** (L). */
  readonly gate?: Float32Array;
  /** (L, columns). */
  readonly residual?: Rows;
  /** (L, columns) output. */
  readonly y: Rows;
}

/** out = gate · f(x W / rms(x) + bias) + residual, accumulated in f64: what the shader is checked against. */
export function linearCpu(args: LinearCpuArgs): void {
  const { length, depth, columns, x, weight, normEps, bias, gate, residual, y } = args;
  const { softplus = false, gelu = false } = args;
  const activation = (value: number) => (softplus ? softplusOf(value) : gelu ? geluOf(value) : value);
  const sums = new Float64Array(columns);
  for (let t = 0; t < length; t++) {
    const from = x.offset + t * x.stride;
    sums.fill(0);
    let squares = 0;
    for (let k = 0; k < depth; k++) {
      const left = x.data[from + k]!;
      squares += left * left;
      for (let column = 0; column < columns; column++) sums[column]! += left * weight[k * columns + column]!;
    }
    const scale = normEps === undefined ? 1 : 1 / Math.sqrt(squares / depth + normEps);
    for (let column = 0; column < columns; column++) {
      const product = scale * sums[column]! + (bias?.[column] ?? 0);
      const value = (gate?.[t] ?? 1) * activation(product);
      const added = residual ? residual.data[residual.offset + t * residual.stride + column]! : 0;
      y.data[y.offset + t * y.stride + column] = value + added;
    }
  }
}
