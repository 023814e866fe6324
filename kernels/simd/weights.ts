import { checkArray } from '../cpu/rows.js';

/** Largest integer of a weight: a signed byte without -128. */
export const LARGEST_WEIGHT = 127;

/** A matrix as it was trained: (outputs, inputs), row-major. */
export interface FloatWeights {
  readonly outputs: number;
  readonly inputs: number;
  readonly values: Float32Array;
}

/** The same in eight bits: w = step · q with q in [-127, 127] and a step for each output. */
export interface Int8Weights {
  readonly outputs: number;
  readonly inputs: number;
  readonly values: Int8Array;
  /** (outputs). */
  readonly steps: Float32Array;
}

export type Weights = FloatWeights | Int8Weights;

/** Whether the matrix is in eight bits. */
export function isInt8(weights: Weights): weights is Int8Weights {
  return weights.values instanceof Int8Array;
}

/** @throws {ShapeError} unless the values are (outputs, inputs) */
export function checkWeights({ outputs, inputs, values }: Weights): void {
  checkArray('matrix product', 'weights', values, outputs, inputs);
}

/** In f32; what is so already comes back as it is. */
export function dequantized(weights: Weights): FloatWeights {
  if (!isInt8(weights)) return weights;
  const { outputs, inputs, steps } = weights;
  const values = new Float32Array(outputs * inputs);
  for (let row = 0; row < outputs; row++) {
    const step = steps[row]!;
    for (let i = row * inputs; i < (row + 1) * inputs; i++) values[i] = weights.values[i]! * step;
  }
  return { outputs, inputs, values };
}

/** In eight bits, each output's largest weight at ±127; what is so already comes back as it is. */
export function quantized(weights: Weights): Int8Weights {
  if (isInt8(weights)) return weights;
  const { outputs, inputs, values } = weights;
  const integers = new Int8Array(outputs * inputs);
  const steps = new Float32Array(outputs);
  for (let row = 0; row < outputs; row++) {
    let largest = 0;
    for (let i = row * inputs; i < (row + 1) * inputs; i++) largest = Math.max(largest, Math.abs(values[i]!));
    const step = largest / LARGEST_WEIGHT;
    steps[row] = step;
    for (let i = row * inputs; i < (row + 1) * inputs && step > 0; i++) {
      integers[i] = Math.round(values[i]! / step);
    }
  }
  return { outputs, inputs, values: integers, steps };
}

/**
 * Matrices of equal inputs one below the other: one product instead of several. In eight bits if all of them are.
 *
 * @throws {TypeError} if there are no matrices
 */
export function stacked(parts: readonly Weights[]): Weights {
  const { inputs } = parts[0]!;
  const outputs = parts.reduce((sum, part) => sum + part.outputs, 0);
  if (parts.every(isInt8)) {
    const values = new Int8Array(outputs * inputs);
    const steps = new Float32Array(outputs);
    let row = 0;
    for (const part of parts) {
      values.set(part.values, row * inputs);
      steps.set(part.steps, row);
      row += part.outputs;
    }
    return { outputs, inputs, values, steps };
  }
  const values = new Float32Array(outputs * inputs);
  let at = 0;
  for (const part of parts) {
    values.set(dequantized(part).values, at);
    at += part.outputs * inputs;
  }
  return { outputs, inputs, values };
}

/** Outputs in groups of `size`, each followed by zeros up to `padded`. */
export function padOutputs(weights: Weights, size: number, padded: number): Weights {
  if (size === padded) return weights;
  const { outputs, inputs } = weights;
  const groups = outputs / size;
  const spread = <T extends Float32Array | Int8Array>(from: T, to: T, width: number): T => {
    for (let group = 0; group < groups; group++) {
      to.set(from.subarray(group * size * width, (group + 1) * size * width), group * padded * width);
    }
    return to;
  };
  const shape = { outputs: groups * padded, inputs };
  const count = shape.outputs * inputs;
  return isInt8(weights)
    ? {
        ...shape,
        values: spread(weights.values, new Int8Array(count), inputs),
        steps: spread(weights.steps, new Float32Array(shape.outputs), 1),
      }
    : { ...shape, values: spread(weights.values, new Float32Array(count), inputs) };
}

/** Inputs in groups of `size`, each followed by zeros up to `padded`. */
export function padInputs(weights: Weights, size: number, padded: number): Weights {
  if (size === padded) return weights;
  const { outputs, inputs } = weights;
  const groups = inputs / size;
  const wide = groups * padded;
  const spread = <T extends Float32Array | Int8Array>(from: T, to: T): T => {
    for (let group = 0; group < outputs * groups; group++) {
      to.set(from.subarray(group * size, (group + 1) * size), group * padded);
    }
    return to;
  };
  return isInt8(weights)
    ? {
        outputs,
        inputs: wide,
        values: spread(weights.values, new Int8Array(outputs * wide)),
        steps: weights.steps,
      }
    : { outputs, inputs: wide, values: spread(weights.values, new Float32Array(outputs * wide)) };
}

/** Some of the outputs. */
export function someOutputs(weights: Weights, from: number, to: number): Weights {
  const { inputs } = weights;
  const shape = { outputs: to - from, inputs };
  return isInt8(weights)
    ? {
        ...shape,
        values: weights.values.subarray(from * inputs, to * inputs),
        steps: weights.steps.subarray(from, to),
      }
    : { ...shape, values: weights.values.subarray(from * inputs, to * inputs) };
}

/** (rows, columns) -> (columns, rows). */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = matrix[row * columns + column]!;
  }
  return out;
}
