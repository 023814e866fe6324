import { createGpu } from '../../../kernels/gpu/device.js';
import { Readback } from '../../../kernels/gpu/readback.js';
import { Recorder } from '../../../kernels/gpu/recorder.js';
import { gpuTensor } from '../../../kernels/gpu/tensor.js';
import type { DecayOptions, DecayResult, ForwardOptions, ForwardResult, StateSnapshot } from '../engine.js';
import { blocksTouched, PASSAGE_DIMS } from '../passage-head.js';
import type { ReaderModel } from '../reader-model.js';
import { emptySnapshot } from '../state.js';
import { headsOf, NO_HEADS, StreamingEngine, type RunInTurn, type Segment } from '../streaming-engine.js';
import type { MemMambaModel } from '../weights.js';
import { DeviceWatch, taped } from './device-watch.js';
import { HEAD_ROWS } from './gpu-buffers.js';
import { GpuDecay } from './gpu-decay.js';
import { GpuLayers, type GpuParts } from './gpu-layers.js';
import { checkLimits, segmentLengthFor } from './gpu-limits.js';
import { createOperators } from './gpu-operators.js';
import { GpuPassages } from './gpu-passages.js';
import { GpuReader } from './gpu-reader.js';
import { GpuTrace, type TraceParts } from './gpu-trace.js';
import { OrtDense } from './webgpu-dense-ort.js';
import { WgslDense, suitsWgsl } from './webgpu-dense-wgsl.js';
import { Tape, type DenseName, type SegmentTensors } from './webgpu-dense.js';

export interface WebGpuEngineOptions {
  /** Reads `ort-wasm-simd-threaded.asyncify.wasm`, if ONNX Runtime is to run the dense segments. */
  readonly wasm: () => Promise<Uint8Array>;
  /** The engine takes the device over and destroys it with itself. */
  readonly device: GPUDevice;
  /** The adapter in words. */
  readonly description: string;
  /** A software adapter gets short segments, and ONNX Runtime, whose shaders it compiles faster. */
  readonly software?: boolean;
  /** By default 2,048 tokens, and up to 16,384 where the device is fast enough. */
  readonly segmentLength?: number;
  /** Who runs the dense segments; by default our own WGSL. */
  readonly dense?: DenseName;
}

/**
 * The engine on a GPU. Dense segments are our own WGSL or ONNX Runtime's WebGPU provider, on the device that the
 * other kernels use.
 */
export class WebGpuEngine extends StreamingEngine<GPUBuffer> {
  override readonly name = 'webgpu';
  override readonly device: string;
  override readonly lost: Promise<string>;

  readonly #parts: GpuParts;
  readonly #layers: GpuLayers;
  readonly #decay: GpuDecay;
  readonly #readback: Readback;
  readonly #traced: TraceParts;
  readonly #empty: ArrayBuffer;
  readonly #freeSlots: GPUBuffer[] = [];

  private constructor(model: MemMambaModel, parts: GpuParts, description: string, segmentLength: number) {
    const { config } = model;
    // Our products take whole vectors. A model of other widths goes on without these heads.
    super(model, segmentLength, suitsWgsl(config) ? headsOf(model) : NO_HEADS);
    this.device = description;
    this.lost = parts.watch.lost;
    this.#parts = parts;
    const layers = new GpuLayers(model, parts, segmentLength);
    const readback = new Readback(parts.gpu.device);
    this.#layers = layers;
    this.#readback = readback;
    this.#decay = new GpuDecay(config, parts, layers, readback);
    const noteNorms = config.archiveLayers.map((layer) => model.layers[layer]!.noteNorm);
    this.#traced = { config, sentence: this.sentence, noteNorms, layers, readback };
    this.#empty = layers.layout.encode(emptySnapshot(config));
  }

  /** @throws {EngineUnavailableError} if the device is too small for the model or ONNX Runtime refuses it. */
  static async create(model: MemMambaModel, options: WebGpuEngineOptions): Promise<WebGpuEngine> {
    const { wasm, device, description, software = false } = options;
    const { config } = model;
    const { dense: denseName = software || !suitsWgsl(config) ? 'ort' : 'wgsl' } = options;
    const gpu = createGpu(device);
    const segmentLength =
      options.segmentLength ?? (await segmentLengthFor(gpu, model, { software, denseName }));
    checkLimits(model, device, segmentLength);
    const dense =
      denseName === 'wgsl'
        ? await WgslDense.create(gpu, model, segmentLength)
        : await OrtDense.create(gpu, model, { wasm: await wasm(), segmentLength });
    const operators = await createOperators(gpu, config, !dense.softplus);
    const head = suitsWgsl(config) ? model.trained.passages : undefined;
    const passages = head && (await GpuPassages.create(gpu, model, head, segmentLength));
    const parts = { gpu, dense, operators, passages, watch: new DeviceWatch(device) };
    return new WebGpuEngine(model, parts, description, segmentLength);
  }

  protected override createSlot(): GPUBuffer {
    return (
      this.#freeSlots.pop() ??
      this.#parts.gpu.device.createBuffer({
        label: 'model state',
        size: this.#layers.layout.bytes,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      })
    );
  }

