import type { Gpu } from '../../../kernels/gpu/device.js';
import type { Recorder } from '../../../kernels/gpu/recorder.js';
import type { GpuTensor } from '../../../kernels/gpu/tensor.js';
import { Linear } from '../../../kernels/linear/linear.js';
import { transpose } from '../../../kernels/simd/weights.js';
import { readerOutputs, READER_WIDTH } from '../reader-head.js';
import type { ReaderModel } from '../reader-model.js';
import { destroyTensors, inputsFirst, uploadWeight, type Activations } from './gpu-buffers.js';

interface Uploaded {
  readonly mixing: Linear;
  readonly outputs: Linear;
  /** The last norm is in it. */
  readonly mix: GpuTensor;
  readonly mixBias: GpuTensor;
  readonly weight: GpuTensor;
  readonly bias: GpuTensor;
}

/** The reader's head on the residual stream behind all layers. */
export class GpuReaderHead {
  readonly #activations: Activations;
  readonly #head: Uploaded;

  private constructor(activations: Activations, head: Uploaded) {
    this.#activations = activations;
    this.#head = head;
  }

  static async create(
    gpu: Gpu,
    { config, norm, head }: ReaderModel,
    activations: Activations,
    maxRows: number,
  ): Promise<GpuReaderHead> {
    const { dModel, normEps } = config;
    const [mixing, outputs] = await Promise.all([
      Linear.create(gpu, { depth: dModel, columns: dModel, maxRows, normEps, bias: true, gelu: true }),
      Linear.create(gpu, { depth: dModel, columns: READER_WIDTH, maxRows, bias: true }),
    ]);
    const { device } = gpu;
    const { values, bias } = readerOutputs(head);
    return new GpuReaderHead(activations, {
      mixing,
      outputs,
      mix: uploadWeight(device, 'reader mix', inputsFirst(head.mix, norm), dModel, dModel),
      mixBias: uploadWeight(device, 'reader mix bias', head.mixBias, dModel),
      weight: uploadWeight(device, 'reader', transpose(values, READER_WIDTH, dModel), dModel, READER_WIDTH),
      bias: uploadWeight(device, 'reader bias', bias, READER_WIDTH),
    });
  }

  get byteLength(): number {
    return this.#tensors().reduce((sum, { buffer }) => sum + buffer.size, 0);
  }

  /** @returns (L, 260) what the reader makes of the tokens whose residual stream (L, dModel) is `x` */
  record(recorder: Recorder, x: GpuTensor): GpuTensor {
    const { mixing, outputs, mix, mixBias, weight, bias } = this.#head;
    const [length = 0, dModel = 0] = x.shape;
    const mixed = this.#activations.rows('mixed', length, dModel);
    const out = this.#activations.rows('reader', length, READER_WIDTH);
    mixing.record(recorder, { x, weight: mix, bias: mixBias, out: mixed });
    outputs.record(recorder, { x: mixed, weight, bias, out });
    return out;
  }

  release(): void {
    destroyTensors(this.#tensors());
  }

  #tensors(): GpuTensor[] {
    const { mix, mixBias, weight, bias } = this.#head;
    return [mix, mixBias, weight, bias];
  }
}
