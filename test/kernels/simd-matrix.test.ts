import { describe, expect, it } from 'vitest';
import {
  FloatMatrix,
  Int8Matrix,
  panelWidth,
  reserveQuantizedRows,
  type PackedMatrix,
} from '../../kernels/simd/matrix.js';
import { SimdModule } from '../../kernels/simd/module.js';
import { quantized, transpose } from '../../kernels/simd/weights.js';
import { prepareSimd } from '../../models/runner/simd.js';

prepareSimd();

/** Deterministic values around 0. */
function numbers(seed: number, length: number, spread = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * spread;
  });
}

interface Problem {
  readonly m: number;
  readonly rows: number;
  readonly columns: number;
  /** (rows, columns). */
  readonly weights: Float32Array;
  /** (rows) weights of a norm in front of the matrix. */
  readonly norm?: Float32Array;
  /** (m, rows). */
  readonly x: Float32Array;
}

function problem(m: number, rows: number, columns: number): Problem {
  return { m, rows, columns, weights: numbers(rows, rows * columns), x: numbers(columns + m, m * rows, 3) };
}

interface Wanted {
  readonly scale?: Float32Array;
  readonly bias?: Float32Array;
  /** (m, width) what the output holds before. */
  readonly before?: Float32Array;
}

type Make = (module: SimdModule, p: Problem) => PackedMatrix;
/** As it is trained: an output's weights follow each other. */
const trained = ({ weights, rows, columns }: Problem) => ({
  outputs: columns,
  inputs: rows,
  values: transpose(weights, rows, columns),
});
const float: Make = (module, p) => new FloatMatrix(module, trained(p), p.norm);
const int8: Make = (module, p) =>
  new Int8Matrix(module, reserveQuantizedRows(module, p.m, p.rows), quantized(trained(p)), p.norm);

/** (m, width) of a product whose operands lie in rows wider than they are, amid NaN. */
function multiply(make: Make, relaxed: boolean, p: Problem, wanted: Wanted = {}): Float32Array {
  const { m, rows, columns, x } = p;
  const module = new SimdModule(relaxed);
  const matrix = make(module, p);
  const { width } = matrix;
  expect(width).toBe(panelWidth(columns));
  const [xStride, yStride] = [rows + 3, width + 5];
  const scale = wanted.scale && module.put(wanted.scale);
  const bias = wanted.bias && module.put(wanted.bias);
  const [xAt, yAt] = [module.reserve(m * xStride), module.reserve(m * yStride)];
  const xs = module.floats(xAt, m * xStride).fill(NaN);
  const ys = module.floats(yAt, m * yStride).fill(NaN);
  for (let t = 0; t < m; t++) {
    xs.set(x.subarray(t * rows, (t + 1) * rows), t * xStride);
    if (wanted.before) ys.set(wanted.before.subarray(t * width, (t + 1) * width), t * yStride);
  }
  matrix.multiply(
    m,
    { at: xAt, stride: xStride },
    { at: yAt, stride: yStride },
    {
      ...(scale !== undefined && { scale }),
      ...(bias !== undefined && { bias }),
      add: wanted.before !== undefined,
    },
  );
  const out = new Float32Array(m * width);
  for (let t = 0; t < m; t++) {
    const row = ys.subarray(t * yStride, (t + 1) * yStride);
    out.set(row.subarray(0, width), t * width);
    // Nothing is written behind a row.
    expect([...row.subarray(width)].every(Number.isNaN)).toBe(true);
  }
  return out;
}

