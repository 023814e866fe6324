import { FORGOTTEN, exp2Bounded, madd, silu, softplus } from './math';

/** Groups of four channels a pass: a cache line of every row. */
const BLOCK = 4;

/**
 * Selective scan, four channels a vector; `../../selective-scan/selective-scan.cpu.ts` has the formula.
 *
 * u, delta, z, y (length, channels) with `ldu`, `ldd`, `ldz`, `ldy` bytes a row; b, c (length, states) with `ldbc`
 * bytes a row; a (channels / 4, states, 4) = A log2 e and h (channels / 4, states, 4): a group's states follow
 * each other; d, sums, lost (channels). `sums` takes ΣΔ with Kahan's correction in `lost`; both come in as 0.
 * y may stand where z stands.
 */
export function selectiveScan(
  length: i32,
  channels: i32,
  states: i32,
  u: usize,
  ldu: usize,
  delta: usize,
  ldd: usize,
  z: usize,
  ldz: usize,
  b: usize,
  c: usize,
  ldbc: usize,
  a: usize,
  d: usize,
  h: usize,
  y: usize,
  ldy: usize,
  sums: usize,
  lost: usize,
): void {
  const groups = channels >> 2;
  const groupBytes = <usize>(states << 4);
  const stateRow = <usize>(states << 2);
  const unrolled = stateRow & ~15;
  for (let first = 0; first < groups; first += BLOCK) {
    const last = min(first + BLOCK, groups);
    for (let t = 0; t < length; t++) {
      const bRow = b + <usize>t * ldbc;
      const cRow = c + <usize>t * ldbc;
      for (let group = first; group < last; group++) {
        const column = <usize>(group << 4);
        const input = v128.load(u + <usize>t * ldu + column);
        const step = softplus(v128.load(delta + <usize>t * ldd + column));

        const more = f32x4.sub(step, v128.load(lost + column));
        const old = v128.load(sums + column);
        const sum = f32x4.add(old, more);
        v128.store(lost + column, f32x4.sub(f32x4.sub(sum, old), more));
        v128.store(sums + column, sum);

        const write = f32x4.mul(step, input);
        // Four sums, so that they need not wait for each other.
        let read0 = f32x4.mul(v128.load(d + column), input);
        let read1 = f32x4.splat(0);
        let read2 = f32x4.splat(0);
        let read3 = f32x4.splat(0);
        const aGroup = a + <usize>group * groupBytes;
        const hGroup = h + <usize>group * groupBytes;
        let n: usize = 0;
        for (; n < unrolled; n += 16) {
          const rates = aGroup + (n << 2);
          const state = hGroup + (n << 2);
          const next0 = advance(step, write, v128.load(rates), v128.load(state), v128.load32_splat(bRow + n));
          v128.store(state, next0);
          read0 = madd(next0, v128.load32_splat(cRow + n), read0);
          const next1 = advance(
            step,
            write,
            v128.load(rates, 16),
            v128.load(state, 16),
            v128.load32_splat(bRow + n, 4),
          );
          v128.store(state, next1, 16);
          read1 = madd(next1, v128.load32_splat(cRow + n, 4), read1);
          const next2 = advance(
            step,
            write,
            v128.load(rates, 32),
            v128.load(state, 32),
            v128.load32_splat(bRow + n, 8),
          );
          v128.store(state, next2, 32);
          read2 = madd(next2, v128.load32_splat(cRow + n, 8), read2);
          const next3 = advance(
            step,
            write,
            v128.load(rates, 48),
            v128.load(state, 48),
            v128.load32_splat(bRow + n, 12),
          );
          v128.store(state, next3, 48);
          read3 = madd(next3, v128.load32_splat(cRow + n, 12), read3);
        }
        for (; n < stateRow; n += 4) {
          const state = hGroup + (n << 2);
          const rate = v128.load(aGroup + (n << 2));
          const next = advance(step, write, rate, v128.load(state), v128.load32_splat(bRow + n));
          v128.store(state, next);
          read0 = madd(next, v128.load32_splat(cRow + n), read0);
        }
        const read = f32x4.add(f32x4.add(read0, read1), f32x4.add(read2, read3));
        const gate = silu(v128.load(z + <usize>t * ldz + column));
        v128.store(y + <usize>t * ldy + column, f32x4.mul(read, gate));
      }
    }
  }
}

/** exp(Δ A) h + Δ x B of four channels. */
// @ts-ignore: decorator
@inline
function advance(step: v128, write: v128, rate: v128, state: v128, b: v128): v128 {
  const exponent = f32x4.pmax(f32x4.mul(step, rate), f32x4.splat(FORGOTTEN));
  return madd(exp2Bounded(exponent), state, f32x4.mul(write, b));
}
