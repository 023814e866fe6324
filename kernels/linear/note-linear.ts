import activations from '../gpu/activations.wgsl';
import type { Gpu } from '../gpu/device.js';
import type { Bindings, Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, type GpuTensor } from '../gpu/tensor.js';
import { ShapeError } from '../shapes.js';
import { LinearKernels } from './linear.js';
import alone from './note-alone.wgsl';
import output from './note-output.wgsl';
import withSentence from './note-sentence.wgsl';

export interface NoteLinearShape {
  /** Columns of the residual stream, a multiple of 4. */
  readonly dModel: number;
  /** A multiple of 4. */
  readonly noteDim: number;
  /** Columns of all queries, a multiple of 4. */
  readonly queries: number;
  readonly maxRows: number;
  readonly normEps: number;
  /** Whether the product of a sentence head's row is made as well. */
  readonly sentence?: boolean;
}

export interface NoteLinearArgs {
  /** (L, dModel) residual stream. */
  readonly x: GpuTensor;
  /** (dModel, noteDim + queries + 4): columns of notes, queries, score, gate, sentence or zeros, and zeros. */
  readonly weight: GpuTensor;
  /** (2) of score and gate. */
  readonly bias: GpuTensor;
  /** (L, noteDim) output. */
  readonly notes: GpuTensor;
  /** (L, queries) output. */
  readonly queries: GpuTensor;
  /** (L, 1) output s. */
  readonly scores: GpuTensor;
  /** (L, 1) output g = σ(…). */
  readonly gate: GpuTensor;
  /** (L, 1) output w · v of the sentence head's row, without a bias. */
  readonly sentence?: GpuTensor;
}

const NAME = 'note projection';

/** Note, queries, score, gate and a sentence head's row of every token by one product with the normed residual stream. */
export class NoteLinear {
  readonly #kernels: LinearKernels;
  readonly #shape: NoteLinearShape;

  private constructor(kernels: LinearKernels, shape: NoteLinearShape) {
    this.#kernels = kernels;
    this.#shape = shape;
  }

  /**
   * Compiles the shaders for one shape.
   *
   * @throws {ShapeError} unless `dModel`, `noteDim` and `queries` are multiples of 4 and `dModel` is at least 4
   * @throws {KernelCompileError} if the device does not compile a shader
   */
  static async create(gpu: Gpu, shape: NoteLinearShape): Promise<NoteLinear> {
    const { dModel, noteDim, queries, maxRows, normEps, sentence = false } = shape;
    if (noteDim % 4 !== 0 || queries % 4 !== 0) {
      throw new ShapeError(NAME, `noteDim ${noteDim} and queries ${queries} must be multiples of 4`);
    }
    const product = { depth: dModel, columns: noteDim + queries + 4, maxRows, normEps };
    const store = [activations, sentence ? withSentence : alone, output];
    return new NoteLinear(await LinearKernels.create(gpu, NAME, product, store, {}), shape);
  }

  /** Whether the product of a sentence head's row is made as well. */
  get hasSentence(): boolean {
    return this.#shape.sentence ?? false;
  }

  /**
   * Records the product of L rows.
   *
   * @throws {ShapeError} if `sentence` is given and was not compiled in, or the reverse
   * @throws {ShapeError} if `x` has no rows or a tensor does not have its shape
   * @throws {ShapeError} if a tensor other than `x` is not dense
   * @throws {ShapeError} if the row stride or first column of `x` is not a multiple of 4
   * @throws {ShapeError} if two outputs, or an output and an input, share a buffer
   * @throws {RangeError} if the rows need more workgroups than the device dispatches
   */
  record(recorder: Recorder, args: NoteLinearArgs): void {
    const { x, weight, bias, notes, queries, scores, gate, sentence } = args;
    const { noteDim } = this.#shape;
    const rows = x.shape[0] ?? 0;
    checkDense(NAME, 'bias', bias, 2);
    checkDense(NAME, 'notes', notes, rows, noteDim);
    checkDense(NAME, 'queries', queries, rows, this.#shape.queries);
    checkDense(NAME, 'scores', scores, rows, 1);
    checkDense(NAME, 'gate', gate, rows, 1);
    if ((sentence !== undefined) !== this.hasSentence) {
      const problem = sentence ? 'given' : 'left out';
      throw new ShapeError(NAME, `sentence was ${problem}, not so when it was compiled`);
    }
    if (sentence) checkDense(NAME, 'sentence', sentence, rows, 1);
    const outputs = { notes, queries, scores, gate, ...(sentence && { sentence }) };
    checkDistinct(NAME, outputs, { x, weight, bias });
    const all = Object.values(outputs);
    if (new Set(all.map(({ buffer }) => buffer)).size < all.length) {
      throw new ShapeError(NAME, 'its outputs must lie in different buffers');
    }
    const places = [0, 0, 0, 0, 0, noteDim / 4, this.#shape.queries / 4];
    const bindings: Bindings = { 3: bias, 4: notes, 5: queries, 6: scores, 7: gate };
    const bound = sentence ? { ...bindings, 8: sentence } : bindings;
    this.#kernels.dispatch(recorder, NAME, x, weight, places, bound);
  }
}