/** The same in f64, and for every element the sum of the sizes of what is added up. */
function inDouble({ m, rows, columns, weights, x, norm }: Problem, { scale, bias, before }: Wanted = {}) {
  const width = panelWidth(columns);
  const values = new Float64Array(m * width);
  const sizes = new Float64Array(m * width);
  for (let t = 0; t < m; t++) {
    for (let c = 0; c < width; c++) {
      const at = t * width + c;
      for (let k = 0; k < rows && c < columns; k++) {
        const input = x[t * rows + k]! * (norm?.[k] ?? 1);
        const product = input * weights[k * columns + c]! * (scale?.[t] ?? 1);
        values[at]! += product;
        sizes[at]! += Math.abs(product);
      }
      for (const more of [bias?.[c] ?? 0, before?.[at] ?? 0]) {
        values[at]! += more;
        sizes[at]! += Math.abs(more);
      }
    }
  }
  return { values, sizes };
}

const SHAPES = [
  [1, 1, 1],
  [5, 7, 13],
  [4, 8, 8],
  [3, 16, 20],
  [9, 33, 40],
  [1, 300, 17],
] as const;
const VARIANTS = [false, true];

describe.each(VARIANTS)('matrix products in f32, relaxed vectors %s', (relaxed) => {
  it.each(SHAPES)('%i × %i × %i equal those in f64', (m, rows, columns) => {
    const p = problem(m, rows, columns);
    const width = panelWidth(columns);
    const all = [
      {},
      { scale: numbers(1, m) },
      { bias: numbers(2, width) },
      { scale: numbers(1, m), bias: numbers(2, width), before: numbers(3, m * width) },
    ];
    const normed = { ...p, norm: numbers(4, rows) };
    for (const [each, wanted] of [...all.map((wanted) => [p, wanted] as const), [normed, {}] as const]) {
      const actual = multiply(float, relaxed, each, wanted);
      const { values, sizes } = inDouble(each, wanted);
      actual.forEach((value, i) => {
        // Each of the sums takes at most one rounding a summand.
        expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(sizes[i]! * (rows + 4) * 2 ** -24);
      });
    }
  });

  it('do not depend, to the bit, on how many rows are multiplied at once', () => {
    const p = problem(11, 29, 24);
    const all = multiply(float, relaxed, p);
    for (let t = 0; t < p.m; t++) {
      const one = { ...p, m: 1, x: p.x.subarray(t * p.rows, (t + 1) * p.rows) };
      expect(multiply(float, relaxed, one)).toEqual(all.slice(t * 24, (t + 1) * 24));
    }
  });
});

