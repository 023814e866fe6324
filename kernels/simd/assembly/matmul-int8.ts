/** Columns a panel: two vectors of i32 sums. `../matrix.ts` packs panels. */
const PANEL = 8;

/**
 * C = ρ ⊙ (A B) ⊙ σ + bias, or that added to C, with integer A and B.
 *
 * a (m, k) i16 with `lda` bytes a row, from `quantizeRows`; b i8 weights widened to i16, in panels of eight
 * columns with two rows side by side, (n / 8, k / 2, 8, 2); k even, n a multiple of 8. Products are summed in i32,
 * exactly: the quantization keeps 127 · |a| · k below 2^31. rho (m) is the step of each row, sigma (n) that of each
 * column; bias (n), or 0 for none. c f32 (m, n) with `ldc` bytes a row; `add` adds to what it holds.
 */
export function matmulInt8(
  m: i32,
  k: i32,
  n: i32,
  a: usize,
  lda: usize,
  b: usize,
  c: usize,
  ldc: usize,
  rho: usize,
  sigma: usize,
  bias: usize,
  add: bool,
): void {
  const panelBytes = <usize>(k * PANEL) << 1;
  const rowBytes = <usize>(k << 1);
  for (let column = 0; column < n; column += PANEL, b += panelBytes, sigma += PANEL << 2) {
    const out = c + (<usize>column << 2);
    const offset = bias == 0 ? <usize>0 : bias + (<usize>column << 2);
    let row = 0;
    for (; row + 4 <= m; row += 4) {
      let a0 = a + <usize>row * lda;
      let a1 = a0 + lda;
      let a2 = a1 + lda;
      let a3 = a2 + lda;
      const end = a0 + rowBytes;
      let s00 = i32x4.splat(0);
      let s01 = i32x4.splat(0);
      let s10 = i32x4.splat(0);
      let s11 = i32x4.splat(0);
      let s20 = i32x4.splat(0);
      let s21 = i32x4.splat(0);
      let s30 = i32x4.splat(0);
      let s31 = i32x4.splat(0);
      for (let panel = b; a0 < end; panel += PANEL << 2) {
        const b0 = v128.load(panel);
        const b1 = v128.load(panel, 16);
        const x0 = v128.load32_splat(a0);
        s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x0, b0));
        s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x0, b1));
        const x1 = v128.load32_splat(a1);
        s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x1, b0));
        s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x1, b1));
        const x2 = v128.load32_splat(a2);
        s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x2, b0));
        s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x2, b1));
        const x3 = v128.load32_splat(a3);
        s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x3, b0));
        s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x3, b1));
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
      }
      const to = out + <usize>row * ldc;
      const steps = rho + (<usize>row << 2);
      finish(s00, s01, to, steps, sigma, offset, add);
      finish(s10, s11, to + ldc, steps + 4, sigma, offset, add);
      finish(s20, s21, to + 2 * ldc, steps + 8, sigma, offset, add);
      finish(s30, s31, to + 3 * ldc, steps + 12, sigma, offset, add);
    }
    for (; row < m; row++) {
      let a0 = a + <usize>row * lda;
      const end = a0 + rowBytes;
      let s0 = i32x4.splat(0);
      let s1 = i32x4.splat(0);
      for (let panel = b; a0 < end; panel += PANEL << 2) {
        const x = v128.load32_splat(a0);
        s0 = i32x4.add(s0, i32x4.dot_i16x8_s(x, v128.load(panel)));
        s1 = i32x4.add(s1, i32x4.dot_i16x8_s(x, v128.load(panel, 16)));
        a0 += 4;
      }
      finish(s0, s1, out + <usize>row * ldc, rho + (<usize>row << 2), sigma, offset, add);
    }
  }
}

/** Turns eight integer sums of a row into f32 and stores them. */
// @ts-ignore: decorator
@inline
function finish(s0: v128, s1: v128, to: usize, rho: usize, sigma: usize, bias: usize, add: bool): void {
  const step = v128.load32_splat(rho);
  let y0 = f32x4.mul(f32x4.convert_i32x4_s(s0), f32x4.mul(step, v128.load(sigma)));
  let y1 = f32x4.mul(f32x4.convert_i32x4_s(s1), f32x4.mul(step, v128.load(sigma, 16)));
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
