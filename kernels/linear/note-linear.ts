import activations from '../gpu/activations.wgsl';
import type { Gpu } from '../gpu/device.js';
import type { Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, type GpuTensor } from '../gpu/tensor.js';
import { ShapeError } from '../shapes.js';
import { LinearKernels } from './linear.js';
import output from './note-output.wgsl';

export interface NoteLinearShape {
  /** Columns of the residual stream, a multiple of 4. */
  readonly dModel: number;
  /** A multiple of 4. */
  readonly noteDim: number;
  /** Columns of all queries, a multiple of 4. */
  readonly queries: number;
  readonly maxRows: number;
  readonly normEps: number;
}

export interface NoteLinearArgs {
  /** (L, dModel) residual stream. */
  readonly x: GpuTensor;
  /** (dModel, noteDim + queries + 4): columns of notes, queries, score, gate and two of zeros. */
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
}

const NAME = 'note projection';

/** Note, queries, score and gate of every token by one product with the normed residual stream. */
export class NoteLinear {
  private constructor(
    private readonly kernels: LinearKernels,
    private readonly shape: NoteLinearShape,
  ) {}

  static async create(gpu: Gpu, shape: NoteLinearShape): Promise<NoteLinear> {
    const { dModel, noteDim, queries, maxRows, normEps } = shape;
    if (noteDim % 4 !== 0 || queries % 4 !== 0) {
      throw new ShapeError(NAME, `noteDim ${noteDim} and queries ${queries} must be multiples of 4`);
    }
    const product = { depth: dModel, columns: noteDim + queries + 4, maxRows, normEps };
    return new NoteLinear(await LinearKernels.create(gpu, NAME, product, [activations, output], {}), shape);
  }

  record(recorder: Recorder, args: NoteLinearArgs): void {
    const { x, weight, bias, notes, queries, scores, gate } = args;
    const { noteDim } = this.shape;
    const rows = x.shape[0] ?? 0;
    checkDense(NAME, 'bias', bias, 2);
    checkDense(NAME, 'notes', notes, rows, noteDim);
    checkDense(NAME, 'queries', queries, rows, this.shape.queries);
    checkDense(NAME, 'scores', scores, rows, 1);
    checkDense(NAME, 'gate', gate, rows, 1);
    const outputs = { notes, queries, scores, gate };
    checkDistinct(NAME, outputs, { x, weight, bias });
    if (new Set(Object.values(outputs).map(({ buffer }) => buffer)).size < 4) {
      throw new ShapeError(NAME, 'its outputs must lie in different buffers');
    }
    const places = [0, 0, 0, 0, 0, noteDim / 4, this.shape.queries / 4];
    const bindings = { 3: bias, 4: notes, 5: queries, 6: scores, 7: gate };
    this.kernels.dispatch(recorder, NAME, x, weight, places, bindings);
  }
}
