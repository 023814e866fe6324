/** exp(x) = 2^(x log2 e); the loops scale by this once where they can. */
export const LOG2E: f32 = 1.4426950408889634;

/**
 * Below this power of two the loops take exp for 0. Products with smaller numbers would be denormal, which
 * processors compute a hundred times slower.
 */
export const GONE: f32 = -100;

/**
 * Constants of the hot loops, each filling a vector. They are loaded from memory: V8 builds a literal vector anew
 * at every use, with three or four instructions, where a load is one.
 */
const CONSTANTS = memory.data<f32>(
  [
    // 1.5 · 2^23: adding and subtracting it rounds an f32 of small size to the nearest integer, kept in its low bits.
    12582912, 12582912, 12582912, 12582912,
    // The polynomial of exp2Bounded, highest power first; its last coefficient is 1.
    1.3264727e-3, 1.3264727e-3, 1.3264727e-3, 1.3264727e-3,
    9.671513e-3, 9.671513e-3, 9.671513e-3, 9.671513e-3,
    5.5507336e-2, 5.5507336e-2, 5.5507336e-2, 5.5507336e-2,
    2.4022242e-1, 2.4022242e-1, 2.4022242e-1, 2.4022242e-1,
    6.93147e-1, 6.93147e-1, 6.93147e-1, 6.93147e-1,
    1, 1, 1, 1,
    // Lowest exponents of exp2 and of the scan.
    -126, -126, -126, -126,
    -100, -100, -100, -100,
    // -log2 e
    -1.4426950408889634, -1.4426950408889634, -1.4426950408889634, -1.4426950408889634,
    // The polynomial of artanh, highest power first; its last coefficient is 1.
    2, 2, 2, 2,
    0.06666666666666667, 0.06666666666666667, 0.06666666666666667, 0.06666666666666667,
    0.07692307692307693, 0.07692307692307693, 0.07692307692307693, 0.07692307692307693,
    0.09090909090909091, 0.09090909090909091, 0.09090909090909091, 0.09090909090909091,
    0.1111111111111111, 0.1111111111111111, 0.1111111111111111, 0.1111111111111111,
    0.14285714285714285, 0.14285714285714285, 0.14285714285714285, 0.14285714285714285,
    0.2, 0.2, 0.2, 0.2,
    0.3333333333333333, 0.3333333333333333, 0.3333333333333333, 0.3333333333333333,
  ],
  16,
);

const ROUND = 0;
export const EXP2 = 1;
export const ONE = 6;
const LOWEST = 7;
export const FORGOTTEN = 8;
const MINUS_LOG2E = 9;
const TWO = 10;
const ARTANH = 11;

// @ts-ignore: decorator
@inline
export function constant(index: usize): v128 {
  return v128.load(CONSTANTS + (index << 4));
}

/** a b + c: fused, with one rounding, where the module is compiled for relaxed vectors. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** 2^x of four x ≤ 0; below -126 the result is 2^-126. */
// @ts-ignore: decorator
@inline
export function exp2(x: v128): v128 {
  return exp2Bounded(f32x4.pmax(x, constant(LOWEST)));
}

/**
 * 2^x of four x in [-126, 0]. x = i + f with integer i and |f| ≤ 1/2; 2^f by a polynomial of degree 5 with
 * p(0) = 1, fitted to the smallest largest relative error (9.1e-8; 1.9e-7 with the roundings of f32), and i is added
 * to the exponent. The scan takes the same steps for several x at a time.
 */
// @ts-ignore: decorator
@inline
export function exp2Bounded(x: v128): v128 {
  const t = shifted(x);
  const f = fraction(x, t);
  let p = madd(constant(EXP2), f, constant(EXP2 + 1));
  p = madd(p, f, constant(EXP2 + 2));
  p = madd(p, f, constant(EXP2 + 3));
  p = madd(p, f, constant(EXP2 + 4));
  p = madd(p, f, constant(ONE));
  return raised(p, t);
}

/** i in the low bits. */
// @ts-ignore: decorator
@inline
export function shifted(x: v128): v128 {
  return f32x4.add(x, constant(ROUND));
}

/** f = x - i, for t = shifted(x). */
// @ts-ignore: decorator
@inline
export function fraction(x: v128, t: v128): v128 {
  return f32x4.sub(x, f32x4.sub(t, constant(ROUND)));
}

/** 2^i p, for t = shifted(x). */
// @ts-ignore: decorator
@inline
export function raised(p: v128, t: v128): v128 {
  return i32x4.add(p, i32x4.shl(t, 23));
}

/** e^-|x| */
// @ts-ignore: decorator
@inline
function expMinusAbs(x: v128): v128 {
  return exp2(f32x4.mul(f32x4.abs(x), constant(MINUS_LOG2E)));
}

/** log(1 + eˣ) = max(x, 0) + 2 artanh(s) with s = e / (2 + e), e = e^-|x|: no digit of a small e is lost. */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  const e = expMinusAbs(x);
  const s = f32x4.div(e, f32x4.add(e, constant(TWO)));
  const q = f32x4.mul(s, s);
  let p = madd(q, constant(ARTANH), constant(ARTANH + 1));
  p = madd(p, q, constant(ARTANH + 2));
  p = madd(p, q, constant(ARTANH + 3));
  p = madd(p, q, constant(ARTANH + 4));
  p = madd(p, q, constant(ARTANH + 5));
  p = madd(p, q, constant(ARTANH + 6));
  p = madd(p, q, constant(ONE));
  return madd(f32x4.add(s, s), p, f32x4.pmax(x, f32x4.splat(0)));
}

/** x σ(x), from e^-|x| so that nothing overflows. */
// @ts-ignore: decorator
@inline
export function silu(x: v128): v128 {
  const e = expMinusAbs(x);
  const numerator = v128.bitselect(constant(ONE), e, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.div(f32x4.mul(x, numerator), f32x4.add(constant(ONE), e));
}

/** Four f32 of at most 2^22 in size, rounded to the nearest integers. */
// @ts-ignore: decorator
@inline
export function toIntegers(x: v128): v128 {
  return i32x4.sub(shifted(x), constant(ROUND));
}
