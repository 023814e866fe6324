import {
  GONE,
  exp2Bounded,
  fraction,
  madd,
  power0,
  power1,
  power2,
  power3,
  power4,
  raised,
  shifted,
  silu,
  softplus,
} from './math';

/** Groups of four channels a pass: a cache line of every row. */
const BLOCK = 4;

/**
 * Δ = softplus(Δ raw) and the gate silu(z), in place; the scan takes both. Apart from it they cost their
 * instructions only, while inside it every state would wait for the last of a long chain.
 *
 * delta, z (length, channels) with `ldd` and `ldz` bytes a row.
 */
export function activateScan(length: i32, channels: i32, delta: usize, ldd: usize, z: usize, ldz: usize): void {
  const row = <usize>(channels << 2);
  for (let t = 0; t < length; t++, delta += ldd, z += ldz) {
    for (let i: usize = 0; i < row; i += 16) {
      v128.store(delta + i, softplus(v128.load(delta + i)));
      v128.store(z + i, silu(v128.load(z + i)));
    }
  }
}

/**
 * Selective scan, four channels a vector; `../../selective-scan/selective-scan.cpu.ts` has the formula.
 *
 * u, Δ, gate, y (length, channels) with `ldu`, `ldd`, `ldg`, `ldy` bytes a row; b, c (length, states) with `ldbc`
 * bytes a row; a (channels / 4, states, 4) = A log2 e and h (channels / 4, states, 4): a group's states follow
 * each other; d, sums, lost (channels). `sums` takes ΣΔ with Kahan's correction in `lost`; both come in as 0.
 * Δ and gate come from `activateScan`. y may stand where u or gate stands.
 */
export function selectiveScan(
  length: i32,
  channels: i32,
  states: i32,
  u: usize,
  ldu: usize,
  delta: usize,
  ldd: usize,
  gate: usize,
  ldg: usize,
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
        const step = v128.load(delta + <usize>t * ldd + column);

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
          // Four states in step: exp of one is a chain of instructions that wait for each other.
          const rates = aGroup + (n << 2);
          const state = hGroup + (n << 2);
          const x0 = bounded(f32x4.mul(step, v128.load(rates)));
          const x1 = bounded(f32x4.mul(step, v128.load(rates, 16)));
          const x2 = bounded(f32x4.mul(step, v128.load(rates, 32)));
          const x3 = bounded(f32x4.mul(step, v128.load(rates, 48)));
          const t0 = shifted(x0);
          const t1 = shifted(x1);
          const t2 = shifted(x2);
          const t3 = shifted(x3);
          const f0 = fraction(x0, t0);
          const f1 = fraction(x1, t1);
          const f2 = fraction(x2, t2);
          const f3 = fraction(x3, t3);
          let p0 = power4(f0);
          let p1 = power4(f1);
          let p2 = power4(f2);
          let p3 = power4(f3);
          p0 = power3(p0, f0);
          p1 = power3(p1, f1);
          p2 = power3(p2, f2);
          p3 = power3(p3, f3);
          p0 = power2(p0, f0);
          p1 = power2(p1, f1);
          p2 = power2(p2, f2);
          p3 = power2(p3, f3);
          p0 = power1(p0, f0);
          p1 = power1(p1, f1);
          p2 = power1(p2, f2);
          p3 = power1(p3, f3);
          p0 = power0(p0, f0);
          p1 = power0(p1, f1);
          p2 = power0(p2, f2);
          p3 = power0(p3, f3);
          const w0 = f32x4.mul(write, v128.load32_splat(bRow + n));
          const w1 = f32x4.mul(write, v128.load32_splat(bRow + n, 4));
          const w2 = f32x4.mul(write, v128.load32_splat(bRow + n, 8));
          const w3 = f32x4.mul(write, v128.load32_splat(bRow + n, 12));
          const next0 = madd(raised(p0, t0), v128.load(state), w0);
          const next1 = madd(raised(p1, t1), v128.load(state, 16), w1);
          const next2 = madd(raised(p2, t2), v128.load(state, 32), w2);
          const next3 = madd(raised(p3, t3), v128.load(state, 48), w3);
          v128.store(state, next0);
          v128.store(state, next1, 16);
          v128.store(state, next2, 32);
          v128.store(state, next3, 48);
          read0 = madd(next0, v128.load32_splat(cRow + n), read0);
          read1 = madd(next1, v128.load32_splat(cRow + n, 4), read1);
          read2 = madd(next2, v128.load32_splat(cRow + n, 8), read2);
          read3 = madd(next3, v128.load32_splat(cRow + n, 12), read3);
        }
        for (; n < stateRow; n += 4) {
          const state = hGroup + (n << 2);
          const rate = v128.load(aGroup + (n << 2));
          const decay = exp2Bounded(bounded(f32x4.mul(step, rate)));
          const next = madd(decay, v128.load(state), f32x4.mul(write, v128.load32_splat(bRow + n)));
          v128.store(state, next);
          read0 = madd(next, v128.load32_splat(cRow + n), read0);
        }
        const read = f32x4.add(f32x4.add(read0, read1), f32x4.add(read2, read3));
        const open = v128.load(gate + <usize>t * ldg + column);
        v128.store(y + <usize>t * ldy + column, f32x4.mul(read, open));
      }
    }
  }
}

/**
 * Bounds the exponent of a decay: below -100 it is taken as -100. What is left of a state is then nothing beside any
 * number that is written, and two tokens later it is gone for good.
 */
// @ts-ignore: decorator
@inline
function bounded(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(GONE));
}
