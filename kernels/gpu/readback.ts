import type { Gpu } from './device.js';
import { Recorder } from './recorder.js';
import { checkDense, elementCount, type GpuTensor } from './tensor.js';

/**
 * Brings results of one pass to the host in one mapping: sizes are reserved first, copies are recorded where
 * the values arise, and `finish` waits for all of them. The staging buffer is kept and only ever grows.
 */
export class Readback {
  readonly #device: GPUDevice;

  #staging: GPUBuffer | undefined;
  readonly #starts = new Map<string, number>();
  #bytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Begins a pass with these results, each so many 4-byte elements long. */
  begin(sizes: Readonly<Record<string, number>>): void {
    this.#starts.clear();
    this.#bytes = 0;
    for (const [name, elements] of Object.entries(sizes)) {
      this.#starts.set(name, this.#bytes);
      // Typed arrays over any part must start at whole elements; 8 leaves room for f64.
      this.#bytes += Math.ceil((4 * elements) / 8) * 8;
    }
    if (this.#bytes > (this.#staging?.size ?? 0)) {
      this.#staging?.destroy();
      this.#staging = this.#device.createBuffer({
        label: 'read-back',
        size: this.#bytes,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
    }
  }

  /** Whether the pass asked for this result. */
  wants(name: string): boolean {
    return this.#starts.has(name);
  }

  /** Records the copy of `count` elements of a tensor's buffer to element `at` of a result. */
  copy(
    recorder: Recorder,
    from: GpuTensor,
    fromElement: number,
    count: number,
    name: string,
    at: number,
  ): void {
    const start = this.#starts.get(name);
    if (start === undefined || this.#staging === undefined || count === 0) return;
    recorder
      .commands()
      .copyBufferToBuffer(
        from.buffer,
        from.byteOffset + 4 * fromElement,
        this.#staging,
        start + 4 * at,
        4 * count,
      );
  }

  /** Records the copy of all of a matrix, which may be columns of wider rows, to element `at` of a result. */
  copyRows(recorder: Recorder, from: GpuTensor, name: string, at: number): void {
    if (!this.wants(name)) return;
    const { shape, stride, column } = from;
    const [length = 0, width = 0] = shape;
    if (stride === width) {
      this.copy(recorder, from, column, length * width, name, at);
    } else {
      for (let row = 0; row < length; row++) {
        this.copy(recorder, from, row * stride + column, width, name, at + row * width);
      }
    }
  }

  /**
   * Waits for the device and returns a reader of the results: views of one copy on the host.
   *
   * @throws {Error} if the device is lost or `dispose` is called before the results are there
   * @throws {RangeError} from the reader, if the elements reach beyond the copy
   */
  async finish(): Promise<(name: string, elements: number) => Float32Array> {
    if (this.#bytes === 0 || this.#staging === undefined) {
      // Nothing to map; wait all the same, so that work does not pile up in the queue.
      await this.#device.queue.onSubmittedWorkDone();
      return () => new Float32Array(0);
    }
    await this.#staging.mapAsync(GPUMapMode.READ, 0, this.#bytes);
    const copy = this.#staging.getMappedRange(0, this.#bytes).slice(0);
    this.#staging.unmap();
    const starts = new Map(this.#starts);
    return (name, elements) => new Float32Array(copy, starts.get(name) ?? 0, elements);
  }

  dispose(): void {
    this.#staging?.destroy();
    this.#staging = undefined;
  }
}

/**
 * Copies dense tensors to the host in one round trip.
 *
 * @throws {ShapeError} if a tensor is not dense, starts off a multiple of 256 bytes, or reaches beyond its buffer
 * @throws {Error} if the device is lost
 */
export async function readTensors(gpu: Gpu, tensors: readonly GpuTensor[]): Promise<ArrayBuffer[]> {
  const counts = tensors.map((tensor) => {
    checkDense('readTensors', 'tensor', tensor, ...tensor.shape);
    return elementCount(tensor.shape);
  });
  const readback = new Readback(gpu.device);
  try {
    readback.begin(Object.fromEntries(counts.entries()));
    const recorder = new Recorder(gpu);
    for (const [i, tensor] of tensors.entries()) readback.copy(recorder, tensor, 0, counts[i]!, String(i), 0);
    recorder.submit();
    const read = await readback.finish();
    return counts.map((count, i) => read(String(i), count).slice().buffer);
  } finally {
    readback.dispose();
  }
}

/**
 * One f32 tensor on the host.
 *
 * @throws {ShapeError} if the tensor does not fit, as of {@link readTensors}
 * @throws {Error} if the device is lost
 */
export async function readF32(gpu: Gpu, tensor: GpuTensor): Promise<Float32Array<ArrayBuffer>> {
  const [bytes] = await readTensors(gpu, [tensor]);
  return new Float32Array(bytes!);
}
