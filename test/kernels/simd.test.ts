import { describe, expect, it } from 'vitest';
import { rows } from '../../kernels/cpu/rows.js';
import {
  createPoolStateCpu,
  notePoolCpu,
  type PoolSequenceCpu,
} from '../../kernels/note-pool/note-pool.cpu.js';
import type { PoolRule } from '../../kernels/note-pool/pool-rule.js';
import { compileSimd, simdModuleSource } from '../../scripts/compile-simd.js';
import { referenceOperators, SimdOperators, type CpuOperators } from '../../kernels/simd/simd.js';
import { prepareSimd } from '../../models/cli/simd.js';
import { readFileSync } from 'node:fs';

/** Deterministic values around 0. */
function numbers(seed: number) {
  let state = seed;
  return (length: number, spread = 1): Float32Array =>
    Float32Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 31 - 1) * spread;
    });
}

/** Largest |a - b| relative to 1 + |b|. */
function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let worst = 0;
  a.forEach((value, i) => {
    const error = Math.abs(value - b[i]!) / (1 + Math.abs(b[i]!));
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  });
  return worst;
}

prepareSimd();

describe.each([false, true])(
  'vectorised operators agree with the reference, relaxed vectors %s',
  (relaxed) => {
    const simd = new SimdOperators(relaxed);

    it.each([
      { length: 1, dInner: 4, dConv: 4 },
      { length: 2, dInner: 20, dConv: 4 },
      { length: 37, dInner: 72, dConv: 3 },
      { length: 5, dInner: 7, dConv: 4 },
    ])('causal conv $length × $dInner, $dConv taps', ({ length, dInner, dConv }) => {
      const random = numbers(length);
      const x = random(length * (dInner + 3), 4);
      const weight = random(dInner * dConv);
      const bias = random(dInner);
      const tail = random((dConv - 1) * dInner);
      const run = (operators: CpuOperators) => {
        const own = tail.slice();
        const y = new Float32Array(length * dInner).fill(NaN);
        const xRows = rows(x, dInner + 3, 2);
        operators.causalConv({
          length,
          dInner,
          dConv,
          x: xRows,
          weight,
          bias,
          tail: own,
          y: rows(y, dInner),
        });
        return { y, own };
      };
      const [expected, actual] = [run(referenceOperators), run(simd)];
      expect(difference(actual.y, expected.y)).toBeLessThan(1e-6);
      expect(actual.own).toEqual(expected.own);
    });

    it.each([
      { length: 1, dInner: 4, dState: 16, spread: 2 },
      { length: 3, dInner: 20, dState: 5, spread: 2 },
      { length: 200, dInner: 72, dState: 16, spread: 4 },
      { length: 50, dInner: 16, dState: 16, spread: 60 },
      { length: 9, dInner: 6, dState: 3, spread: 2 },
    ])(
      'selective scan $length × $dInner × $dState, Δ spread $spread',
      ({ length, dInner, dState, spread }) => {
        const random = numbers(dInner);
        const stride = dInner + 5;
        const u = rows(random(length * dInner), dInner);
        const deltaRaw = rows(random(length * stride, spread), stride, 4);
        const z = rows(random(length * dInner, 5), dInner);
        const b = rows(random(length * dState), dState);
        const c = rows(random(length * dState), dState);
        const a = random(dInner * dState).map((value) => -Math.exp(2 * value));
        const d = random(dInner);
        const h0 = random(dInner * dState);
        const run = (operators: CpuOperators) => {
          const h = h0.slice();
          const y = new Float32Array(length * dInner).fill(NaN);
          const deltaSum = new Float32Array(dInner).fill(NaN);
          const shape = { length, dInner, dState };
          operators.selectiveScan({ ...shape, u, deltaRaw, z, b, c, a, d, h, y: rows(y, dInner), deltaSum });
          return { h, y, deltaSum };
        };
        const [expected, actual] = [run(referenceOperators), run(simd)];
        expect(difference(actual.y, expected.y)).toBeLessThan(5e-6);
        expect(difference(actual.h, expected.h)).toBeLessThan(5e-6);
        expect(difference(actual.deltaSum, expected.deltaSum)).toBeLessThan(3e-7);
      },
    );

    it('selective scan over 5,000 tokens of slow decay', () => {
      const [length, dInner, dState] = [5000, 4, 4];
      const random = numbers(9);
      const u = rows(random(length * dInner), dInner);
      const deltaRaw = rows(
        random(length * dInner, 0.5).map((value) => value - 7),
        dInner,
      );
      const b = rows(random(length * dState), dState);
      const a = new Float32Array(dInner * dState).fill(-0.5);
      const run = (operators: CpuOperators) => {
        const h = new Float32Array(dInner * dState).fill(1);
        const y = new Float32Array(length * dInner);
        const shape = { length, dInner, dState };
        const d = new Float32Array(dInner);
        operators.selectiveScan({ ...shape, u, deltaRaw, z: u, b, c: b, a, d, h, y: rows(y, dInner) });
        return h;
      };
      expect(difference(run(simd), run(referenceOperators))).toBeLessThan(2e-5);
    });

    it.each([
      { length: 1, position: 0, poolSize: 5, noteDim: 20, tau2: 0 },
      { length: 37, position: 13, poolSize: 5, noteDim: 20, tau2: 0.5 },
      { length: 40, position: 0, poolSize: 50, noteDim: 64, tau2: 0 },
      { length: 20, position: 3, poolSize: 3, noteDim: 6, tau2: 0 },
    ])('pool attention $length tokens from $position, pool $poolSize × $noteDim, τ2 $tau2', (shape) => {
      const { length, position, poolSize, noteDim, tau2 } = shape;
      const [nHeads, chunk] = [3, 8];
      const width = nHeads * noteDim;
      const rule: PoolRule = { poolSize, chunk, noteDim, replacement: 'priority', tau1: 0 };
      const random = numbers(poolSize);
      const sequence = (): PoolSequenceCpu => {
        const state = createPoolStateCpu(rule);
        if (position > 0) {
          const before = {
            scores: rows(random(position, 3), 1),
            notes: rows(random(position * noteDim), noteDim),
          };
          notePoolCpu({ rule, position: 0, length: position, ...before, state });
        }
        const own = { scores: rows(random(length, 3), 1), notes: rows(random(length * noteDim), noteDim) };
        return notePoolCpu({ rule, position, length, ...own, state });
      };
      const pools = [sequence(), sequence()];
      const queries = rows(random(length * (width + 2)), width + 2, 1);
      const gate = rows(
        random(length).map((value) => value + 0.5),
        1,
      );
      const run = (operators: CpuOperators) => {
        const reads = new Float32Array(length * width).fill(NaN);
        const weights = new Float32Array(length * nHeads * pools.length * poolSize).fill(NaN);
        const sizes = { length, nHeads, noteDim, poolSize, chunk, position };
        operators.poolAttention({ ...sizes, queries, pools, gate, tau2, reads: rows(reads, width), weights });
        return { reads, weights };
      };
      const [expected, actual] = [run(referenceOperators), run(simd)];
      expect(difference(actual.reads, expected.reads)).toBeLessThan(2e-6);
      expect(difference(actual.weights, expected.weights)).toBeLessThan(2e-6);
    });
  },
);

it('the committed module is what the sources compile to', async () => {
  const committed = readFileSync(new URL('../../kernels/simd/simd-wasm.ts', import.meta.url), 'utf8');
  expect(committed).toBe(simdModuleSource(await compileSimd()));
});
