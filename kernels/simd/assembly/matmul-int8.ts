/** Columns a panel: two vectors of i32 sums. `../int8-matrix.ts` packs panels. */
const PANEL = 8;
/** Rows of B that share a step and a zero of A; `rows.ts` rounds by them. */
export const BLOCK = 64;
/** Bytes of a panel's step over eight rows of B. */
const PAIR: usize = 64;

/** Four rows by eight columns of C before their last factors. */
const partial = memory.data(128, 64);
/** i16 ones. */
const ones = memory.data<i16>([1, 1, 1, 1, 1, 1, 1, 1], 16);

/**
 * C = (A B) ⊙ σ + bias, or that added to C, with A in one or two planes of seven bits and B in eight bits.
 *
 * - a (m, planes, k) u8 from `quantizeRows`, with `lda` bytes a row.
 * - scales (m, ⌈k / 64⌉, 2): the step and the zero of every 64 of a row of a. An element of A is step · (q - zero),
 *   where q is a of the only plane, or 128 a₁ + a₂.
 * - b i8 in panels of eight columns with four rows side by side, (n / 8, k / 4, 8, 4); k and n multiples of 8.
 * - sums f32 (n / 8, ⌈k / 64⌉, 8): of every 64 of a column, negative.
 * - sigma (n) is the step of each column; bias (n), or 0 for none.
 * - c f32 (m, n) with `ldc` bytes a row; `add` adds to what it holds.
 *
 * Products of 64 are summed in i32, exactly, and those sums in f32, in order and without fused multiply-add. So
 * results depend neither on m nor on the instructions.
 */
export function matmulInt8(
  m: i32,
  k: i32,
  n: i32,
  planes: i32,
  a: usize,
  lda: usize,
  scales: usize,
  b: usize,
  sums: usize,
  sigma: usize,
  bias: usize,
  c: usize,
  ldc: usize,
  add: bool,
): void {
  product(false, m, k, n, planes, a, lda, scales, b, sums, sigma, bias, c, ldc, add);
}

/**
 * The same by the instruction that multiplies and adds up at once: twice as fast where runtime and processor have it,
 * half as fast where the runtime makes several of it.
 */
export function matmulInt8Fused(
  m: i32,
  k: i32,
  n: i32,
  planes: i32,
  a: usize,
  lda: usize,
  scales: usize,
  b: usize,
  sums: usize,
  sigma: usize,
  bias: usize,
  c: usize,
  ldc: usize,
  add: bool,
): void {
  product(true, m, k, n, planes, a, lda, scales, b, sums, sigma, bias, c, ldc, add);
}

