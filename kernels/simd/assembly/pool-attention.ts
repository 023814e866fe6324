import { maxLanes, sumLanes } from './lanes';
import { GONE, LOG2E, constant, exp2, madd } from './math';
import { matmul } from './matmul';

/**
 * Packs notes for `poolAttention`, as the right-hand sides of its two products.
 *
 * notes (slots, dim); columns (⌈slots / 8⌉, dim, 8), their transpose in panels; rows (⌈dim / 8⌉, slots, 8). What
 * the panels hold beyond slots and dim is 0.
 */
export function packNotes(slots: i32, dim: i32, notes: usize, columns: usize, rows: usize): void {
  const wideSlots = (slots + 7) & ~7;
  const wideDim = (dim + 7) & ~7;
  for (let slot = 0; slot < wideSlots; slot++) {
    let to = columns + (<usize>((slot >> 3) * dim * 8 + (slot & 7)) << 2);
    for (let i = 0; i < dim; i++, to += 32) {
      store<f32>(to, slot < slots ? load<f32>(notes + (<usize>(slot * dim + i) << 2)) : 0);
    }
  }
  for (let i = 0; i < wideDim; i++) {
    let to = rows + (<usize>((i >> 3) * slots * 8 + (i & 7)) << 2);
    for (let slot = 0; slot < slots; slot++, to += 32) {
      store<f32>(to, i < dim ? load<f32>(notes + (<usize>(slot * dim + i) << 2)) : 0);
    }
  }
}

/**
 * Attention of all heads of `count` tokens over the same notes; `../../pool-attention/pool-attention.cpu.ts` has
 * the formula. Two matrix products a head, with a softmax over each row between them.
 *
 * - queries (count, heads · dim) with `ldq` bytes a row.
 * - columns and rows as `packNotes` makes them.
 * - bias (slots up to a multiple of 8), very low where there is no note.
 * - weights (heads, count, slots up to a multiple of 8).
 * - reads (count, heads · dim, each head's dim up to a multiple of 8) with `ldr` bytes a row.
 */
export function poolAttention(
  count: i32,
  heads: i32,
  dim: i32,
  slots: i32,
  queries: usize,
  ldq: usize,
  columns: usize,
  rows: usize,
  bias: usize,
  weights: usize,
  reads: usize,
  ldr: usize,
): void {
  const wideSlots = (slots + 7) & ~7;
  const wideDim = (dim + 7) & ~7;
  const weightRow = <usize>(wideSlots << 2);
  for (let head = 0; head < heads; head++) {
    const query = queries + (<usize>(head * dim) << 2);
    matmul(count, dim, wideSlots, query, ldq, columns, weights, weightRow, 0, bias, false);
    for (let t = 0; t < count; t++) softmax(weights + <usize>t * weightRow, weightRow);
    const read = reads + (<usize>(head * wideDim) << 2);
    matmul(count, slots, wideDim, weights, weightRow, rows, read, ldr, 0, 0, false);
    weights += <usize>count * weightRow;
  }
}

/** exp(x) over its sum, in place; `bytes` is a multiple of 16. */
function softmax(row: usize, bytes: usize): void {
  let most = v128.load(row);
  for (let j: usize = 16; j < bytes; j += 16) most = f32x4.pmax(most, v128.load(row + j));
  const top = f32x4.splat(maxLanes(most));
  let total = f32x4.splat(0);
  for (let j: usize = 0; j < bytes; j += 16) {
    const e = exp2(f32x4.mul(f32x4.sub(v128.load(row + j), top), constant(LOG2E)));
    v128.store(row + j, e);
    total = f32x4.add(total, e);
  }
  const scale = f32x4.splat(<f32>1 / sumLanes(total));
  for (let j: usize = 0; j < bytes; j += 16) v128.store(row + j, f32x4.mul(v128.load(row + j), scale));
}

/**
 * total += scale · Σ over the rows of softmax(row). Weights below 2^-100 of a row's highest count as 0.
 *
 * logits (m, n) with `ld` bytes a row, overwritten; total (n); n a multiple of 4.
 */
export function addSoftmax(m: i32, n: i32, logits: usize, ld: usize, scale: f32, total: usize): void {
  const bytes = <usize>(n << 2);
  for (let row = 0; row < m; row++, logits += ld) {
    let most = v128.load(logits);
    for (let j: usize = 16; j < bytes; j += 16) most = f32x4.pmax(most, v128.load(logits + j));
    const top = f32x4.splat(maxLanes(most));
    let sum = f32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) {
      const x = f32x4.mul(f32x4.sub(v128.load(logits + j), top), constant(LOG2E));
      const e = v128.and(exp2(x), f32x4.gt(x, constant(GONE)));
      v128.store(logits + j, e);
      sum = f32x4.add(sum, e);
    }
    const share = f32x4.splat(scale / sumLanes(sum));
    for (let j: usize = 0; j < bytes; j += 16) {
      v128.store(total + j, madd(v128.load(logits + j), share, v128.load(total + j)));
    }
  }
}
