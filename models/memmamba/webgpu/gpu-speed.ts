import type { Gpu } from '../../../kernels/gpu/device.js';
import { Recorder } from '../../../kernels/gpu/recorder.js';
import { createTensor } from '../../../kernels/gpu/tensor.js';
import { Linear } from '../../../kernels/linear/linear.js';

const ROWS = 2048;
const REPEATS = 4;
const ROUNDS = 3;

/**
 * Milliseconds a token of a product (rows, depth) × (depth, columns), the best of a few rounds.
 *
 * @throws {ShapeError} unless `depth` and `columns` are positive multiples of 4
 * @throws {KernelCompileError} if the device does not compile a shader
 */
export async function millisecondsPerToken(gpu: Gpu, depth: number, columns: number): Promise<number> {
  const { device } = gpu;
  const linear = await Linear.create(gpu, { depth, columns, maxRows: ROWS });
  const x = createTensor(device, [ROWS, depth], 'probe');
  const weight = createTensor(device, [depth, columns], 'probe');
  const out = createTensor(device, [ROWS, columns], 'probe');
  const round = async (): Promise<number> => {
    const start = performance.now();
    const recorder = new Recorder(gpu);
    for (let i = 0; i < REPEATS; i++) linear.record(recorder, { x, weight, out });
    recorder.submit();
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / (REPEATS * ROWS);
  };
  try {
    await round();
    let best = Infinity;
    for (let i = 0; i < ROUNDS; i++) best = Math.min(best, await round());
    return best;
  } finally {
    for (const { buffer } of [x, weight, out]) buffer.destroy();
  }
}
