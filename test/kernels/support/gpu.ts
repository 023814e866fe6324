import { openNodeAdapter } from '../../../kernels/device/node.js';
import { createGpu, type Gpu } from '../../../kernels/gpu/device.js';
import { Recorder } from '../../../kernels/gpu/recorder.js';
import { uploadTensor, type GpuTensor } from '../../../kernels/gpu/tensor.js';

let opened: Promise<Gpu> | undefined;

/** The test file's device, with WebGPU's default limits: the kernels must run on any device. */
export function testGpu(): Promise<Gpu> {
  opened ??= openNodeAdapter()
    .then((adapter) => adapter.requestDevice())
    .then(createGpu);
  return opened;
}

/** Records, submits and waits; rejects if WebGPU found anything invalid. */
export async function runOnGpu(gpu: Gpu, record: (recorder: Recorder) => void): Promise<void> {
  const { device } = gpu;
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  let thrown: unknown;
  try {
    const recorder = new Recorder(gpu);
    record(recorder);
    recorder.submit();
  } catch (error) {
    thrown = error;
  }
  const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  if (thrown !== undefined) throw thrown as Error;
  const invalid = errors.find((error) => error !== null);
  if (invalid) throw new Error(invalid.message);
}

/** A tensor full of NaN: what a kernel leaves unwritten, or reads before it writes, shows. */
export function poisoned(gpu: Gpu, ...shape: number[]): GpuTensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return uploadTensor(gpu.device, new Float32Array(size).fill(NaN), shape);
}

export function upload(
  gpu: Gpu,
  values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
  ...shape: number[]
): GpuTensor {
  return uploadTensor(gpu.device, values, shape);
}

/** Fills the free scratch buffers with NaN, so that nothing of an earlier run can help the next. */
export async function poisonScratch(gpu: Gpu, bytes: number): Promise<void> {
  const buffers = Array.from({ length: 4 }, () => gpu.scratch.take(bytes));
  for (const buffer of buffers) {
    gpu.device.queue.writeBuffer(buffer, 0, new Float32Array(buffer.size / 4).fill(NaN));
    gpu.scratch.giveBack(buffer);
  }
  await gpu.device.queue.onSubmittedWorkDone();
}
