import type { Gpu } from '../../../kernels/gpu/device.js';
import { Recorder } from '../../../kernels/gpu/recorder.js';
import type { GpuTensor } from '../../../kernels/gpu/tensor.js';

/** Who computes the dense segments on the GPU: our own WGSL, or ONNX Runtime's WebGPU provider. */
export type DenseName = 'wgsl' | 'ort';

/** Columns that a sentence head's row may take behind the queries: whole vectors, the row and zeros. */
export const SENTENCE_COLUMNS = 4;

/** The activations of one segment of L tokens, the same buffers for every layer. */
export interface SegmentTensors {
  readonly length: number;
  /** (L) i32. */
  readonly tokens: GpuTensor;
  /** (L, dModel) the residual stream as it enters a layer, and behind the last after `leave`. */
  readonly entered: GpuTensor;
  /** (L, dModel) the residual stream after the layer's scan. */
  readonly residual: GpuTensor;
  /** (L, dInner) input of the convolution. */
  readonly convIn: GpuTensor;
  /** (L, dInner) gate of the scan before silu. */
  readonly z: GpuTensor;
  /** (L, dInner) output of the convolution. */
  readonly u: GpuTensor;
  /** (L, dInner) Δ, before softplus where {@link GpuDense.softplus} is false. */
  readonly delta: GpuTensor;
  /** (L, dState), columns of the tensor that holds `c` too. */
  readonly b: GpuTensor;
  /** (L, dState). */
  readonly c: GpuTensor;
  /** (L, dInner) output of the scan. */
  readonly y: GpuTensor;
  /** (L, 1). */
  readonly scores: GpuTensor;
  /** (L, 1). */
  readonly gate: GpuTensor;
  /** (L, noteDim). */
  readonly notes: GpuTensor;
  /** (L, 1) the product of the sentence head's row of a layer, where it has one; may be a column of wider rows. */
  sentence(layer: number): GpuTensor | undefined;
  /**
   * (L, nHeads · noteDim), followed in the same rows by those of the cross-layer attention where there is one; rows
   * may be wider.
   */
  queries(layer: number): GpuTensor;
  /** (L, nHeads · noteDim) reads of the layer's own pool. */
  readonly reads: GpuTensor;
  /** (L, nHeads · noteDim) reads of the last p layers' pools. */
  readonly crossReads: GpuTensor;
}

/**
 * The dense segments of a model on a GPU: what `memmamba_training.export.dense_graphs` writes down, between the
 * kernels. Each method leaves its work in the tape or submits it, in order.
 */
export interface GpuDense {
  readonly name: DenseName;
  /** Whether `select` takes the softplus of Δ, or leaves it to the kernels. */
  readonly softplus: boolean;
  /** (vocabSize, dModel). */
  readonly embedding: GpuTensor;
  tensors(length: number): SegmentTensors;
  /**
   * Opens a layer: the embedding, or the stream of the layer before with its gated reads (`reads` false: none
   * were made), into `entered`; then norm and input projection into `convIn` and `z`.
   */
  enter(tape: Tape, layer: number, t: SegmentTensors, reads: boolean): Promise<void> | void;
  /** `u` → `delta`, `b`, `c`. */
  select(tape: Tape, layer: number, t: SegmentTensors): Promise<void> | void;
  /** `y`, `entered` → `residual`; its norm → `notes`, `scores`, `gate`, `queries`, `sentence`. */
  note(tape: Tape, layer: number, t: SegmentTensors): Promise<void> | void;
  /** Adds the reads of the last layer: `residual` → `entered`. */
  leave(tape: Tape, t: SegmentTensors, reads: boolean): Promise<void> | void;
  /** Logits (rows, vocabSize), maybe with a wider stride, of `rows` rows of `entered` from `first` on. */
  head(tape: Tape, t: SegmentTensors, first: number, rows: number): Promise<GpuTensor> | GpuTensor;
  release(): Promise<void>;
}

/** Collects dispatches and submits them when told to, or when ONNX Runtime is about to submit its own. */
export class Tape {
  readonly #gpu: Gpu;

  #current: Recorder | undefined;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Where to record now. */
  get recorder(): Recorder {
    return (this.#current ??= new Recorder(this.#gpu));
  }

  /** Submits what was recorded since the last time. */
  submit(): void {
    const recorder = this.#current;
    this.#current = undefined;
    recorder?.submit();
  }

  /** Drops what was not submitted, after an error. */
  discard(): void {
    this.#current?.discard();
    this.#current = undefined;
  }
}
