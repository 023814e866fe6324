/**
 * What the loops multiply by and add, in memory. A vector that stands in the code costs three instructions every time
 * around a loop where the runtime does not move it out (V8 in Node 24 does not); a load costs one.
 */
const constants = memory.data<f32>(
  [
    // 2^f: coefficients of the powers 5 to 1.
    1.3264727e-3,
    9.671513e-3,
    5.5507336e-2,
    2.4022242e-1,
    6.93147e-1,
    1,
    2,
    // Adding and subtracting 1.5 · 2^23 rounds an f32 of small size to the nearest integer, kept in its low bits.
    12582912,
    // GONE
    -100,
    // The least exponent of a normal number.
    -126,
    // log2 e, and its negative
    1.4426950408889634,
    -1.4426950408889634,
    // artanh: coefficients of the powers 15 to 3.
    1.0 / 15,
    1.0 / 13,
    1.0 / 11,
    1.0 / 9,
    1.0 / 7,
    1.0 / 5,
    1.0 / 3,
  ],
  4,
);

// Which of them.
const P5 = 0;
const P4 = 1;
const P3 = 2;
const P2 = 3;
const P1 = 4;
const ONE = 5;
const TWO = 6;
const ROUND = 7;
/**
 * Below this power of two the loops take exp for 0. Products with smaller numbers would be denormal, which
 * processors compute a hundred times slower.
 */
export const GONE = 8;
const LEAST = 9;
/** exp(x) = 2^(x log2 e); the loops scale by this once where they can. */
export const LOG2E = 10;
const MINUS_LOG2E = 11;
const ARTANH15 = 12;
const ARTANH13 = 13;
const ARTANH11 = 14;
const ARTANH9 = 15;
const ARTANH7 = 16;
const ARTANH5 = 17;
const ARTANH3 = 18;

/** A constant in four lanes. */
// @ts-ignore: decorator
@inline
export function constant(which: i32): v128 {
  return v128.load32_splat(constants + (<usize>which << 2));
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
  return exp2Bounded(f32x4.pmax(x, constant(LEAST)));
}

/**
 * 2^x of four x in [-126, 0]. x = i + f with integer i and |f| ≤ 1/2. 2^f is a polynomial of degree 5 with
 * p(0) = 1, fitted to the smallest largest relative error (9.1e-8; 1.9e-7 with the roundings of f32). i is added
 * to the exponent. The scan takes the same steps for several x at a time.
 */
// @ts-ignore: decorator
@inline
export function exp2Bounded(x: v128): v128 {
  const t = shifted(x);
  const f = fraction(x, t);
  let p = power4(f);
  p = power3(p, f);
  p = power2(p, f);
  p = power1(p, f);
  p = power0(p, f);
  return raised(p, t);
}

// The steps of the polynomial, from the highest power down.
// @ts-ignore: decorator
@inline
export function power4(f: v128): v128 {
  return madd(constant(P5), f, constant(P4));
}
// @ts-ignore: decorator
@inline
export function power3(p: v128, f: v128): v128 {
  return madd(p, f, constant(P3));
}
// @ts-ignore: decorator
@inline
export function power2(p: v128, f: v128): v128 {
  return madd(p, f, constant(P2));
}
// @ts-ignore: decorator
@inline
export function power1(p: v128, f: v128): v128 {
  return madd(p, f, constant(P1));
}
// @ts-ignore: decorator
@inline
export function power0(p: v128, f: v128): v128 {
  return madd(p, f, constant(ONE));
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
  let p = madd(q, constant(ARTANH15), constant(ARTANH13));
  p = madd(p, q, constant(ARTANH11));
  p = madd(p, q, constant(ARTANH9));
  p = madd(p, q, constant(ARTANH7));
  p = madd(p, q, constant(ARTANH5));
  p = madd(p, q, constant(ARTANH3));
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
