import { elementCount, gpuTensor, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import { dequantized, transpose, type Weights } from '../../../kernels/simd/weights.js';
import type { MemMambaConfig } from '../config.js';
import type { BlockWeights } from '../weights.js';

/** ONNX Runtime binds arrays of four-component vectors: a buffer must hold whole ones. */
const VECTOR_BYTES = 16;

/** A new tensor for ONNX Runtime and the kernels, zeroed. */
export function createGpuTensor(device: GPUDevice, shape: readonly number[], label: string): GpuTensor {
  const buffer = device.createBuffer({
    label,
    size: Math.ceil((4 * elementCount(shape)) / VECTOR_BYTES) * VECTOR_BYTES,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  return gpuTensor(buffer, shape);
}

/** One layer's weights of the kernels on the device. */
export interface RecurrentWeights {
  readonly convWeight: GpuTensor;
  readonly convBias: GpuTensor;
  readonly a: GpuTensor;
  readonly d: GpuTensor;
}

/** Uploads a weight; the buffer is whole vectors. */
export function uploadWeight(
  device: GPUDevice,
  name: string,
  data: Float32Array,
  ...shape: number[]
): GpuTensor {
  const tensor = createGpuTensor(device, shape, `weights ${name}`);
  device.queue.writeBuffer(tensor.buffer, 0, data as Float32Array<ArrayBuffer>);
  return tensor;
}

/** Weights of the causal convolution and the scan, layer by layer. */
export function uploadRecurrent(
  device: GPUDevice,
  { dInner, dConv, dState }: MemMambaConfig,
  layers: readonly BlockWeights[],
): RecurrentWeights[] {
  return layers.map(({ convWeight, convBias, a, d }) => ({
    convWeight: uploadWeight(device, 'conv', convWeight, dInner, dConv),
    convBias: uploadWeight(device, 'conv bias', convBias, dInner),
    a: uploadWeight(device, 'A', a, dInner, dState),
    d: uploadWeight(device, 'D', d, dInner),
  }));
}

/** (outputs, inputs) → (inputs, outputs) in f32, each input times the norm's weight. */
export function inputsFirst(weights: Weights, norm: Float32Array): Float32Array {
  const { outputs, inputs } = weights;
  const matrix = transpose(dequantized(weights).values, outputs, inputs);
  return matrix.map((value, at) => value * norm[Math.floor(at / outputs)]!);
}

/** Destroys the tensors' buffers. */
export function destroyTensors(tensors: Iterable<GpuTensor>): void {
  for (const { buffer } of tensors) buffer.destroy();
}

/** Rows a run of `head`: its logits are the widest thing there is. */
export const HEAD_ROWS = 64;

/**
 * The activations of one segment by name. All layers use the same buffers, made at first use for the longest
 * segment and zeroed; a shorter one uses their first rows.
 */
export class Activations {
  readonly #device: GPUDevice;
  readonly #segmentLength: number;

  readonly #buffers = new Map<string, GPUBuffer>();

  constructor(device: GPUDevice, segmentLength: number) {
    this.#device = device;
    this.#segmentLength = segmentLength;
  }

  /** The first `length` rows of an activation that is at most `room` wide. */
  rows(name: string, length: number, width: number, room = width): GpuTensor {
    return gpuTensor(this.#buffer(name, this.#segmentLength, room), [length, width]);
  }

  /** Token ids of the segment. */
  tokens(length: number): GpuTensor {
    return gpuTensor(this.#buffer('tokens', this.#segmentLength, 1), [length]);
  }

  /** A few rows for `head`, whose logits are the widest thing there is. */
  headRows(name: string, rows: number, width: number): GpuTensor {
    return gpuTensor(this.#buffer(name, HEAD_ROWS, width), [rows, width]);
  }

  dispose(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }

  #buffer(name: string, rows: number, width: number): GPUBuffer {
    let buffer = this.#buffers.get(name);
    if (!buffer) {
      buffer = createGpuTensor(this.#device, [rows, width], `activation ${name}`).buffer;
      this.#buffers.set(name, buffer);
    }
    return buffer;
  }
}
