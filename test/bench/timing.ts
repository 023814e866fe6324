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

/** Dawn's options for benchmarks: times as the device gives them, not in steps of 65 µs. */
export const EXACT_TIMES = ['disable-dawn-features=timestamp_quantization'];

/** A device at rest clocks down: it is kept busy so long before anything is timed. */
const WARM_UP_MS = 300;
/** Each timed submission repeats the recording until it should take so long: steps of the clock do not matter. */
const SUBMISSION_MS = 2;
const MOST_REPEATS = 200;

/**
 * Milliseconds of one recording on the device, the median over `runs` submissions that hold it several times:
 * by timestamp queries before and behind where the device has them, else by the clock.
 */
export async function timeGpu(gpu: Gpu, runs: number, record: (recorder: Recorder) => void): Promise<number> {
  const { device } = gpu;
  const stamp = (recorder: Recorder, timestampWrites: GPUComputePassTimestampWrites): void => {
    recorder.commands().beginComputePass({ timestampWrites }).end();
  };
  const submit = (repeats: number, querySet?: GPUQuerySet, index = 0): void => {
    const recorder = new Recorder(gpu);
    if (querySet) stamp(recorder, { querySet, beginningOfPassWriteIndex: index });
    for (let i = 0; i < repeats; i++) record(recorder);
    if (querySet) stamp(recorder, { querySet, endOfPassWriteIndex: index + 1 });
    recorder.submit();
  };
  const clock = async (repeats: number): Promise<number> => {
    const start = performance.now();
    submit(repeats);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  let estimate = await clock(1);
  for (const start = performance.now(); performance.now() - start < WARM_UP_MS;)
    estimate = (await clock(4)) / 4;
  const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.ceil(SUBMISSION_MS / estimate)));
  if (!device.features.has('timestamp-query')) {
    const times: number[] = [];
    for (let i = 0; i < runs; i++) times.push((await clock(repeats)) / repeats);
    return median(times);
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
    submit(repeats, querySet, 2 * i);
  }
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, 2 * runs, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
  for (const buffer of [staging, resolved]) buffer.destroy();
  querySet.destroy();
  return median(
    Array.from({ length: runs }, (_, i) => Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6 / repeats),
  );
}

function median(values: number[]): number {
  values.sort((x, y) => x - y);
  return values[Math.floor(values.length / 2)]!;
}
