import { FloatMatrix, panelWidth } from '../../kernels/simd/matrix.js';
import type { Address, SimdModule } from '../../kernels/simd/module.js';
import type { ArchiveLayer } from '../reading/note-archive.js';
import { FROM_FLOAT16 } from '../reading/float16.js';

/** Logits that are held at a time, in elements: 8 MB. */
const LOGITS = 1 << 21;
/** Rows that the product takes at once. */
const ROWS = 4;
/** Bias of what pads the notes to whole panels: its weight is 0. */
const NO_NOTE = -1e30;

/**
 * Attention of queries over one archived layer, the model's own read: softmax over its gists of `q̃ · n + log σ(s)`
 * with folded queries, already scaled by 1/√headDim. The notes are decoded and packed once, and all queries are
 * multiplied with them at a time, in f32 (4 bytes × noteDim a note).
 */
export class NoteAttention {
  readonly #module: SimdModule;
  readonly #notes: FloatMatrix;
  readonly #count: number;
  /** (width) log σ(s). */
  readonly #bias: Address;

  constructor(module: SimdModule, { count, scores, notes }: ArchiveLayer, noteDim: number) {
    this.#module = module;
    this.#count = count;
    const values = new Float32Array(count * noteDim);
    for (let i = 0; i < values.length; i++) values[i] = FROM_FLOAT16[notes[i]!]!;
    this.#notes = new FloatMatrix(module, { outputs: count, inputs: noteDim, values });
    const bias = new Float32Array(panelWidth(count)).fill(NO_NOTE);
    for (let j = 0; j < count; j++) bias[j] = -softplus(-scores[j]!);
    this.#bias = module.put(bias);
  }

  /**
   * Adds `scale` times the attention of each query to what the notes have.
   *
   * @param queries (rows, noteDim)
   * @param sums (count)
   */
  add(queries: Float32Array, scale: number, sums: Float64Array): void {
    const module = this.#module;
    const { rows: noteDim, width } = this.#notes;
    const rows = queries.length / noteDim;
    if (this.#count === 0 || rows === 0) return;
    const block = Math.min(rows, Math.max(ROWS, Math.floor(LOGITS / width / ROWS) * ROWS));
    const free = module.mark();
    const left = module.put(queries);
    const logits = module.reserve(block * width);
    const total = module.reserve(width);
    module.floats(total, width).fill(0);
    for (let row = 0; row < rows; row += block) {
      const m = Math.min(block, rows - row);
      const x = { at: left + 4 * row * noteDim, stride: noteDim };
      this.#notes.multiply(m, x, { at: logits, stride: width }, { bias: this.#bias });
      module.run.addSoftmax(m, width, logits, 4 * width, scale, total);
    }
    const found = module.floats(total, width);
    for (let j = 0; j < sums.length; j++) sums[j]! += found[j]!;
    module.release(free);
  }
}

/** log(1 + eˣ) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
