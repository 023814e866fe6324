import { madd, silu } from './math';

/**
 * Causal convolution, four channels a vector; `../../causal-conv/causal-conv.cpu.ts` has the formula.
 *
 * tail (taps - 1, channels); x (length, channels) with `ldx` bytes a row; weight (taps, channels); bias
 * (channels); y (length, channels) with `ldy` bytes a row.
 */
export function causalConv(
  length: i32,
  channels: i32,
  taps: i32,
  tail: usize,
  x: usize,
  ldx: usize,
  weight: usize,
  bias: usize,
  y: usize,
  ldy: usize,
): void {
  const row = <usize>(channels << 2);
  const before = taps - 1;
  for (let t = 0; t < length; t++) {
    const out = y + <usize>t * ldy;
    if (t >= before) {
      const first = x + <usize>(t - before) * ldx;
      for (let column: usize = 0; column < row; column += 16) {
        let sum = v128.load(bias + column);
        let value = first + column;
        let tap = weight + column;
        for (let i = 0; i < taps; i++) {
          sum = madd(v128.load(value), v128.load(tap), sum);
          value += ldx;
          tap += row;
        }
        v128.store(out + column, silu(sum));
      }
      continue;
    }
    // The first tokens reach back into the tail.
    for (let column: usize = 0; column < row; column += 16) {
      let sum = v128.load(bias + column);
      for (let i = 0; i < taps; i++) {
        const at = t + i;
        const value = at < before ? tail + <usize>at * row : x + <usize>(at - before) * ldx;
        sum = madd(v128.load(value + column), v128.load(weight + <usize>i * row + column), sum);
      }
      v128.store(out + column, silu(sum));
    }
  }
}
