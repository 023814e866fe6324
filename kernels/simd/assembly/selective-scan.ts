import { GONE, exp2, silu, softplus } from './math';

/** Groups of four channels a pass: a cache line of every row. */
const BLOCK = 4;

/**
 * Selective scan, four channels a vector; `../../selective-scan/selective-scan.cpu.ts` has the formula.
 *
 * u, delta, z, y (length, channels); b, c (length, states); a (channels / 4, states, 4) = A log2 e and
 * h (channels / 4, states, 4): a group's states follow each other; d, sums, lost (channels). `sums` takes ΣΔ
 * with Kahan's correction in `lost`; both come in as 0.
 */
export function selectiveScan(
  length: i32,
  channels: i32,
  states: i32,
  u: usize,
  delta: usize,
  z: usize,
  b: usize,
  c: usize,
  a: usize,
  d: usize,
  h: usize,
  y: usize,
  sums: usize,
  lost: usize,
): void {
  const groups = channels >> 2;
  const groupBytes = <usize>(states << 4);
  const stateRow = <usize>(states << 2);
  const row = <usize>(channels << 2);
  for (let first = 0; first < groups; first += BLOCK) {
    const last = min(first + BLOCK, groups);
    for (let t = 0; t < length; t++) {
      const bRow = b + <usize>t * stateRow;
      const cRow = c + <usize>t * stateRow;
      for (let group = first; group < last; group++) {
        const column = <usize>(group << 4);
        const at = <usize>t * row + column;
        const input = v128.load(u + at);
        const step = softplus(v128.load(delta + at));

        const more = f32x4.sub(step, v128.load(lost + column));
        const old = v128.load(sums + column);
        const sum = f32x4.add(old, more);
        v128.store(lost + column, f32x4.sub(f32x4.sub(sum, old), more));
        v128.store(sums + column, sum);

        const write = f32x4.mul(step, input);
        let read = f32x4.mul(v128.load(d + column), input);
        const aGroup = a + <usize>group * groupBytes;
        const hGroup = h + <usize>group * groupBytes;
        for (let n: usize = 0; n < stateRow; n += 4) {
          const exponent = f32x4.mul(step, v128.load(aGroup + (n << 2)));
          const decay = v128.and(exp2(exponent), f32x4.gt(exponent, f32x4.splat(GONE)));
          const kept = f32x4.mul(decay, v128.load(hGroup + (n << 2)));
          const next = f32x4.add(kept, f32x4.mul(write, v128.load32_splat(bRow + n)));
          v128.store(hGroup + (n << 2), next);
          read = f32x4.add(read, f32x4.mul(next, v128.load32_splat(cRow + n)));
        }
        v128.store(y + at, f32x4.mul(read, silu(v128.load(z + at))));
      }
    }
  }
}
