import type { Gpu } from '../../kernels/gpu/device.js';
import { Recorder } from '../../kernels/gpu/recorder.js';

/** Median milliseconds of `run` over `runs` calls, after one to warm up. */
export function timeCpu(runs: number, run: () => void): number {
  run();
  return median(
    Array.from({ length: runs }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    }),
  );
}

/**
 * Median milliseconds of one recording on the device: by timestamp queries where it has them, else by the
 * clock over all runs, submission included.
 */
export async function timeGpu(gpu: Gpu, runs: number, record: (recorder: Recorder) => void): Promise<number> {
  const { device } = gpu;
  const once = (timestampWrites?: GPUComputePassTimestampWrites): void => {
    const recorder = new Recorder(gpu, timestampWrites);
    record(recorder);
    recorder.submit();
  };
  once();
  await device.queue.onSubmittedWorkDone();
  if (!device.features.has('timestamp-query')) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) once();
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / runs;
  }
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * runs });
  const bytes = 16 * runs;
  const resolved = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  for (let i = 0; i < runs; i++) {
    once({ querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 });
  }
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, 2 * runs, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
  for (const buffer of [staging, resolved]) buffer.destroy();
  querySet.destroy();
  return median(Array.from({ length: runs }, (_, i) => Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6));
}

function median(values: number[]): number {
  values.sort((x, y) => x - y);
  return values[Math.floor(values.length / 2)]!;
}
