import activations from '../gpu/activations.wgsl';
import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipeline.js';
import type { Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, checkTensor, type GpuTensor } from '../gpu/tensor.js';
import { checkInteger } from '../shapes.js';
import code from './causal-conv.wgsl';

export interface CausalConvShape {
  readonly dInner: number;
  /** Taps, 2 to 16. */
  readonly dConv: number;
}

export interface CausalConvArgs {
  /** (L, dInner) input; may be a view of columns. */
  readonly x: GpuTensor;
  /** (dInner, dConv); the last tap meets the current token. */
  readonly weight: GpuTensor;
  /** (dInner). */
  readonly bias: GpuTensor;
  /** (dConv - 1, dInner) the inputs before the first token, oldest first. */
  readonly tail: GpuTensor;
  /** (L, dInner) output. */
  readonly y: GpuTensor;
  /** (dConv - 1, dInner) receives the last inputs; in another buffer than `tail`. */
  readonly nextTail: GpuTensor;
}

const NAME = 'causal conv';
const CHANNELS = 64;
/** Tokens an invocation. */
const ROWS = 8;

/** Depthwise causal convolution with bias and silu; see the README beside this file. */
export class CausalConv {
  readonly #shape: CausalConvShape;
  readonly #kernel: Kernel;

  private constructor(shape: CausalConvShape, kernel: Kernel) {
    this.#shape = shape;
    this.#kernel = kernel;
  }

  /**
   * Compiles the shader for one shape.
   *
   * @throws {ShapeError} unless `dInner` is at least 1 and `dConv` is 2 to 16
   * @throws {KernelCompileError} if the device does not compile the shader
   */
  static async create(gpu: Gpu, shape: CausalConvShape): Promise<CausalConv> {
    checkInteger(NAME, 'dInner', shape.dInner, 1);
    checkInteger(NAME, 'dConv', shape.dConv, 2, 16);
    const kernel = await gpu.pipelines.get({
      name: 'causal-conv',
      code: [activations, code],
      entryPoint: 'causal_conv',
      constants: { D_CONV: shape.dConv, CHANNELS, ROWS },
    });
    return new CausalConv(shape, kernel);
  }

  /**
   * Records the convolution of one segment of L tokens.
   *
   * @throws {ShapeError} if there are no tokens or a tensor does not have its shape
   * @throws {ShapeError} if a tensor other than `x` and `y` is not dense
   * @throws {ShapeError} if `y` or `nextTail` shares its buffer with an input
   * @throws {RangeError} if the segment needs more workgroups than the device dispatches
   */
  record(recorder: Recorder, args: CausalConvArgs): void {
    const { dInner, dConv } = this.#shape;
    const { x, weight, bias, tail, y, nextTail } = args;
    const length = x.shape[0] ?? 0;
    checkInteger(NAME, 'the length of x', length, 1);
    checkTensor(NAME, 'x', x, length, dInner);
    checkDense(NAME, 'weight', weight, dInner, dConv);
    checkDense(NAME, 'bias', bias, dInner);
    checkDense(NAME, 'tail', tail, dConv - 1, dInner);
    checkTensor(NAME, 'y', y, length, dInner);
    checkDense(NAME, 'nextTail', nextTail, dConv - 1, dInner);
    checkDistinct(NAME, { y, nextTail }, { x, weight, bias, tail });
    recorder.dispatch(
      this.#kernel,
      [length, dInner, x.stride, x.column, y.stride, y.column],
      { 1: x, 2: weight, 3: bias, 4: tail, 5: y, 6: nextTail },
      [Math.ceil(dInner / CHANNELS), Math.ceil((length + dConv - 1) / ROWS)],
    );
  }
}
