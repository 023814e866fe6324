import type { Gpu } from './device.js';
import { checkDense, elementCount, type GpuTensor } from './tensor.js';

/** Copies dense tensors to the host in one round trip. */
export async function readTensors(gpu: Gpu, tensors: readonly GpuTensor[]): Promise<ArrayBuffer[]> {
  const { device } = gpu;
  const sizes = tensors.map((tensor) => {
    checkDense('readTensors', 'tensor', tensor, ...tensor.shape);
    return 4 * elementCount(tensor.shape);
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const staging = device.createBuffer({
    label: 'read-back',
    size: Math.max(4, total),
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    const encoder = device.createCommandEncoder();
    let offset = 0;
    tensors.forEach((tensor, i) => {
      encoder.copyBufferToBuffer(tensor.buffer, tensor.byteOffset, staging, offset, sizes[i]);
      offset += sizes[i]!;
    });
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const mapped = staging.getMappedRange();
    let start = 0;
    return sizes.map((size) => mapped.slice(start, (start += size)));
  } finally {
    staging.destroy();
  }
}

/** One f32 tensor on the host. */
export async function readF32(gpu: Gpu, tensor: GpuTensor): Promise<Float32Array<ArrayBuffer>> {
  const [bytes] = await readTensors(gpu, [tensor]);
  return new Float32Array(bytes!);
}

/** One i32 tensor on the host. */
export async function readI32(gpu: Gpu, tensor: GpuTensor): Promise<Int32Array<ArrayBuffer>> {
  const [bytes] = await readTensors(gpu, [tensor]);
  return new Int32Array(bytes!);
}