describe('matrix products in eight bits', () => {
  /** Half a step of every weight and of every activation. */
  function expectWithinSteps(p: Problem, wanted: Wanted = {}): void {
    const { m, rows, columns, weights, norm } = p;
    const x = p.x.map((value, i) => value * (norm?.[i % rows] ?? 1));
    const width = panelWidth(columns);
    const limit = Math.min(32767, Math.floor((2 ** 31 - 1) / (127 * (rows + (rows % 2)))));
    const actual = multiply(int8, false, p, wanted);
    const { values, sizes } = inDouble(p, wanted);
    const largest = (of: Float32Array, from: number, to: number, by: number) => {
      let most = 0;
      for (let i = from; i < to; i += by) most = Math.max(most, Math.abs(of[i]!));
      return most;
    };
    for (let t = 0; t < m; t++) {
      const xMost = largest(x, t * rows, (t + 1) * rows, 1);
      for (let c = 0; c < width; c++) {
        const wMost = c < columns ? largest(weights, c, weights.length, columns) : 0;
        const [xError, wError] = [xMost / limit / 2, wMost / 127 / 2];
        const bound = rows * (xMost * wError + wMost * xError + xError * wError);
        const i = t * width + c;
        const scaled = bound * Math.abs(wanted.scale?.[t] ?? 1) * (1 + 1e-4);
        expect(Math.abs(actual[i]! - values[i]!)).toBeLessThanOrEqual(scaled + sizes[i]! * 2 ** -20);
      }
    }
  }

  it.each(SHAPES)('%i × %i × %i lie within half a step of each factor', (m, rows, columns) => {
    const p = problem(m, rows, columns);
    const width = panelWidth(columns);
    expectWithinSteps(p);
    expectWithinSteps({ ...p, norm: numbers(4, rows) });
    expectWithinSteps(p, {
      scale: numbers(1, m),
      bias: numbers(2, width),
      before: numbers(3, m * width),
    });
  });

  it('of small integers are exact', () => {
    const [m, rows, columns] = [3, 16, 8];
    // The largest of each row and column is the largest integer, so a step is 1.
    const x = Float32Array.from({ length: m * rows }, (_, i) => (i % rows === 0 ? 32767 : (i % 9) - 4));
    const weights = Float32Array.from({ length: rows * columns }, (_, i) =>
      i < columns ? 127 : (i % 7) - 3,
    );
    const p = { m, rows, columns, x, weights };
    expect([...multiply(int8, false, p)]).toEqual([...inDouble(p).values]);
  });

  it.each([512, 768, 4096, 40_001])('of %i largest numbers do not overflow', (rows) => {
    const p = {
      m: 1,
      rows,
      columns: 1,
      x: new Float32Array(rows).fill(2),
      weights: new Float32Array(rows).fill(-3),
    };
    const [value] = multiply(int8, false, p);
    expect(Math.abs(value! / (-6 * rows) - 1)).toBeLessThan(1e-5);
  });

  it('take a step of its own for every token and every channel', () => {
    const p = problem(4, 24, 8);
    const x = p.x.map((value, i) => value * 10 ** (Math.floor(i / p.rows) * 12 - 20));
    const weights = p.weights.map((value, i) => value * 10 ** ((i % 8) * 4 - 14));
    expectWithinSteps({ ...p, x, weights });
    // Alone or beside a token a trillion times as large: the same bits.
    const all = multiply(int8, false, { ...p, x, weights });
    for (let t = 0; t < p.m; t++) {
      const one = { ...p, weights, m: 1, x: x.subarray(t * p.rows, (t + 1) * p.rows) };
      expect(multiply(int8, false, one)).toEqual(all.slice(t * 8, (t + 1) * 8));
    }
  });

  it('of zeros are 0, and what is no number stays none', () => {
    const p = problem(4, 10, 8);
    p.x.fill(0, 0, 10);
    p.x[13] = NaN;
    p.x[39] = Infinity;
    const y = multiply(int8, false, p);
    expect([...y.subarray(0, 8)].every((value) => value === 0)).toBe(true);
    expect([...y.subarray(8, 16)].every(Number.isNaN)).toBe(true);
    expect([...y.subarray(16, 24)].every(Number.isFinite)).toBe(true);
    expect([...y.subarray(24, 32)].every(Number.isNaN)).toBe(true);
  });

  it('refuse weights of another size', () => {
    const module = new SimdModule(false);
    const weights = { outputs: 2, inputs: 3, values: new Float32Array(5) };
    expect(() => new FloatMatrix(module, weights)).toThrow(/weights must be \(2, 3\)/);
  });
});

describe.each(VARIANTS)('factors of RMSNorm, relaxed vectors %s', (relaxed) => {
  it.each([
    { m: 1, d: 4, spread: 1 },
    { m: 3, d: 30, spread: 1e4 },
    { m: 5, d: 256, spread: 1e-6 },
  ])('of $m rows of $d', ({ m, d, spread }) => {
    const module = new SimdModule(relaxed);
    const stride = panelWidth(d);
    const values = numbers(d, m * d, spread);
    const [at, scales] = [module.reserve(m * stride), module.reserve(m)];
    const x = module.floats(at, m * stride).fill(0);
    for (let t = 0; t < m; t++) x.set(values.subarray(t * d, (t + 1) * d), t * stride);
    module.run.rmsScales(m, d, at, 4 * stride, 1e-5, scales);
    const actual = module.floats(scales, m);
    for (let t = 0; t < m; t++) {
      const mean = values.subarray(t * d, (t + 1) * d).reduce((sum, value) => sum + value * value, 0) / d;
      expect(Math.abs(actual[t]! * Math.sqrt(mean + 1e-5) - 1)).toBeLessThan(1e-6);
    }
  });
});
