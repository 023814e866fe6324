import { silu } from './math';

/**
 * Causal convolution, four channels a vector; `../../causal-conv/causal-conv.cpu.ts` has the formula.
 *
 * x (taps - 1 + length, channels): the tail, then the input; weight (taps, channels); bias (channels);
 * y (length, channels).
 */
export function causalConv(
  length: i32,
  channels: i32,
  taps: i32,
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
): void {
  const row = <usize>(channels << 2);
  for (let t = 0; t < length; t++) {
    for (let column: usize = 0; column < row; column += 16) {
      let sum = v128.load(bias + column);
      for (let tap = 0; tap < taps; tap++) {
        const value = v128.load(x + <usize>(t + tap) * row + column);
        sum = f32x4.add(sum, f32x4.mul(value, v128.load(weight + <usize>tap * row + column)));
      }
      v128.store(y + <usize>t * row + column, silu(sum));
    }
  }
}
