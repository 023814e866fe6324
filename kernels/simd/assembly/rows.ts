import { madd } from './math';
import { sumLanes } from './lanes';

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

/**
 * Every row as integers of its own step: q = round(x / step), step = max |x| / limit.
 *
 * x f32 (m, k) with `ldx` bytes a row; q i16 (m, k up to an even number, the last 0) with `ldq` bytes a row;
 * limit at most 32767; steps (m), multiplied by rho (m) unless that is 0. A row of zeros has step 0. A row that
 * holds NaN or an infinity has the step NaN, so its products are NaN as well.
 */
export function quantizeRows(
  m: i32,
  k: i32,
  x: usize,
  ldx: usize,
  limit: f32,
  q: usize,
  ldq: usize,
  rho: usize,
  steps: usize,
): void {
  const vectors = <usize>(k & ~7) << 2;
  const bytes = <usize>(k << 2);
  for (let row = 0; row < m; row++, x += ldx, q += ldq) {
    let most = f32x4.splat(0);
    let i: usize = 0;
    // max, unlike pmax, passes NaN on.
    for (; i < vectors; i += 16) most = f32x4.max(most, f32x4.abs(v128.load(x + i)));
    let largest = maxLanesOrNaN(most);
    for (; i < bytes; i += 4) largest = max(largest, abs(load<f32>(x + i)));

    const inverse = largest > 0 ? limit / largest : 0;
    const scale = f32x4.splat(inverse);
    for (i = 0; i < vectors; i += 32) {
      const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x + i), scale)));
      const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x + i, 16), scale)));
      v128.store(q + (i >> 1), i16x8.narrow_i32x4_s(low, high));
    }
    for (; i < bytes; i += 4) store<i16>(q + (i >> 1), <i16>nearest(load<f32>(x + i) * inverse));
    if (k & 1) store<i16>(q + (bytes >> 1), 0);

    let step = largest / limit;
    if (!(largest < Infinity)) step = NaN;
    if (rho != 0) step *= load<f32>(rho + (<usize>row << 2));
    store<f32>(steps + (<usize>row << 2), step);
  }
}

/** Largest of the four lanes, NaN if one is. */
// @ts-ignore: decorator
@inline
function maxLanesOrNaN(x: v128): f32 {
  const pairs = f32x4.max(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}
