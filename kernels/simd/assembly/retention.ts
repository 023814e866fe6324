import { GONE, constant, exp2, softplus as softplus4 } from './math';
import { maxLanes, sumLanes } from './lanes';

/** softplus of `count` f32, a multiple of 4. */
export function softplus(count: i32, x: usize, y: usize): void {
  const bytes = <usize>(count << 2);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(y + i, softplus4(v128.load(x + i)));
}

/** Writes whose largest part is below this count as none: their reciprocal would overflow. */
const NOTHING: f32 = 1e-37;

/**
 * How much of what `length` tokens wrote is left; `../../retention/retention.cpu.ts` has the formula.
 *
 * u, delta (softplus taken), sums S (length, channels); b (length, states); a (channels / 4, states, 4) = A log2 e;
 * slowest (channels) = the largest A log2 e of each channel; power 1 or 2; scratch (states); out (length).
 */
export function survive(
  length: i32,
  channels: i32,
  states: i32,
  u: usize,
  delta: usize,
  sums: usize,
  b: usize,
  a: usize,
  slowest: usize,
  power: i32,
  scratch: usize,
  out: usize,
): void {
  const row = <usize>(channels << 2);
  const stateRow = <usize>(states << 2);
  for (let t = 0; t < length; t++) {
    const at = <usize>t * row;
    let most = f32x4.splat(0);
    for (let i: usize = 0; i < row; i += 16) {
      const write = f32x4.mul(v128.load(delta + at + i), v128.load(u + at + i));
      most = f32x4.pmax(most, f32x4.abs(write));
    }
    const largest = maxLanes(most);
    let largestB: f32 = 0;
    const bRow = b + <usize>t * stateRow;
    for (let n: usize = 0; n < stateRow; n += 4) largestB = max(largestB, abs(load<f32>(bRow + n)));
    if (largest < NOTHING || largestB < NOTHING) {
      store<f32>(out + (<usize>t << 2), 0);
      continue;
    }

    // Divided by the largest, so that squares of small numbers do not underflow.
    let bTotal: f32 = 0;
    for (let n: usize = 0; n < stateRow; n += 4) {
      const value = abs(load<f32>(bRow + n)) / largestB;
      const part = power == 2 ? value * value : value;
      store<f32>(scratch + n, part);
      bTotal += part;
    }
    const inverse = f32x4.splat(<f32>1 / largest);
    let kept = f32x4.splat(0);
    let written = f32x4.splat(0);
    for (let i: usize = 0; i < row; i += 16) {
      const product = f32x4.mul(v128.load(delta + at + i), v128.load(u + at + i));
      let write = f32x4.mul(f32x4.abs(product), inverse);
      if (power == 2) write = f32x4.mul(write, write);
      written = f32x4.add(written, write);
      const sum = v128.load(sums + at + i);
      // Far from T most channels have forgotten everything.
      const bound = f32x4.mul(sum, v128.load(slowest + i));
      if (!v128.any_true(f32x4.gt(bound, constant(GONE)))) continue;
      let left = f32x4.splat(0);
      const aGroup = a + i * <usize>states;
      for (let n: usize = 0; n < stateRow; n += 4) {
        const exponent = f32x4.mul(sum, v128.load(aGroup + (n << 2)));
        const decay = v128.and(exp2(exponent), f32x4.gt(exponent, constant(GONE)));
        left = f32x4.add(left, f32x4.mul(decay, v128.load32_splat(scratch + n)));
      }
      kept = f32x4.add(kept, f32x4.mul(write, left));
    }
    store<f32>(out + (<usize>t << 2), min<f32>(1, sumLanes(kept) / (sumLanes(written) * bTotal)));
  }
}

/** y = x + z, elementwise; `count` a multiple of 4. Doubles the distance over which Δ is summed. */
export function add(count: i32, x: usize, z: usize, y: usize): void {
  const bytes = <usize>(count << 2);
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(y + i, f32x4.add(v128.load(x + i), v128.load(z + i)));
  }
}

/**
 * S_t = after + ΣΔ over the tokens behind t, added from the end with Kahan's correction.
 *
 * delta, sums (length, channels); after, lost (channels), both overwritten; lost comes in as 0.
 */
export function suffixSums(
  length: i32,
  channels: i32,
  delta: usize,
  after: usize,
  lost: usize,
  sums: usize,
): void {
  const row = <usize>(channels << 2);
  for (let t = length - 1; t >= 0; t--) {
    const at = <usize>t * row;
    for (let i: usize = 0; i < row; i += 16) {
      const old = v128.load(after + i);
      v128.store(sums + at + i, old);
      const more = f32x4.sub(v128.load(delta + at + i), v128.load(lost + i));
      const sum = f32x4.add(old, more);
      v128.store(lost + i, f32x4.sub(f32x4.sub(sum, old), more));
      v128.store(after + i, sum);
    }
  }
}
