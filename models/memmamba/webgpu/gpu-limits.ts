import type { Gpu } from '../../../kernels/gpu/device.js';
import { EngineUnavailableError } from '../errors.js';
import type { MemMambaModel } from '../weights.js';
import { HEAD_ROWS } from './gpu-buffers.js';
import { millisecondsPerToken } from './gpu-speed.js';
import { SENTENCE_COLUMNS, type DenseName } from './webgpu-dense.js';

/** Tokens a segment on a GPU that reads the longest one in no time: what a segment costs besides is hidden. */
const LONG_SEGMENT_LENGTH = 16_384;
const SEGMENT_LENGTH = 2048;
/** A segment should not take longer than this: progress is told, and a state kept, between segments. */
const SEGMENT_MS = 250;
/** What a layer takes, by its products alone: about a third goes to the recurrent parts. */
const NOT_PRODUCTS = 1.5;
/** On a software adapter a segment must stay short, or progress and cancel would stall for minutes. */
const SOFTWARE_SEGMENT_LENGTH = 64;

/**
 * The longest segment of 2,048 to 16,384 tokens that this device reads within `SEGMENT_MS`, from the time
 * that a product takes like the model's own.
 *
 * @throws {ShapeError} or {KernelCompileError} as of {@link millisecondsPerToken}
 */
export async function segmentLengthFor(
  gpu: Gpu,
  { config }: MemMambaModel,
  { software, denseName }: { readonly software: boolean; readonly denseName: DenseName },
): Promise<number> {
  if (software) return SOFTWARE_SEGMENT_LENGTH;
  if (denseName === 'ort') return SEGMENT_LENGTH;
  const { dModel, dInner, nLayer, noteDim, nHeads } = config;
  const perToken = await millisecondsPerToken(gpu, dModel, 2 * dInner);
  const reads = nHeads * noteDim;
  const width = 3 * dInner + noteDim + 2.5 * reads;
  const model = (perToken * nLayer * width) / (2 * dInner);
  const fits = (length: number): boolean =>
    length * model * NOT_PRODUCTS <= SEGMENT_MS &&
    8 * length * dInner <= gpu.device.limits.maxStorageBufferBindingSize;
  let length = LONG_SEGMENT_LENGTH;
  while (length > SEGMENT_LENGTH && !fits(length)) length /= 2;
  return length;
}

/** @throws {EngineUnavailableError} unless the largest buffers can be bound */
export function checkLimits({ config }: MemMambaModel, device: GPUDevice, segmentLength: number): void {
  const { vocabSize, dModel, dInner, noteDim, nHeads } = config;
  const widest = Math.max(2 * dInner, 2 * nHeads * noteDim + SENTENCE_COLUMNS);
  const largest = 4 * Math.max(vocabSize * dModel, HEAD_ROWS * vocabSize, segmentLength * widest);
  const { maxStorageBufferBindingSize: limit } = device.limits;
  if (largest > limit) {
    throw new EngineUnavailableError(
      `The model ${config.name} needs buffers of ${largest} bytes; this GPU binds at most ${limit}. ` +
        'Choose the CPU engine.',
    );
  }
}
