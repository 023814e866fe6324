import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sigmoid, silu, softplus } from '../../kernels/cpu/activations.js';
import { EXP_FLOOR, expNegative } from '../../kernels/cpu/exp.js';
import * as reference from './support/reference.js';
import { TOLERANCE } from './support/tolerances.js';

const within = (actual: number, expected: number, relative: number): boolean =>
  Math.abs(actual - expected) <= relative * Math.abs(expected) + 2 ** -126;

describe('expNegative', () => {
  it('is within its stated error over the whole range', () => {
    let worst = 0;
    for (let x = 0; x > EXP_FLOOR; x -= 0.00137) {
      worst = Math.max(worst, Math.abs(expNegative(x) / Math.exp(x) - 1));
    }
    expect(worst).toBeLessThan(TOLERANCE.exp.relative);
    expect(worst).toBeGreaterThan(0);
  });

  it.each([
    [0, 1],
    [-0, 1],
    [-1e-30, 1],
    [-88, 0],
    [-1e9, 0],
    [-1e300, 0],
    [-Infinity, 0],
  ])('of %d is %d', (x, expected) => {
    expect(expNegative(x)).toBe(expected);
  });
});

describe('activations', () => {
  const finite = fc.double({ min: -1000, max: 1000, noNaN: true });
  const { relative } = TOLERANCE.activations;

  it('softplus, sigmoid and silu agree with float64 for every argument', () => {
    fc.assert(
      fc.property(finite, (x) => {
        expect(within(softplus(x), reference.softplus(x), relative)).toBe(true);
        expect(within(sigmoid(x), 1 / (1 + Math.exp(-x)), relative)).toBe(true);
        expect(within(silu(x), reference.silu(x), relative)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('a very negative Δ keeps its digits instead of becoming log(1) = 0', () => {
    expect(within(softplus(-60), Math.exp(-60), relative)).toBe(true);
  });
});
