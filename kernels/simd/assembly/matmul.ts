import { madd } from './math';

/** Columns a panel: two vectors. `../matrix.ts` packs panels. */
const PANEL = 8;

/**
 * C = ρ ⊙ (A B) + bias, or that added to C, in f32.
 *
 * - a (m, k) with `lda` bytes a row.
 * - b in panels of eight columns, (n / 8, k, 8); n a multiple of 8.
 * - c (m, n) with `ldc` bytes a row; `add` adds to what it holds.
 * - rho (m) scales rows, bias (n) is added to each; 0 leaves either out.
 *
 * Every sum runs over k in order, in whatever company its row comes. So results do not depend on m.
 */
export function matmul(
  m: i32,
  k: i32,
  n: i32,
  a: usize,
  lda: usize,
  b: usize,
  c: usize,
  ldc: usize,
  rho: usize,
  bias: usize,
  add: bool,
): void {
  const panelBytes = <usize>(k * PANEL) << 2;
  const rowBytes = <usize>(k << 2);
  for (let column = 0; column < n; column += PANEL, b += panelBytes) {
    const out = c + (<usize>column << 2);
    const offset = bias == 0 ? <usize>0 : bias + (<usize>column << 2);
    let row = 0;
    for (; row + 4 <= m; row += 4) {
      let a0 = a + <usize>row * lda;
      let a1 = a0 + lda;
      let a2 = a1 + lda;
      let a3 = a2 + lda;
      const end = a0 + rowBytes;
      let s00 = f32x4.splat(0);
      let s01 = f32x4.splat(0);
      let s10 = f32x4.splat(0);
      let s11 = f32x4.splat(0);
      let s20 = f32x4.splat(0);
      let s21 = f32x4.splat(0);
      let s30 = f32x4.splat(0);
      let s31 = f32x4.splat(0);
      for (let panel = b; a0 < end; panel += PANEL << 2) {
        const b0 = v128.load(panel);
        const b1 = v128.load(panel, 16);
        const x0 = v128.load32_splat(a0);
        s00 = madd(x0, b0, s00);
        s01 = madd(x0, b1, s01);
        const x1 = v128.load32_splat(a1);
        s10 = madd(x1, b0, s10);
        s11 = madd(x1, b1, s11);
        const x2 = v128.load32_splat(a2);
        s20 = madd(x2, b0, s20);
        s21 = madd(x2, b1, s21);
        const x3 = v128.load32_splat(a3);
        s30 = madd(x3, b0, s30);
        s31 = madd(x3, b1, s31);
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
      }
      const to = out + <usize>row * ldc;
      const scale = rho == 0 ? <usize>0 : rho + (<usize>row << 2);
      finish(s00, s01, to, scale, 0, offset, add);
      finish(s10, s11, to + ldc, scale, 4, offset, add);
      finish(s20, s21, to + 2 * ldc, scale, 8, offset, add);
      finish(s30, s31, to + 3 * ldc, scale, 12, offset, add);
    }
    for (; row < m; row++) {
      let a0 = a + <usize>row * lda;
      const end = a0 + rowBytes;
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      for (let panel = b; a0 < end; panel += PANEL << 2) {
        const x = v128.load32_splat(a0);
        s0 = madd(x, v128.load(panel), s0);
        s1 = madd(x, v128.load(panel, 16), s1);
        a0 += 4;
      }
      finish(s0, s1, out + <usize>row * ldc, rho == 0 ? <usize>0 : rho + (<usize>row << 2), 0, offset, add);
    }
  }
}

/** Scales, shifts and stores eight sums of a row. */
// @ts-ignore: decorator
@inline
function finish(s0: v128, s1: v128, to: usize, scale: usize, row: usize, bias: usize, add: bool): void {
  if (scale != 0) {
    const rho = v128.load32_splat(scale + row);
    s0 = f32x4.mul(s0, rho);
    s1 = f32x4.mul(s1, rho);
  }
  if (bias != 0) {
    s0 = f32x4.add(s0, v128.load(bias));
    s1 = f32x4.add(s1, v128.load(bias, 16));
  }
  if (add) {
    s0 = f32x4.add(s0, v128.load(to));
    s1 = f32x4.add(s1, v128.load(to, 16));
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
}
