import { describe, expect, it } from 'vitest';
import { gelu } from '../../kernels/cpu/activations.js';
import { rows } from '../../kernels/cpu/rows.js';
import { readF32 } from '../../kernels/gpu/readback.js';
import { passageSumsCpu } from '../../kernels/passage-sums/passage-sums.cpu.js';
import { PassageSums } from '../../kernels/passage-sums/passage-sums.js';
import { expectClose } from './support/expect-close.js';
import { poisoned, runOnGpu, testGpu, upload } from './support/gpu.js';
import { Random } from './support/random.js';
import { softplus } from './support/reference.js';
import { TOLERANCE } from './support/tolerances.js';

/** Whole blocks and parts of them, fewer vectors than lanes and more, one row. */
const CASES = [
  { length: 64, columns: 256, block: 16, lead: 0 },
  { length: 50, columns: 256, block: 16, lead: 9 },
  { length: 1, columns: 4, block: 16, lead: 15 },
  { length: 3, columns: 20, block: 16, lead: 2 },
  { length: 37, columns: 264, block: 5, lead: 4 },
] as const;

describe('passage sums', () => {
  it.each(CASES)('$length rows of $columns in blocks of $block, $lead before', async (problem) => {
    const { length, columns, block, lead } = problem;
    const stride = columns + 4;
    const values = new Random(length + columns).uniform(length * stride, -3, 3);
    const blocks = Math.ceil((lead + length) / block);
    const expected = new Float64Array(blocks * columns);
    for (let t = 0; t < length; t++) {
      const gate = softplus(values[t * stride + columns]!);
      for (let i = 0; i < columns; i++) {
        expected[Math.floor((lead + t) / block) * columns + i]! += gate * values[t * stride + i]!;
      }
    }
    const onCpu = new Float32Array(blocks * columns);
    passageSumsCpu({ length, columns, block, lead, products: rows(values, stride), sums: onCpu });
    expectClose('on the CPU', onCpu, expected, TOLERANCE.linear);
    const gpu = await testGpu();
    const kernel = await PassageSums.create(gpu, { columns, block });
    const sums = poisoned(gpu, blocks, columns);
    await runOnGpu(gpu, (recorder) => {
      kernel.record(recorder, { lead, products: upload(gpu, values, length, stride), sums });
    });
    expectClose('on the GPU', await readF32(gpu, sums), expected, TOLERANCE.linear);
  });

  it('refuses shapes that do not fit', async () => {
    const gpu = await testGpu();
    await expect(PassageSums.create(gpu, { columns: 6, block: 16 })).rejects.toThrow('multiple of 4');
    const kernel = await PassageSums.create(gpu, { columns: 4, block: 16 });
    const record = (lead: number, width: number, blocks: number): Promise<void> =>
      runOnGpu(gpu, (recorder) => {
        kernel.record(recorder, { lead, products: poisoned(gpu, 20, width), sums: poisoned(gpu, blocks, 4) });
      });
    await expect(record(16, 8, 3)).rejects.toThrow('lead must be below 16');
    await expect(record(0, 4, 2)).rejects.toThrow('products');
    await expect(record(13, 8, 2)).rejects.toThrow('sums');
    const sums = new Float32Array(4);
    const products = rows(new Float32Array(8), 4);
    expect(() => passageSumsCpu({ length: 2, columns: 4, block: 16, lead: 0, products, sums })).toThrow(
      'products',
    );
  });
});

describe('gelu', () => {
  /** erf by a series of positive terms, in float64: 2/√π e^{-z²} Σ 2ⁿ z^{2n+1} / (1 · 3 · … (2n + 1)). */
  const erf = (z: number): number => {
    let term = z;
    let sum = z;
    for (let n = 1; n < 200; n++) sum += term *= (2 * z * z) / (2 * n + 1);
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
  };

  it('is x Φ(x) to the error that erf has in it', () => {
    for (let x = -9; x <= 9; x += 0.013) {
      const exact = (x * (1 + erf(x / Math.SQRT2))) / 2;
      expect(Math.abs(gelu(x) - exact)).toBeLessThan(0.8e-7 * Math.abs(x) + 1e-12);
    }
    expect(gelu(0)).toBe(0);
    expect(gelu(40)).toBe(40);
    expect(gelu(-40)).toBe(-0);
  });
});
