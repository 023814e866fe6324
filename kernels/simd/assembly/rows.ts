import { maxLanes, sumLanes } from './lanes';
import { madd, toIntegers } from './math';
import { BLOCK } from './matmul-int8';

/**
 * scales_t = 1 / √(mean(x_t²) + ε): the factor of RMSNorm, whose weights stand in the matrix that follows.
 *
 * x (m, d) with `ldx` bytes a row, columns behind d up to a multiple of 4 zero; scales (m).
 */
export function rmsScales(m: i32, d: i32, x: usize, ldx: usize, epsilon: f32, scales: usize): void {
  const bytes = <usize>(d << 2);
  for (let row = 0; row < m; row++, x += ldx) {
    let sum = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const value = v128.load(x + i);
      sum = madd(value, value, sum);
    }
    store<f32>(scales + (<usize>row << 2), <f32>1 / <f32>Math.sqrt(sumLanes(sum) / <f32>d + epsilon));
  }
}

/** Blocks whose values differ by less count as zeros: the reciprocal of their step would overflow. */
const NOTHING: f32 = 1e-30;
/** Largest integer of one plane. */
const PLANE: i32 = 127;

/**
 * Every row as unsigned integers of one or two planes of seven bits, with a step and a zero of their own for each 64
 * elements: w ⊙ x ≈ step · (q - zero), where q is 128 q₁ + q₂ in two planes.
 *
 * - x f32 (m, k) with `ldx` bytes a row.
 * - w (k) weights of a norm, or 0 for none.
 * - q u8 (m, planes, k up to a multiple of 8) with `ldq` bytes a row, 0 behind k.
 * - scales f32 (m, ⌈k / 64⌉, 2): step, multiplied by rho (m) unless that is 0, and zero.
 *
 * What holds NaN or an infinity, or sums up to one, has the step NaN, so its products are NaN as well.
 */
export function quantizeRows(
  m: i32,
  k: i32,
  planes: i32,
  x: usize,
  ldx: usize,
  w: usize,
  q: usize,
  ldq: usize,
  rho: usize,
  scales: usize,
): void {
  const plane = <usize>((k + 7) & ~7);
  const bytes = <usize>(k << 2);
  for (let row = 0; row < m; row++, x += ldx, q += ldq) {
    for (let from: usize = 0; from < bytes; from += BLOCK << 2, scales += 8) {
      const until = min(from + (BLOCK << 2), bytes);
      const whole = until & ~63;
      let most = f32x4.splat(0);
      let least = f32x4.splat(0);
      let sum = f32x4.splat(0);
      let i = from;
      for (; i < whole; i += 16) {
        const value = weighted(x, w, i);
        most = f32x4.pmax(most, value);
        least = f32x4.pmin(least, value);
        // Comparing passes over NaN; adding does not.
        sum = f32x4.add(sum, value);
      }
      let largest = maxLanes(most);
      let smallest = -maxLanes(f32x4.neg(least));
      let all = sumLanes(sum);
      for (; i < until; i += 4) {
        const value = weightedOne(x, w, i);
        largest = max(largest, value);
        smallest = min(smallest, value);
        all += value;
      }

      const isFinite = all - all == 0;
      const range = largest - smallest;
      // In two planes the zero is a multiple of 128, which takes up to 128 of them.
      const levels = <f32>(planes == 1 ? PLANE : (PLANE << 7) - 1);
      const isNothing = !isFinite || range < NOTHING;
      const inverse: f32 = isNothing ? 0 : levels / range;
      const shift = -smallest * inverse;
      const zero = planes == 1 ? <i32>nearest(shift) : <i32>ceil(shift / 128) << 7;
      const scale = f32x4.splat(inverse);
      const zeros = i32x4.splat(zero);
      for (i = from; i < whole; i += 64) {
        const low = i16x8.narrow_i32x4_s(rounded(x, w, i, scale, zeros), rounded(x, w, i + 16, scale, zeros));
        const high = i16x8.narrow_i32x4_s(
          rounded(x, w, i + 32, scale, zeros),
          rounded(x, w, i + 48, scale, zeros),
        );
        const to = q + (i >> 2);
        if (planes == 1) {
          // A zero that was rounded up makes 128 of the largest; here it becomes 127.
          v128.store(to, i8x16.narrow_i16x8_s(low, high));
        } else {
          v128.store(to, i8x16.narrow_i16x8_s(i16x8.shr_u(low, 7), i16x8.shr_u(high, 7)));
          const bits = i16x8.splat(<i16>PLANE);
          v128.store(to + plane, i8x16.narrow_i16x8_s(v128.and(low, bits), v128.and(high, bits)));
        }
      }
      for (; i < until; i += 4) {
        const value = <i32>nearest(weightedOne(x, w, i) * inverse) + zero;
        const to = q + (i >> 2);
        if (planes == 1) {
          store<u8>(to, <u8>min(value, PLANE));
        } else {
          store<u8>(to, <u8>(value >> 7));
          store<u8>(to + plane, <u8>(value & PLANE));
        }
      }

      let step: f32 = isNothing ? 0 : range / levels;
      if (!isFinite) step = NaN;
      if (rho != 0) step *= load<f32>(rho + (<usize>row << 2));
      store<f32>(scales, step);
      store<f32>(scales, <f32>zero, 4);
    }
    for (let i = <usize>k; i < plane; i++) {
      store<u8>(q + i, 0);
      if (planes == 2) store<u8>(q + plane + i, 0);
    }
  }
}

/** Four of a row in steps, from the zero on. */
// @ts-ignore: decorator
@inline
function rounded(x: usize, w: usize, i: usize, scale: v128, zeros: v128): v128 {
  return i32x4.add(toIntegers(f32x4.mul(weighted(x, w, i), scale)), zeros);
}

// @ts-ignore: decorator
@inline
function weighted(x: usize, w: usize, i: usize): v128 {
  const value = v128.load(x + i);
  return w == 0 ? value : f32x4.mul(value, v128.load(w + i));
}

// @ts-ignore: decorator
@inline
function weightedOne(x: usize, w: usize, i: usize): f32 {
  const value = load<f32>(x + i);
  return w == 0 ? value : value * load<f32>(w + i);
}
