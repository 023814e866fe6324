import { expect } from 'vitest';
import type { Tolerance } from './tolerances.js';

/** Terms below f32's smallest normal number, 2^-126, are flushed to 0 on GPUs; sums of 64 of them count as 0. */
const FLUSHED = 64 * 2 ** -126;

/** Fails with the worst element's index and values unless all elements are finite and within tolerance. */
export function expectClose(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): void {
  expect(actual.length, `length of ${name}`).toBe(expected.length);
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  let worst = 0;
  let message = '';
  for (let i = 0; i < expected.length; i++) {
    const allowed = tolerance.relative * Math.abs(expected[i]!) + tolerance.scaled * scale;
    const error = Math.abs(actual[i]! - expected[i]!);
    const excess = error <= FLUSHED ? 0 : error / allowed;
    if (!(excess <= worst)) {
      worst = excess;
      message = `${name}[${i}] is ${actual[i]!}, should be ${expected[i]!} (error ${error}, allowed ${allowed})`;
      if (Number.isNaN(excess)) break;
    }
  }
  expect(worst <= 1, message).toBe(true);
}