// @ts-ignore: decorator
@inline
function product(
  fused: bool,
  m: i32,
  k: i32,
  n: i32,
  planes: i32,
  a: usize,
  lda: usize,
  scales: usize,
  b: usize,
  sums: usize,
  sigma: usize,
  bias: usize,
  c: usize,
  ldc: usize,
  add: bool,
): void {
  const plane = <usize>k;
  const panelBytes = <usize>(k * PANEL);
  // Eight bytes a block: step and zero.
  const scaleRow = <usize>((k + BLOCK - 1) / BLOCK) << 3;
  const one = v128.load(ones);
  for (let column = 0; column < n; column += PANEL, b += panelBytes, sums += scaleRow << 2, sigma += PANEL << 2) {
    const out = c + (<usize>column << 2);
    const offset = bias == 0 ? <usize>0 : bias + (<usize>column << 2);
    let row = 0;
    for (; row + 4 <= m; row += 4) {
      const first = a + <usize>row * lda;
      const r0 = scales + <usize>row * scaleRow;
      const r1 = r0 + scaleRow;
      const r2 = r1 + scaleRow;
      const r3 = r2 + scaleRow;
      for (let i: usize = 0; i < 128; i += 16) v128.store(partial + i, i32x4.splat(0));
      let sum = sums;
      let block: usize = 0;
      for (let at: usize = 0; at < plane; at += BLOCK, block += 8, sum += PANEL << 2) {
        const width = min(<usize>BLOCK, plane - at);
        let s00 = i32x4.splat(0);
        let s01 = i32x4.splat(0);
        let s10 = i32x4.splat(0);
        let s11 = i32x4.splat(0);
        let s20 = i32x4.splat(0);
        let s21 = i32x4.splat(0);
        let s30 = i32x4.splat(0);
        let s31 = i32x4.splat(0);
        let a0 = first + at;
        for (let left = planes; ; a0 += plane - width) {
          let a1 = a0 + lda;
          let a2 = a1 + lda;
          let a3 = a2 + lda;
          const end = a0 + width;
          for (let panel = b + at * PANEL; a0 < end; panel += PANEL << 2) {
            const b0 = v128.load(panel);
            const b1 = v128.load(panel, 16);
            const x0 = v128.load32_splat(a0);
            s00 = dot(fused, b0, x0, s00, one);
            s01 = dot(fused, b1, x0, s01, one);
            const x1 = v128.load32_splat(a1);
            s10 = dot(fused, b0, x1, s10, one);
            s11 = dot(fused, b1, x1, s11, one);
            const x2 = v128.load32_splat(a2);
            s20 = dot(fused, b0, x2, s20, one);
            s21 = dot(fused, b1, x2, s21, one);
            const x3 = v128.load32_splat(a3);
            s30 = dot(fused, b0, x3, s30, one);
            s31 = dot(fused, b1, x3, s31, one);
            a0 += 4;
            a1 += 4;
            a2 += 4;
            a3 += 4;
          }
          if (--left == 0) break;
          s00 = i32x4.shl(s00, 7);
          s01 = i32x4.shl(s01, 7);
          s10 = i32x4.shl(s10, 7);
          s11 = i32x4.shl(s11, 7);
          s20 = i32x4.shl(s20, 7);
          s21 = i32x4.shl(s21, 7);
          s30 = i32x4.shl(s30, 7);
          s31 = i32x4.shl(s31, 7);
        }
        addBlock(partial, r0 + block, sum, s00, s01);
        addBlock(partial + 32, r1 + block, sum, s10, s11);
        addBlock(partial + 64, r2 + block, sum, s20, s21);
        addBlock(partial + 96, r3 + block, sum, s30, s31);
      }
      const to = out + <usize>row * ldc;
      finish(partial, to, sigma, offset, add);
      finish(partial + 32, to + ldc, sigma, offset, add);
      finish(partial + 64, to + 2 * ldc, sigma, offset, add);
      finish(partial + 96, to + 3 * ldc, sigma, offset, add);
    }
    for (; row < m; row++) {
      const first = a + <usize>row * lda;
      const own = scales + <usize>row * scaleRow;
      for (let i: usize = 0; i < 32; i += 16) v128.store(partial + i, i32x4.splat(0));
      let sum = sums;
      let block: usize = 0;
      for (let at: usize = 0; at < plane; at += BLOCK, block += 8, sum += PANEL << 2) {
        const width = min(<usize>BLOCK, plane - at);
        let s0 = i32x4.splat(0);
        let s1 = i32x4.splat(0);
        let a0 = first + at;
        for (let left = planes; ; a0 += plane - width) {
          // Sums of their own for every other four rows, so that fewer wait for each other.
          let t0 = i32x4.splat(0);
          let t1 = i32x4.splat(0);
          const end = a0 + width;
          for (let panel = b + at * PANEL; a0 < end; panel += PAIR, a0 += 8) {
            const x0 = v128.load32_splat(a0);
            s0 = dot(fused, v128.load(panel), x0, s0, one);
            s1 = dot(fused, v128.load(panel, 16), x0, s1, one);
            const x1 = v128.load32_splat(a0, 4);
            t0 = dot(fused, v128.load(panel, 32), x1, t0, one);
            t1 = dot(fused, v128.load(panel, 48), x1, t1, one);
          }
          s0 = i32x4.add(s0, t0);
          s1 = i32x4.add(s1, t1);
          if (--left == 0) break;
          s0 = i32x4.shl(s0, 7);
          s1 = i32x4.shl(s1, 7);
        }
        addBlock(partial, own + block, sum, s0, s1);
      }
      finish(partial, out + <usize>row * ldc, sigma, offset, add);
    }
  }
}

/**
 * sum + the products of four signed bytes w and four bytes x in [0, 127], in each lane. No pair of products leaves 16
 * bits, so all ways to do it give the same.
 */
// @ts-ignore: decorator
@inline
function dot(fused: bool, w: v128, x: v128, sum: v128, one: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (fused) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, x, sum);
    return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(w, x), one));
  }
  // The same four bytes in each half.
  const wide = i16x8.extend_low_i8x16_s(x);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(w), wide);
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(w), wide);
  const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  return i32x4.add(sum, i32x4.add(even, odd));
}

/** Adds a block's integer sums of a row, less what its zero adds to them, times its step. */
// @ts-ignore: decorator
@inline
function addBlock(to: usize, step: usize, sum: usize, s0: v128, s1: v128): void {
  const factor = v128.load32_splat(step);
  const zero = v128.load32_splat(step, 4);
  const y0 = f32x4.add(f32x4.convert_i32x4_s(s0), f32x4.mul(zero, v128.load(sum)));
  const y1 = f32x4.add(f32x4.convert_i32x4_s(s1), f32x4.mul(zero, v128.load(sum, 16)));
  v128.store(to, f32x4.add(v128.load(to), f32x4.mul(y0, factor)));
  v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(y1, factor)), 16);
}

/** Scales, shifts and stores eight sums of a row. */
// @ts-ignore: decorator
@inline
function finish(from: usize, to: usize, sigma: usize, bias: usize, add: bool): void {
  let y0 = f32x4.mul(v128.load(from), v128.load(sigma));
  let y1 = f32x4.mul(v128.load(from, 16), v128.load(sigma, 16));
  if (bias != 0) {
    y0 = f32x4.add(y0, v128.load(bias));
    y1 = f32x4.add(y1, v128.load(bias, 16));
  }
  if (add) {
    y0 = f32x4.add(y0, v128.load(to));
    y1 = f32x4.add(y1, v128.load(to, 16));
  }
  v128.store(to, y0);
  v128.store(to, y1, 16);
}
