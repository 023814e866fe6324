import { maxLanes, sumLanes } from './lanes';
import { madd, toIntegers } from './math';

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
 * Every row as integers of its own step: q = round(w ⊙ x / step), step = max |w ⊙ x| / limit.
 *
 * x f32 (m, k) with `ldx` bytes a row; w (k) weights of a norm, or 0 for none; q i16 (m, k up to an even number, the last 0) with `ldq` bytes a row;
 * limit at most 32767; steps (m), multiplied by rho (m) unless that is 0. A row of zeros has step 0. A row that
 * holds NaN or an infinity has the step NaN, so its products are NaN as well.
 */
export function quantizeRows(
  m: i32,
  k: i32,
  x: usize,
  ldx: usize,
  w: usize,
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
    let sum = f32x4.splat(0);
    let i: usize = 0;
    for (; i < vectors; i += 16) {
      const size = f32x4.abs(weighted(x, w, i));
      most = f32x4.pmax(most, size);
      sum = f32x4.add(sum, size);
    }
    let largest = maxLanes(most);
    // Comparing passes over NaN; adding does not.
    let all = sumLanes(sum);
    for (; i < bytes; i += 4) {
      const size = abs(weightedOne(x, w, i));
      largest = max(largest, size);
      all += size;
    }

    const inverse = largest > 0 ? limit / largest : 0;
    const scale = f32x4.splat(inverse);
    for (i = 0; i < vectors; i += 32) {
      const low = toIntegers(f32x4.mul(weighted(x, w, i), scale));
      const high = toIntegers(f32x4.mul(weighted(x, w, i + 16), scale));
      v128.store(q + (i >> 1), i16x8.narrow_i32x4_s(low, high));
    }
    for (; i < bytes; i += 4) store<i16>(q + (i >> 1), <i16>nearest(weightedOne(x, w, i) * inverse));
    if (k & 1) store<i16>(q + (bytes >> 1), 0);

    let step = largest / limit;
    if (!(all < Infinity)) step = NaN;
    if (rho != 0) step *= load<f32>(rho + (<usize>row << 2));
    store<f32>(steps + (<usize>row << 2), step);
  }
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