  protected override releaseSlot(slot: GPUBuffer): void {
    // A state in use again costs no allocation; two are enough for a question beside a document.
    if (this.#freeSlots.length < 2 && !this.#parts.watch.isClosing) this.#freeSlots.push(slot);
    else slot.destroy();
  }

  protected override copySlot(from: GPUBuffer, to: GPUBuffer): void {
    const { device } = this.#parts.gpu;
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, this.#layers.layout.bytes);
    device.queue.submit([encoder.finish()]);
  }

  protected override fillSlot(slot: GPUBuffer, snapshot: StateSnapshot | undefined): void {
    const bytes = snapshot ? this.#layers.layout.encode(snapshot) : this.#empty;
    this.#parts.gpu.device.queue.writeBuffer(slot, 0, bytes);
  }

  protected override async readSlot(slot: GPUBuffer, position: number): Promise<StateSnapshot> {
    const { layout } = this.#layers;
    const elements = layout.bytes / 4;
    this.#readback.begin({ state: elements });
    const recorder = new Recorder(this.#parts.gpu);
    this.#readback.copy(recorder, gpuTensor(slot, [elements]), 0, elements, 'state', 0);
    recorder.submit();
    const read = await this.#parts.watch.orLost(this.#readback.finish());
    return layout.decode(read('state', elements).buffer as ArrayBuffer, position);
  }

  protected override async forwardSegment(
    segment: Segment<GPUBuffer>,
    options: ForwardOptions,
  ): Promise<ForwardResult> {
    const { logits = 'none', attention = false, updates = false } = options;
    const { passageSums = 'none' } = options;
    const { gpu, dense, watch } = this.#parts;
    const needsEnd = logits !== 'none' || updates || passageSums !== 'none';
    const trace = new GpuTrace(this.#traced, segment, options);
    const tape = new Tape(gpu);
    const t = dense.tensors(segment.tokens.length);
    await this.#layers.read(segment, tape, t, {
      lastReads: needsEnd || attention,
      weights: attention,
      onLayer: (layer, recorder, weights) => trace.takeLayer(layer, recorder, t, weights),
    });
    await taped(tape, async () => {
      if (needsEnd) await watch.orLost(dense.leave(tape, t, segment.pool === 'on'));
      trace.takeEnd(tape.recorder, t);
      this.#recordSums(tape.recorder, t, segment.position, passageSums);
      tape.submit();
    });
    const read = await watch.orLost(this.#readback.finish());
    this.#layers.pacer.ended();
    watch.checkFault();
    const result: ForwardResult = {
      ...trace.result(read),
      // Last, because it reads back in blocks of its own.
      ...(logits !== 'none' && { logits: await this.#logits(t, logits === 'last' ? 1 : t.length) }),
    };
    segment.signal?.throwIfAborted();
    return result;
  }

  protected override decaySegment(segment: Segment<GPUBuffer>, options: DecayOptions): Promise<DecayResult> {
    return this.#decay.run(segment, options);
  }

  protected override createReader(model: ReaderModel, run: RunInTurn): Promise<GpuReader> {
    const { gpu, watch, dense } = this.#parts;
    return watch.orLost(GpuReader.create(model, { gpu, watch, embedding: dense.embedding, run }));
  }

  protected override checkDevice(): void {
    this.#parts.watch.check();
  }

  protected override async release(): Promise<void> {
    const { gpu, dense, passages, watch } = this.#parts;
    watch.close();
    for (const slot of this.#freeSlots.splice(0)) slot.destroy();
    if (!watch.isLost) await dense.release();
    this.#layers.release();
    passages?.release();
    this.#readback.dispose();
    gpu.scratch.dispose();
    gpu.device.destroy();
  }

  #recordSums(
    recorder: Recorder,
    { entered, length }: SegmentTensors,
    position: number,
    of: 'none' | 'document' | 'query',
  ): void {
    if (of === 'none') return;
    const sums = this.#parts.passages!.recordSums(recorder, entered, position, of);
    this.#readback.copy(recorder, sums, 0, blocksTouched(position, length) * PASSAGE_DIMS, 'sums', 0);
  }

  /** Logits of the last `count` rows behind `leave`, in blocks that keep the logits' buffer small. */
  async #logits(t: SegmentTensors, count: number): Promise<Float32Array> {
    const { vocabSize } = this.config;
    const { dense, watch } = this.#parts;
    const out = new Float32Array(count * vocabSize);
    for (let done = 0; done < count; done += HEAD_ROWS) {
      const rows = Math.min(HEAD_ROWS, count - done);
      this.#readback.begin({ logits: rows * vocabSize });
      const tape = new Tape(this.#parts.gpu);
      await taped(tape, async () => {
        const logits = await watch.orLost(dense.head(tape, t, t.length - count + done, rows));
        for (let row = 0; row < rows; row++) {
          const at = row * vocabSize;
          this.#readback.copy(tape.recorder, logits, row * logits.stride, vocabSize, 'logits', at);
        }
        tape.submit();
      });
      const read = await watch.orLost(this.#readback.finish());
      out.set(read('logits', rows * vocabSize), done * vocabSize);
    }
    watch.checkFault();
    return out;
  }
}
