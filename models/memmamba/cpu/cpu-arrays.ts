import { panelWidth, type MatrixRows } from '../../../kernels/simd/matrix.js';
import type { Address, SimdModule } from '../../../kernels/simd/module.js';
import type { MemMambaConfig } from '../config.js';
import type { Heads } from '../engine.js';
import { PASSAGE_DIMS } from '../passage-head.js';
import { READER_WIDTH } from '../reader-head.js';
import { cpuWidths } from './cpu-layers.js';

/** Outputs of the wider head. */
const HEAD_WIDTH = Math.max(PASSAGE_DIMS + 1, READER_WIDTH);

/** Rows of f32 in the memory of the kernels, with a view of them. */
export interface CpuArray {
  readonly at: Address;
  /** Elements a row. */
  readonly stride: number;
  readonly data: Float32Array;
}

/** What the layers of a segment of up to `length` tokens compute; all layers share it. */
export class CpuArrays {
  /** (L, dModel) residual stream. */
  readonly x: CpuArray;
  /** (L) factors of RMSNorm. */
  readonly scale: CpuArray;
  /** (L, [x' | z]) input projection; the scan's output takes the place of x'. */
  readonly xz: CpuArray;
  /** Its second half. */
  readonly z: CpuArray;
  /** (dConv - 1, dInner). */
  readonly tail: CpuArray;
  /** (L, dInner) output of the convolution. */
  readonly u: CpuArray;
  /** (L, [δ | B | C]). */
  readonly bc: CpuArray;
  /** (L, dInner) Δ before softplus. */
  readonly delta: CpuArray;
  /** (inner / 4, dState, 4). */
  readonly h: CpuArray;
  /** (dInner) ΣΔ, and Kahan's correction. */
  readonly sums: CpuArray;
  readonly lost: CpuArray;
  /** (L, [score | gate | sentence | note | trained queries]). */
  readonly noted: CpuArray;
  /** (L, nHeads, noteDim) queries of the token attention in note space, and of the cross-layer attention. */
  readonly queries: CpuArray;
  readonly crossQueries: CpuArray;
  /** (L) gate of the token reads. */
  readonly gate: CpuArray;
  /** (L, nHeads, head). */
  readonly reads: CpuArray;
  /** (L, nHeads, narrow) the same of the notes' values. */
  readonly values: CpuArray;
  /** (layers read, poolSize, noteDim), and the same packed for both products of the attention. */
  readonly notes: CpuArray;
  readonly noteColumns: CpuArray;
  readonly noteRows: CpuArray;
  /** (layers read, poolSize). */
  readonly bias: CpuArray;
  /** (nHeads, chunk, layers read, poolSize) attention weights. */
  readonly weight: CpuArray;
  /** (headRows, vocabSize). */
  readonly logits: CpuArray;
  /** (L, dModel) what the reader mixes, where the model has one. */
  readonly mixed: CpuArray;
  /** (L, outputs of a head) what the passage head or the reader multiplies, where the model has one. */
  readonly products: CpuArray;

  /** @param headRows rows whose logits are made at once */
  constructor(config: MemMambaConfig, module: SimdModule, length: number, headRows: number, heads: Heads) {
    const sizes = sizesOf(config, length, headRows, heads);
    // All room first: the memory may move while it grows.
    const places = Object.entries(sizes).map(
      ([name, [rows, stride]]) => [name, rows, stride, module.reserve(rows * stride)] as const,
    );
    const arrays = Object.fromEntries(
      places.map(([name, rows, stride, at]) => {
        const data = module.floats(at, rows * stride).fill(0);
        return [name, { at, stride, data } satisfies CpuArray];
      }),
    ) as Record<keyof typeof sizes, CpuArray>;
    this.x = arrays.x;
    this.scale = arrays.scale;
    this.xz = arrays.xz;
    this.z = secondHalf(arrays.xz);
    this.tail = arrays.tail;
    this.u = arrays.u;
    this.bc = arrays.bc;
    this.delta = arrays.delta;
    this.h = arrays.h;
    this.sums = arrays.sums;
    this.lost = arrays.lost;
    this.noted = arrays.noted;
    this.queries = arrays.queries;
    this.crossQueries = arrays.crossQueries;
    this.gate = arrays.gate;
    this.reads = arrays.reads;
    this.values = arrays.values;
    this.notes = arrays.notes;
    this.noteColumns = arrays.noteColumns;
    this.noteRows = arrays.noteRows;
    this.bias = arrays.bias;
    this.weight = arrays.weight;
    this.logits = arrays.logits;
    this.mixed = arrays.mixed;
    this.products = arrays.products;
  }
}

/** Rows from a column on. */
export function columnsOf({ at, stride }: CpuArray, column: number): MatrixRows {
  return { at: at + 4 * column, stride };
}

/** Rows and row lengths of every array. */
function sizesOf(config: MemMambaConfig, length: number, headRows: number, heads: Heads) {
  const { dConv, dState, noteDim, nHeads, poolSize, chunk, crossLayerEvery, vocabSize } = config;
  const { model, inner, projected, head, reads, heads: valued, queries, noted } = cpuWidths(config);
  const total = Math.max(1, crossLayerEvery) * poolSize;
  const slots = panelWidth(total);
  return {
    x: [length, model],
    scale: [length, 1],
    xz: [length, 2 * inner],
    tail: [dConv - 1, inner],
    u: [length, inner],
    bc: [length, projected],
    delta: [length, inner],
    h: [inner, dState],
    sums: [1, inner],
    lost: [1, inner],
    noted: [length, noted],
    queries: [length, queries],
    crossQueries: [length, queries],
    gate: [length, 1],
    reads: [length, reads],
    values: [length, valued],
    notes: [total, noteDim],
    noteColumns: [slots, noteDim],
    noteRows: [total, head],
    bias: [1, slots],
    weight: [nHeads * chunk, slots],
    logits: [headRows, panelWidth(vocabSize)],
    mixed: [heads.reader ? length : 0, model],
    products: [heads.reader || heads.passages ? length : 0, panelWidth(HEAD_WIDTH)],
  } as const;
}

/** The right half of every row. */
function secondHalf({ at, stride, data }: CpuArray): CpuArray {
  const half = stride / 2;
  return { at: at + 4 * half, stride, data: data.subarray(half) };
}
