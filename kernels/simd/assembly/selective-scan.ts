import { GONE, constant, exp2Bounded, madd, silu, softplus } from './math';

/** Tokens and bytes of channels that are worked on at a time: a cache line of every row. */
const TILE = 64;
const LINE: usize = 64;
const PLANE: usize = TILE * LINE;
/** Δ, then Δ u, then what is read, each (TILE, 16 channels), where nothing else evicts them. */
const scratch = memory.data(12288, 64);

/**
 * Selective scan, four channels a vector; `../../selective-scan/selective-scan.cpu.ts` has the formula.
 *
 * - u, Δ before softplus, z, y (length, channels) with `ldu`, `ldd`, `ldz`, `ldy` bytes a row. y may stand where u
 *   or z stands.
 * - b, c (length, states) with `ldbc` bytes a row.
 * - a = A log2 e and h, each (channels / 4, states, 4): a group's states follow each other.
 * - d, sums, lost (channels). `sums` takes ΣΔ with Kahan's correction in `lost`; both come in as 0.
 *
 * Four states of four channels stay in registers for a tile of tokens. So a step is what it computes and the loads of
 * B, C and Δ. exp is a chain of a dozen instructions that wait for each other, but the next token's does not wait for
 * it.
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
  const row = <usize>(channels << 2);
  const whole = <usize>(states & ~3) << 4;
  const group = <usize>(states << 4);
  for (let start = 0; start < length; start += TILE) {
    const count = min(TILE, length - start);
    for (let column: usize = 0; column < row; column += 16) {
      const lane = scratch + (column & (LINE - 1));
      // The vectors of a line follow each other, so its rows are fetched once.
      stage(count, lane, u + column, ldu, delta + column, ldd, d + column, sums + column, lost + column);
      const rates = a + (column >> 4) * group;
      const state = h + (column >> 4) * group;
      let n: usize = 0;
      for (; n < whole; n += 64) fourStates(count, lane, b + (n >> 2), c + (n >> 2), ldbc, rates + n, state + n);
      for (; n < group; n += 16) oneState(count, lane, b + (n >> 2), c + (n >> 2), ldbc, rates + n, state + n);
      open(count, lane, z + column, ldz, y + column, ldy);
    }
    u += TILE * ldu;
    delta += TILE * ldd;
    z += TILE * ldz;
    y += TILE * ldy;
    b += TILE * ldbc;
    c += TILE * ldbc;
  }
}

/** Δ = softplus, Δ u and D u of four channels into the scratch; adds up Δ. */
function stage(
  count: i32,
  to: usize,
  u: usize,
  ldu: usize,
  delta: usize,
  ldd: usize,
  d: usize,
  sums: usize,
  lost: usize,
): void {
  const skip = v128.load(d);
  let sum = v128.load(sums);
  let less = v128.load(lost);
  for (let t = 0; t < count; t++, to += LINE, u += ldu, delta += ldd) {
    const step = softplus(v128.load(delta));
    const input = v128.load(u);
    v128.store(to, step);
    v128.store(to, f32x4.mul(step, input), PLANE);
    v128.store(to, f32x4.mul(skip, input), 2 * PLANE);
    const more = f32x4.sub(step, less);
    const next = f32x4.add(sum, more);
    less = f32x4.sub(f32x4.sub(next, sum), more);
    sum = next;
  }
  v128.store(sums, sum);
  v128.store(lost, less);
}

/** Moves four states of four channels on by `count` tokens and adds what is read of them. */
function fourStates(count: i32, at: usize, b: usize, c: usize, ldbc: usize, rates: usize, h: usize): void {
  let h0 = v128.load(h);
  let h1 = v128.load(h, 16);
  let h2 = v128.load(h, 32);
  let h3 = v128.load(h, 48);
  const end = at + <usize>count * LINE;
  for (; at < end; at += LINE, b += ldbc, c += ldbc) {
    const step = v128.load(at);
    const write = v128.load(at, PLANE);
    let read = v128.load(at, 2 * PLANE);
    h0 = madd(decay(step, v128.load(rates)), h0, f32x4.mul(write, v128.load32_splat(b)));
    read = madd(h0, v128.load32_splat(c), read);
    h1 = madd(decay(step, v128.load(rates, 16)), h1, f32x4.mul(write, v128.load32_splat(b, 4)));
    read = madd(h1, v128.load32_splat(c, 4), read);
    h2 = madd(decay(step, v128.load(rates, 32)), h2, f32x4.mul(write, v128.load32_splat(b, 8)));
    read = madd(h2, v128.load32_splat(c, 8), read);
    h3 = madd(decay(step, v128.load(rates, 48)), h3, f32x4.mul(write, v128.load32_splat(b, 12)));
    read = madd(h3, v128.load32_splat(c, 12), read);
    v128.store(at, read, 2 * PLANE);
  }
  v128.store(h, h0);
  v128.store(h, h1, 16);
  v128.store(h, h2, 32);
  v128.store(h, h3, 48);
}

/** The same of one state. */
function oneState(count: i32, at: usize, b: usize, c: usize, ldbc: usize, rates: usize, h: usize): void {
  let h0 = v128.load(h);
  const rate = v128.load(rates);
  const end = at + <usize>count * LINE;
  for (; at < end; at += LINE, b += ldbc, c += ldbc) {
    const write = v128.load(at, PLANE);
    h0 = madd(decay(v128.load(at), rate), h0, f32x4.mul(write, v128.load32_splat(b)));
    v128.store(at, madd(h0, v128.load32_splat(c), v128.load(at, 2 * PLANE)), 2 * PLANE);
  }
  v128.store(h, h0);
}

/** y = what was read, through the gate silu(z). */
function open(count: i32, from: usize, z: usize, ldz: usize, y: usize, ldy: usize): void {
  for (let t = 0; t < count; t++, from += LINE, z += ldz, y += ldy) {
    v128.store(y, f32x4.mul(v128.load(from, 2 * PLANE), silu(v128.load(z))));
  }
}

/**
 * exp(Δ A). An exponent below -100 is taken as -100: what is left of a state is then nothing beside any number that
 * is written, and two tokens later it is gone for good.
 */
// @ts-ignore: decorator
@inline
function decay(step: v128, rate: v128): v128 {
  return exp2Bounded(f32x4.pmax(f32x4.mul(step, rate), constant(GONE)));
}
