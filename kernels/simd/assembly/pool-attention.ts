import { maxLanes, sumLanes } from './lanes';
import { LOG2E, exp2 } from './math';

/**
 * Attention of `count` queries over the same notes; `../../pool-attention/pool-attention.cpu.ts` has the
 * formula.
 *
 * queries, reads (count, dim); notes (slots, dim) and columns (dim, slots), its transpose; bias (slots), very
 * low where there is no note; weights (count, slots). dim and slots are multiples of 4.
 */
export function poolAttention(
  count: i32,
  dim: i32,
  slots: i32,
  queries: usize,
  notes: usize,
  columns: usize,
  bias: usize,
  weights: usize,
  reads: usize,
): void {
  const noteRow = <usize>(dim << 2);
  const slotRow = <usize>(slots << 2);
  for (let i = 0; i < count; i++) {
    const query = queries + <usize>i * noteRow;
    const weight = weights + <usize>i * slotRow;
    const read = reads + <usize>i * noteRow;

    // Logits, sixteen notes at a time while there are so many.
    let j: usize = 0;
    for (; j + 64 <= slotRow; j += 64) {
      let sum0 = v128.load(bias + j, 0);
      let sum1 = v128.load(bias + j, 16);
      let sum2 = v128.load(bias + j, 32);
      let sum3 = v128.load(bias + j, 48);
      let column = columns + j;
      for (let k: usize = 0; k < noteRow; k += 4, column += slotRow) {
        const q = v128.load32_splat(query + k);
        sum0 = f32x4.add(sum0, f32x4.mul(q, v128.load(column, 0)));
        sum1 = f32x4.add(sum1, f32x4.mul(q, v128.load(column, 16)));
        sum2 = f32x4.add(sum2, f32x4.mul(q, v128.load(column, 32)));
        sum3 = f32x4.add(sum3, f32x4.mul(q, v128.load(column, 48)));
      }
      v128.store(weight + j, sum0, 0);
      v128.store(weight + j, sum1, 16);
      v128.store(weight + j, sum2, 32);
      v128.store(weight + j, sum3, 48);
    }
    for (; j < slotRow; j += 16) {
      let sum = v128.load(bias + j);
      let column = columns + j;
      for (let k: usize = 0; k < noteRow; k += 4, column += slotRow) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(query + k), v128.load(column)));
      }
      v128.store(weight + j, sum);
    }

    // Softmax.
    let most = v128.load(weight);
    for (j = 16; j < slotRow; j += 16) most = f32x4.pmax(most, v128.load(weight + j));
    const top = f32x4.splat(maxLanes(most));
    let total = f32x4.splat(0);
    for (j = 0; j < slotRow; j += 16) {
      const e = exp2(f32x4.mul(f32x4.sub(v128.load(weight + j), top), f32x4.splat(LOG2E)));
      v128.store(weight + j, e);
      total = f32x4.add(total, e);
    }
    const scale = f32x4.splat(<f32>1 / sumLanes(total));
    for (j = 0; j < slotRow; j += 16) {
      v128.store(weight + j, f32x4.mul(v128.load(weight + j), scale));
    }

    // Weighted sum of the notes, sixteen dimensions at a time while there are so many.
    let k: usize = 0;
    for (; k + 64 <= noteRow; k += 64) {
      let sum0 = f32x4.splat(0);
      let sum1 = f32x4.splat(0);
      let sum2 = f32x4.splat(0);
      let sum3 = f32x4.splat(0);
      let note = notes + k;
      for (j = 0; j < slotRow; j += 4, note += noteRow) {
        const w = v128.load32_splat(weight + j);
        sum0 = f32x4.add(sum0, f32x4.mul(w, v128.load(note, 0)));
        sum1 = f32x4.add(sum1, f32x4.mul(w, v128.load(note, 16)));
        sum2 = f32x4.add(sum2, f32x4.mul(w, v128.load(note, 32)));
        sum3 = f32x4.add(sum3, f32x4.mul(w, v128.load(note, 48)));
      }
      v128.store(read + k, sum0, 0);
      v128.store(read + k, sum1, 16);
      v128.store(read + k, sum2, 32);
      v128.store(read + k, sum3, 48);
    }
    for (; k < noteRow; k += 16) {
      let sum = f32x4.splat(0);
      let note = notes + k;
      for (j = 0; j < slotRow; j += 4, note += noteRow) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weight + j), v128.load(note)));
      }
      v128.store(read + k, sum);
    }
  }
}
