/** exp(x) = 2^(x log2 e); the loops scale by this once where they can. */
export const LOG2E: f32 = 1.4426950408889634;

/**
 * Below this power of two the loops take exp for 0. Products with smaller numbers would be denormal, which
 * processors compute a hundred times slower.
 */
export const GONE: f32 = -100;

/** Adding and subtracting 1.5 · 2^23 rounds an f32 of small size to the nearest integer, kept in its low bits. */
const ROUND: f32 = 12582912;

/**
 * The same where a test would cost more than it saves: the scan bounds its exponents here. What is left of a state is
 * then 2^-100 of it, nothing beside any number that is written, and it takes two tokens to be gone for good.
 */
export const FORGOTTEN: f32 = -100;

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
  return exp2Bounded(f32x4.pmax(x, f32x4.splat(-126)));
}

/**
 * 2^x of four x in [-126, 0]. x = i + f with integer i and |f| ≤ 1/2; 2^f by a polynomial of degree 5 with
 * p(0) = 1, fitted to the smallest largest relative error (9.1e-8; 1.9e-7 with the roundings of f32), and i is added
 * to the exponent.
 */
// @ts-ignore: decorator
@inline
export function exp2Bounded(x: v128): v128 {
  const t = f32x4.add(x, f32x4.splat(ROUND));
  const f = f32x4.sub(x, f32x4.sub(t, f32x4.splat(ROUND)));
  let p = madd(f32x4.splat(1.3264727e-3), f, f32x4.splat(9.6715130e-3));
  p = madd(p, f, f32x4.splat(5.5507336e-2));
  p = madd(p, f, f32x4.splat(2.4022242e-1));
  p = madd(p, f, f32x4.splat(6.9314700e-1));
  p = madd(p, f, f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(t, 23));
}

/** e^-|x| */
// @ts-ignore: decorator
@inline
function expMinusAbs(x: v128): v128 {
  return exp2(f32x4.mul(f32x4.abs(x), f32x4.splat(-LOG2E)));
}

/** log(1 + eˣ) = max(x, 0) + 2 artanh(s) with s = e / (2 + e), e = e^-|x|: no digit of a small e is lost. */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  const e = expMinusAbs(x);
  const s = f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
  const q = f32x4.mul(s, s);
  let p = f32x4.add(f32x4.mul(q, f32x4.splat(1.0 / 15)), f32x4.splat(1.0 / 13));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 11));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 9));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 7));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 5));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 3));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.mul(f32x4.add(s, s), p));
}

/** x σ(x), from e^-|x| so that nothing overflows. */
// @ts-ignore: decorator
@inline
export function silu(x: v128): v128 {
  const e = expMinusAbs(x);
  const one = f32x4.splat(1);
  const numerator = v128.bitselect(one, e, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.div(f32x4.mul(x, numerator), f32x4.add(one, e));
}
