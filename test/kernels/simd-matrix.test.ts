import v8 from 'node:v8';
import { describe, expect, it } from 'vitest';
import { Int8Matrix, reserveQuantizedRows, type Planes } from '../../kernels/simd/int8-matrix.js';
import { FloatMatrix, panelWidth, type PackedMatrix } from '../../kernels/simd/matrix.js';
import { SimdModule } from '../../kernels/simd/module.js';
import { quantized, transpose } from '../../kernels/simd/weights.js';
import { prepareSimd } from '../../models/cli/simd.js';

// The baseline compiler of Node 20 makes wrong code of the fused instruction (see `fused-dot.ts`).
v8.setFlagsFromString('--no-liftoff');
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
const int8 =
  (planes: Planes, fused = false): Make =>
  (module, p) => {
    const scratch = reserveQuantizedRows(module, p.m, p.rows, fused);
    // Whatever was rounded before.
    module.floats(scratch.values, (scratch.scales - scratch.values) / 4).fill(NaN);
    return new Int8Matrix(module, scratch, planes, quantized(trained(p)), p.norm);
  };

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

/** Activations of so many share a step. */
const BLOCK = 64;

describe.each([1, 2] as const)('matrix products in eight bits, activations in planes: %i', (planes) => {
  const levels = planes === 1 ? 127 : 127 * 128 - 1;
  /** By all instructions there are: the same bits. */
  const product = (p: Problem, wanted: Wanted = {}): Float32Array => {
    const y = multiply(int8(planes), false, p, wanted);
    for (const fused of [false, true]) expect(multiply(int8(planes, fused), true, p, wanted)).toEqual(y);
    return y;
  };

  /** Half a step of every weight and of every activation. */
  function expectWithinSteps(p: Problem, wanted: Wanted = {}): void {
    const { m, rows, columns, weights, norm } = p;
    const x = p.x.map((value, i) => value * (norm?.[i % rows] ?? 1));
    const width = panelWidth(columns);
    const actual = product(p, wanted);
    const { values, sizes } = inDouble(p, wanted);
    for (let t = 0; t < m; t++) {
      for (let c = 0; c < width; c++) {
        let wMost = 0;
        for (let k = 0; k < rows && c < columns; k++) {
          wMost = Math.max(wMost, Math.abs(weights[k * columns + c]!));
        }
        let bound = 0;
        for (let from = 0; from < rows; from += BLOCK) {
          const block = x.subarray(t * rows + from, t * rows + Math.min(rows, from + BLOCK));
          const [low, high] = [Math.min(0, ...block), Math.max(0, ...block)];
          const [xError, wError] = [(high - low) / levels / 2, wMost / 127 / 2];
          bound += block.length * (Math.max(-low, high) * wError + wMost * xError + xError * wError);
        }
        const i = t * width + c;
        const scaled = bound * Math.abs(wanted.scale?.[t] ?? 1) * (1 + 1e-4);
        expect(Math.abs(actual[i]! - values[i]!)).toBeLessThanOrEqual(scaled + sizes[i]! * 2 ** -20);
      }
    }
  }

  it.each([...SHAPES, [2, 64, 8], [6, 65, 16], [7, 128, 9], [4, 200, 24]] as const)(
    '%i × %i × %i lie within half a step of each factor, by any instruction',
    (m, rows, columns) => {
      const p = problem(m, rows, columns);
      const width = panelWidth(columns);
      expectWithinSteps(p);
      expectWithinSteps({ ...p, norm: numbers(4, rows) });
      expectWithinSteps({ ...p, x: p.x.map(Math.abs) });
      expectWithinSteps({ ...p, x: p.x.map((value) => -Math.abs(value)) });
      expectWithinSteps(p, {
        scale: numbers(1, m),
        bias: numbers(2, width),
        before: numbers(3, m * width),
      });
    },
  );

  it('of small integers are exact', () => {
    const [m, rows, columns] = [5, 80, 8];
    // Every 64 have the ends of the range among them, so that a step is 1; so has every column.
    const x = Float32Array.from({ length: m * rows }, (_, i) => {
      const k = (i % rows) % BLOCK;
      return k === 0 ? -50 : k === 1 ? levels - 50 : (i % 9) - 4;
    });
    const weights = Float32Array.from({ length: rows * columns }, (_, i) =>
      i < columns ? 127 : (i % 7) - 3,
    );
    const p = { m, rows, columns, x, weights };
    expect([...product(p)]).toEqual([...inDouble(p).values]);
  });

  it.each([
    { rows: 64, x: 2, w: -3 },
    { rows: 768, x: -2, w: -3 },
    { rows: 4096, x: 2, w: 3 },
    { rows: 40_001, x: -2, w: 3 },
  ])('of $rows largest numbers $x and $w do not overflow', ({ rows, x, w }) => {
    const p = {
      m: 5,
      rows,
      columns: 1,
      x: new Float32Array(5 * rows).fill(x),
      weights: new Float32Array(rows).fill(w),
    };
    const y = product(p);
    for (let t = 0; t < p.m; t++) expect(Math.abs(y[8 * t]! / (x * w * rows) - 1)).toBeLessThan(1e-5);
  });

  it('take a step of its own for every token, every channel and every 64 of a token', () => {
    const p = problem(5, 140, 8);
    const x = p.x.map((value, i) => {
      const [t, block] = [Math.floor(i / p.rows), Math.floor((i % p.rows) / BLOCK)];
      return value * 10 ** (t * 8 + block * 2 - 20);
    });
    const weights = p.weights.map((value, i) => value * 10 ** ((i % 8) * 4 - 14));
    expectWithinSteps({ ...p, x, weights });
    // Alone or beside a token a trillion times as large: the same bits.
    const all = product({ ...p, x, weights });
    for (let t = 0; t < p.m; t++) {
      const one = { ...p, weights, m: 1, x: x.subarray(t * p.rows, (t + 1) * p.rows) };
      expect(product(one)).toEqual(all.slice(t * 8, (t + 1) * 8));
    }
  });

  it('of zeros are 0, of next to nothing too, and what is no number stays none', () => {
    const [m, rows] = [6, 84];
    const p = problem(m, rows, 8);
    p.x.fill(0, 0, rows);
    p.x.subarray(rows, 2 * rows).forEach((_, i, row) => (row[i]! *= 1e-39));
    p.x[2 * rows + 3] = NaN;
    p.x[3 * rows + 80] = Infinity;
    p.x[4 * rows] = -Infinity;
    const y = multiply(int8(planes), false, p);
    const row = (t: number) => [...y.subarray(8 * t, 8 * (t + 1))];
    for (const t of [0, 1]) expect(row(t).every((value) => value === 0)).toBe(true);
    for (const t of [2, 3, 4]) expect(row(t).every(Number.isNaN)).toBe(true);
    expect(row(5).every(Number.isFinite)).toBe(true);
    for (const fused of [false, true]) expect(multiply(int8(planes, fused), true, p)).toEqual(y);
  });
});

describe('matrices', () => {
  it('refuse weights of another size', () => {
    const module = new SimdModule(false);
    const weights = { outputs: 2, inputs: 3, values: new Float32Array(5) };
    expect(() => new FloatMatrix(module, weights)).toThrow(/weights must be \(2, 3\)/);
    const scratch = reserveQuantizedRows(module, 1, 3, false);
    const small = { ...weights, values: new Int8Array(5), steps: new Float32Array(2) };
    expect(() => new Int8Matrix(module, scratch, 1, small)).toThrow(/weights must be \(2, 3\)/);
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
