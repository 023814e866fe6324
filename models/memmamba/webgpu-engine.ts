import { CausalConv } from '../../kernels/causal-conv/causal-conv.js';
import { createGpu, type Gpu } from '../../kernels/gpu/device.js';
import { Recorder } from '../../kernels/gpu/recorder.js';
import { columns, createTensor, gpuTensor, type GpuTensor } from '../../kernels/gpu/tensor.js';
import {
  NotePool,
  createPoolWindow,
  windowEntries,
  type PoolWindow,
} from '../../kernels/note-pool/note-pool.js';
import { chunksEnded, poolEntryOf, type PoolRule } from '../../kernels/note-pool/pool-rule.js';
import { PoolAttention } from '../../kernels/pool-attention/pool-attention.js';
import { meanFidelity } from '../../kernels/retention/lags.js';
import { Retention } from '../../kernels/retention/retention.js';
import { SelectiveScan } from '../../kernels/selective-scan/selective-scan.js';
import { crossLayers, hasCrossAttention } from './dense.js';
import type { DecayOptions, DecayResult, ForwardOptions, ForwardResult, StateSnapshot } from './engine.js';
import { DeviceLoss } from './device-loss.js';
import { EngineUnavailableError } from './errors.js';
import { HEAD_ROWS, destroyTensors, uploadRecurrent, type RecurrentWeights } from './gpu-buffers.js';
import { millisecondsPerToken } from './gpu-speed.js';
import { Pacer } from './pacer.js';
import { Readback } from '../../kernels/gpu/readback.js';
import { noteStream } from './retrieval-head.js';
import { salienceOf } from './sentence-head.js';
import { StateLayout } from './state-layout.js';
import { emptySnapshot } from './state.js';
import { StreamingEngine, type Segment } from './streaming-engine.js';
import { OrtDense } from './webgpu-dense-ort.js';
import { WgslDense, suitsWgsl } from './webgpu-dense-wgsl.js';
import {
  SENTENCE_COLUMNS,
  Tape,
  type DenseName,
  type GpuDense,
  type SegmentTensors,
} from './webgpu-dense.js';
import type { MemMambaModel } from './weights.js';

/** Tokens a segment on a GPU that reads the longest one in no time: what a segment costs besides is hidden. */
const LONG_SEGMENT_LENGTH = 16_384;
const SEGMENT_LENGTH = 2048;
/** A segment should not take longer than this: progress is told, and a state kept, between segments. */
const SEGMENT_MS = 250;
/** What a layer takes, by its products alone: about a third goes to the recurrent parts. */
const NOT_PRODUCTS = 1.5;
/** On a software adapter a segment must stay short, or progress and cancel would stall for minutes. */
const SOFTWARE_SEGMENT_LENGTH = 64;

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

interface Operators {
  readonly conv: CausalConv;
  readonly scan: SelectiveScan;
  readonly pool: NotePool;
  readonly attention: PoolAttention;
  readonly retention: Retention;
}

/** What is asked of a pass over the layers. */
interface Wanted {
  /** Reads of the last layer: only logits, updates and traces of attention need them. */
  readonly lastReads: boolean;
  /** Called when a layer's values stand in the activations, before the next layer overwrites them. */
  readonly onLayer: (layer: number, recorder: Recorder, weights: GpuTensor | undefined) => void;
  /** Whether attention weights are made. */
  readonly weights: boolean;
}

/**
 * The engine on a GPU. Dense segments are our own WGSL or ONNX Runtime's WebGPU provider, on the device that the
 * other kernels use.
 */
export class WebGpuEngine extends StreamingEngine<GPUBuffer> {
  override readonly name = 'webgpu';
  override readonly lost: Promise<string>;

  private readonly layout: StateLayout;
  private readonly empty: ArrayBuffer;
  private readonly freeSlots: GPUBuffer[] = [];
  private readonly weights: readonly RecurrentWeights[];
  /** (dModel) each: the norms in front of the archive layers' note blocks. */
  private readonly noteNorms: readonly Float32Array[];
  private readonly pacer: Pacer;
  private readonly window: PoolWindow;
  private readonly readback: Readback;
  /** (nLayer) rows of ΣΔ, each at a multiple of the binding alignment. */
  private readonly deltaSums: GpuTensor;
  private readonly deltaRow: number;
  private readonly loss: DeviceLoss;
  private fault: string | undefined;
  private closing = false;

  private constructor(
    model: MemMambaModel,
    private readonly gpu: Gpu,
    private readonly dense: GpuDense,
    private readonly operators: Operators,
    override readonly device: string,
    segmentLength: number,
  ) {
    super(model, segmentLength);
    const { config } = model;
    const { nLayer, dInner } = config;
    this.layout = new StateLayout(config);
    this.empty = this.layout.encode(emptySnapshot(config));
    this.weights = uploadRecurrent(gpu.device, model);
    this.noteNorms = config.archiveLayers.map((layer) => model.layers[layer]!.noteNorm);
    this.pacer = new Pacer(gpu.device, nLayer);
    const rule = operators.pool.rule;
    this.window = createPoolWindow(gpu, rule, nLayer, windowEntries(rule, segmentLength));
    this.readback = new Readback(gpu.device);
    this.deltaRow = aligned(dInner);
    this.deltaSums = createTensor(gpu.device, [nLayer, this.deltaRow], 'delta sums');
    this.lost = new Promise((resolve) => {
      void gpu.device.lost.then(({ message, reason }) => {
        if (!this.closing) resolve(message || reason);
      });
    });
    this.loss = new DeviceLoss(this.lost);
    gpu.device.addEventListener('uncapturederror', (event) => {
      this.fault ??= event.error.message;
    });
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
    const { poolSize, chunk, noteDim, replacement, tau1 } = config;
    const rule: PoolRule = { poolSize, chunk, noteDim, replacement, tau1 };
    const dense =
      denseName === 'wgsl'
        ? await WgslDense.create(gpu, model, segmentLength)
        : await OrtDense.create(gpu, model, { wasm: await wasm(), segmentLength });
    const { dInner, dState } = config;
    const scanned = { dInner, dState, softplus: !dense.softplus };
    const [conv, scan, pool, attention, retention] = await Promise.all([
      CausalConv.create(gpu, config),
      SelectiveScan.create(gpu, scanned),
      NotePool.create(gpu, rule),
      PoolAttention.create(gpu, config),
      Retention.create(gpu, scanned),
    ]);
    const operators = { conv, scan, pool, attention, retention };
    return new WebGpuEngine(model, gpu, dense, operators, description, segmentLength);
  }

  protected override createSlot(): GPUBuffer {
    return (
      this.freeSlots.pop() ??
      this.gpu.device.createBuffer({
        label: 'model state',
        size: this.layout.bytes,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      })
    );
  }

  protected override releaseSlot(slot: GPUBuffer): void {
    // A state in use again costs no allocation; two are enough for a question beside a document.
    if (this.freeSlots.length < 2 && !this.closing) this.freeSlots.push(slot);
    else slot.destroy();
  }

  protected override copySlot(from: GPUBuffer, to: GPUBuffer): void {
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, this.layout.bytes);
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  protected override fillSlot(slot: GPUBuffer, snapshot: StateSnapshot | undefined): void {
    const bytes = snapshot ? this.layout.encode(snapshot) : this.empty;
    this.gpu.device.queue.writeBuffer(slot, 0, bytes);
  }

  protected override async readSlot(slot: GPUBuffer, position: number): Promise<StateSnapshot> {
    const elements = this.layout.bytes / 4;
    this.readback.begin({ state: elements });
    const recorder = new Recorder(this.gpu);
    this.readback.copy(recorder, gpuTensor(slot, [elements]), 0, elements, 'state', 0);
    recorder.submit();
    const read = await this.orLost(this.readback.finish());
    return this.layout.decode(read('state', elements).buffer as ArrayBuffer, position);
  }

  protected override async forwardSegment(
    segment: Segment<GPUBuffer>,
    options: ForwardOptions,
  ): Promise<ForwardResult> {
    const { nLayer, dModel, noteDim, nHeads, poolSize, chunk, archiveLayers } = this.config;
    const { logits = 'none', trace = false, attention = false, updates = false } = options;
    const { noteStreams = false } = options;
    const { position, tokens } = segment;
    const length = tokens.length;
    const width = nHeads * noteDim;
    const ended = chunksEnded(chunk, position, length);
    const entries = ended + 1;
    const needsEnd = logits !== 'none' || updates;

    this.readback.begin({
      ...((trace || attention) && { pools: nLayer * entries * poolSize }),
      ...(trace && {
        scores: nLayer * length,
        notes: archiveLayers.length * length * noteDim,
        deltaSums: nLayer * this.deltaRow,
        ...(this.sentence.length > 0 && { sentence: this.sentence.length * length }),
      }),
      ...(attention && {
        weights: nLayer * length * nHeads * poolSize,
        queries: archiveLayers.length * length * width,
      }),
      ...(updates && { stream: (nLayer + 1) * length * dModel }),
      ...(noteStreams && { residuals: archiveLayers.length * dModel }),
    });
    const tape = new Tape(this.gpu);
    const t = this.dense.tensors(length);
    await this.readLayers(segment, tape, t, {
      lastReads: needsEnd || attention,
      weights: attention,
      onLayer: (layer, recorder, weights) => {
        const { readback } = this;
        const slot = layer * this.window.entries * poolSize;
        const pools = entries * poolSize;
        readback.copy(recorder, this.window.positions, slot, pools, 'pools', layer * pools);
        readback.copy(recorder, t.scores, 0, length, 'scores', layer * length);
        const stream = length * dModel;
        readback.copy(recorder, t.entered, 0, stream, 'stream', layer * stream);
        const archive = archiveLayers.indexOf(layer);
        if (archive >= 0) {
          const count = length * noteDim;
          readback.copy(recorder, t.notes, 0, count, 'notes', archive * count);
          const sentence = t.sentence(layer);
          if (sentence) readback.copyRows(recorder, sentence, 'sentence', archive * length);
          const queries = columns(t.queries(layer), 0, width);
          readback.copyRows(recorder, queries, 'queries', archive * length * width);
          const last = (length - 1) * dModel;
          readback.copy(recorder, t.residual, last, dModel, 'residuals', archive * dModel);
        }
        if (weights) {
          const count = length * nHeads * poolSize;
          readback.copy(recorder, weights, 0, count, 'weights', layer * count);
        }
      },
    });

    const stream = length * dModel;
    await this.taped(tape, async () => {
      if (needsEnd) await this.orLost(this.dense.leave(tape, t, segment.pool === 'on'));
      this.readback.copy(tape.recorder, this.deltaSums, 0, nLayer * this.deltaRow, 'deltaSums', 0);
      this.readback.copy(tape.recorder, t.entered, 0, stream, 'stream', nLayer * stream);
      tape.submit();
    });

    const read = await this.orLost(this.readback.finish());
    this.pacer.ended();
    this.checkFault();
    const poolValues = read('pools', trace || attention ? nLayer * entries * poolSize : 0);
    const pools = new Int32Array(poolValues.buffer, poolValues.byteOffset, poolValues.length);
    const result: ForwardResult = {
      ...(trace && {
        trace: {
          scores: read('scores', nLayer * length),
          chunkEnds: chunkEndsOf(position, chunk, ended),
          poolPositions: withoutFirst(pools, nLayer, poolSize),
          archiveNotes: read('notes', archiveLayers.length * length * noteDim),
          deltaSums: this.unpadDeltaSums(read('deltaSums', nLayer * this.deltaRow)),
          ...(this.sentence.length > 0 && {
            salience: salienceOf(this.sentence, read('sentence', this.sentence.length * length)),
          }),
        },
      }),
      ...(attention && {
        attention: {
          weights: read('weights', nLayer * length * nHeads * poolSize),
          positions: perToken(pools, { nLayer, length, poolSize, entries, chunk, position }),
          queries: read('queries', archiveLayers.length * length * width),
        },
      }),
      ...(noteStreams && {
        noteStreams: this.noteStreams(read('residuals', archiveLayers.length * dModel)),
      }),
      ...(updates && { updates: differences(read('stream', (nLayer + 1) * stream), stream) }),
      // Last, because it reads back in blocks of its own.
      ...(logits !== 'none' && { logits: await this.logits(t, logits === 'last' ? 1 : length) }),
    };
    segment.signal?.throwIfAborted();
    return result;
  }

  protected override async decaySegment(
    segment: Segment<GPUBuffer>,
    options: DecayOptions,
  ): Promise<DecayResult> {
    const { nLayer, dInner } = this.config;
    const { after, lags = [] } = options;
    const length = segment.tokens.length;
    const { scratch, device } = this.gpu;
    const afterSums = new Float32Array(nLayer * this.deltaRow);
    for (let layer = 0; layer < nLayer; layer++) {
      afterSums.set(after.subarray(layer * dInner, (layer + 1) * dInner), layer * this.deltaRow);
    }
    const held = [scratch.take(afterSums.byteLength), scratch.take(4 * length)];
    const [afterBuffer, retentionBuffer] = held as [GPUBuffer, GPUBuffer];
    if (lags.length > 0) held.push(scratch.take(4 * lags.length * length));
    const fidelityBuffer = held[2];
    device.queue.writeBuffer(afterBuffer, 0, afterSums);
    this.readback.begin({
      retention: nLayer * length,
      ...(lags.length > 0 && { fidelity: nLayer * lags.length * length }),
    });
    try {
      const tape = new Tape(this.gpu);
      const t = this.dense.tensors(length);
      await this.readLayers(segment, tape, t, {
        lastReads: false,
        weights: false,
        onLayer: (layer, recorder) => {
          const inputs = { u: t.u, deltaRaw: t.delta, b: t.b, a: this.weights[layer]!.a };
          const retention = gpuTensor(retentionBuffer, [length]);
          const layerAfter = gpuTensor(afterBuffer, [dInner], 4 * layer * this.deltaRow);
          this.operators.retention.record(recorder, { ...inputs, after: layerAfter, retention });
          this.readback.copy(recorder, retention, 0, length, 'retention', layer * length);
          if (fidelityBuffer) {
            const fidelity = gpuTensor(fidelityBuffer, [lags.length, length]);
            this.operators.retention.recordFidelity(recorder, { ...inputs, lags, fidelity });
            const count = lags.length * length;
            this.readback.copy(recorder, fidelity, 0, count, 'fidelity', layer * count);
          }
        },
      });
      tape.submit();
      const read = await this.orLost(this.readback.finish());
      this.pacer.ended();
      this.checkFault();
      segment.signal?.throwIfAborted();
      const retention = read('retention', nLayer * length);
      if (lags.length === 0) return { retention };
      const count = lags.length * length;
      const fidelity = read('fidelity', nLayer * count);
      const means = Array.from({ length: nLayer }, (_, layer) =>
        meanFidelity(fidelity.subarray(layer * count, (layer + 1) * count), lags, length),
      );
      return {
        retention,
        etmf: Float32Array.from(means.flatMap(({ etmf }) => [...etmf])),
        etmfCount: means[0]!.count,
      };
    } finally {
      for (const buffer of held) scratch.giveBack(buffer);
    }
  }

  protected override checkDevice(): void {
    this.loss.check();
  }

  protected override async release(): Promise<void> {
    this.closing = true;
    for (const slot of this.freeSlots.splice(0)) slot.destroy();
    if (!this.loss.isLost) await this.dense.release();
    destroyTensors(this.weights.flatMap((layer) => Object.values(layer) as GpuTensor[]));
    for (const { buffer } of [this.window.positions, this.window.scores, this.window.notes]) buffer.destroy();
    this.deltaSums.buffer.destroy();
    this.readback.dispose();
    this.gpu.scratch.dispose();
    this.gpu.device.destroy();
  }

  /**
   * Records all layers over a segment, GPU buffer to GPU buffer, and submits them in pieces that a slow device
   * computes in a moment; what is behind the last piece stays in the tape.
   */
  private readLayers(
    segment: Segment<GPUBuffer>,
    tape: Tape,
    t: SegmentTensors,
    wanted: Wanted,
  ): Promise<void> {
    const { tokens, pool, signal } = segment;
    const { nLayer } = this.config;
    this.gpu.device.queue.writeBuffer(t.tokens.buffer, 0, new Int32Array(tokens));
    this.pacer.begin(tokens.length);
    return this.taped(tape, async () => {
      for (let layer = 0; layer < nLayer; layer++) {
        signal?.throwIfAborted();
        this.checkDevice();
        await this.orLost(this.dense.enter(tape, layer, t, pool === 'on'));
        await this.readLayer(segment, layer, tape, t, wanted);
        if (layer < nLayer - 1) await this.orLost(this.pacer.layerEnds(tape));
      }
    });
  }

  /** A layer behind its input projection. */
  private async readLayer(
    { from, to, position, pool }: Segment<GPUBuffer>,
    layer: number,
    tape: Tape,
    t: SegmentTensors,
    wanted: Wanted,
  ): Promise<void> {
    const { nLayer, dInner, noteDim, nHeads, poolSize, tau2 } = this.config;
    const { operators, gpu } = this;
    const { length, u, gate, scores, notes, reads } = t;
    const width = nHeads * noteDim;
    const weights = this.weights[layer]!;
    const before = this.layout.layer(from, layer);
    const after = this.layout.layer(to, layer);
    operators.conv.record(tape.recorder, {
      x: t.convIn,
      weight: weights.convWeight,
      bias: weights.convBias,
      tail: before.convTail,
      y: u,
      nextTail: after.convTail,
    });
    await this.orLost(this.dense.select(tape, layer, t));
    operators.scan.record(tape.recorder, {
      u,
      deltaRaw: t.delta,
      z: t.z,
      b: t.b,
      c: t.c,
      a: weights.a,
      d: weights.d,
      h: before.h,
      y: t.y,
      nextH: after.h,
      deltaSum: gpuTensor(this.deltaSums.buffer, [dInner], 4 * layer * this.deltaRow),
    });
    await this.orLost(this.dense.note(tape, layer, t));
    const { recorder } = tape;
    operators.pool.record(recorder, {
      position,
      scores: gpuTensor(scores.buffer, [length]),
      notes,
      state: before.pool,
      nextState: after.pool,
      window: this.window,
      slot: layer,
    });
    const weightCount = length * nHeads * poolSize;
    const weightBuffer = wanted.weights ? gpu.scratch.take(4 * weightCount) : undefined;
    const attentionWeights = weightBuffer && gpuTensor(weightBuffer, [length, nHeads, poolSize]);
    if (pool === 'on' && (layer < nLayer - 1 || wanted.lastReads)) {
      const queries = t.queries(layer);
      operators.attention.record(recorder, {
        position,
        queries: columns(queries, 0, width),
        window: this.window,
        firstSlot: layer,
        slots: 1,
        gate,
        tau2,
        reads,
        ...(attentionWeights && { weights: attentionWeights }),
      });
      if (hasCrossAttention(this.config, layer)) {
        const layers = crossLayers(this.config, layer);
        operators.attention.record(recorder, {
          position,
          queries: columns(queries, width, width),
          window: this.window,
          firstSlot: layers[0]!,
          slots: layers.length,
          reads: t.crossReads,
        });
      }
    } else if (weightBuffer) {
      recorder.commands().clearBuffer(weightBuffer, 0, 4 * weightCount);
    }
    wanted.onLayer(layer, recorder, attentionWeights);
    if (weightBuffer) gpu.scratch.giveBack(weightBuffer);
  }

  /** Logits of the last `count` rows behind `leave`, in blocks that keep the logits' buffer small. */
  private async logits(t: SegmentTensors, count: number): Promise<Float32Array> {
    const { vocabSize } = this.config;
    const out = new Float32Array(count * vocabSize);
    for (let done = 0; done < count; done += HEAD_ROWS) {
      const rows = Math.min(HEAD_ROWS, count - done);
      this.readback.begin({ logits: rows * vocabSize });
      const tape = new Tape(this.gpu);
      await this.taped(tape, async () => {
        const logits = await this.orLost(this.dense.head(tape, t, t.length - count + done, rows));
        for (let row = 0; row < rows; row++) {
          const at = row * vocabSize;
          this.readback.copy(tape.recorder, logits, row * logits.stride, vocabSize, 'logits', at);
        }
        tape.submit();
      });
      const read = await this.orLost(this.readback.finish());
      out.set(read('logits', rows * vocabSize), done * vocabSize);
    }
    this.checkFault();
    return out;
  }

  /** Does what fills a tape; drops what is not submitted if it fails. */
  private async taped(tape: Tape, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      tape.discard();
      throw error;
    }
  }

  /** What `work` gives, or a `DeviceLostError`: what waits for a lost device may never end. */
  private async orLost<T>(work: Promise<T> | T): Promise<T> {
    if (!(work instanceof Promise)) return work;
    try {
      return await this.loss.orLost(work);
    } catch (error) {
      this.checkDevice();
      throw error;
    }
  }

  /** Throws what the device has complained about since the last check. */
  private checkFault(): void {
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw new Error(`The GPU refused a command: ${fault}`);
  }

  /** Norms the last token's residual streams of the archive layers, (archiveLayers.length, dModel). */
  private noteStreams(residuals: Float32Array): Float32Array {
    const { dModel, normEps } = this.config;
    const out = new Float32Array(residuals.length);
    this.noteNorms.forEach((weight, i) => {
      out.set(noteStream(residuals.subarray(i * dModel, (i + 1) * dModel), weight, normEps), i * dModel);
    });
    return out;
  }

  private unpadDeltaSums(padded: Float32Array): Float32Array {
    const { nLayer, dInner } = this.config;
    const out = new Float32Array(nLayer * dInner);
    for (let layer = 0; layer < nLayer; layer++) {
      out.set(padded.subarray(layer * this.deltaRow, layer * this.deltaRow + dInner), layer * dInner);
    }
    return out;
  }
}

/** Elements of a row of f32 whose bytes are a multiple of WebGPU's binding alignment. */
function aligned(elements: number): number {
  return Math.ceil(elements / 64) * 64;
}

/**
 * The longest segment of 2,048 to 16,384 tokens that this device reads within {@link SEGMENT_MS}, from the time
 * that a product takes like the model's own.
 */
async function segmentLengthFor(
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

/** Throws unless the largest buffers can be bound. */
function checkLimits({ config }: MemMambaModel, device: GPUDevice, segmentLength: number): void {
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

function chunkEndsOf(position: number, chunk: number, ended: number): Int32Array {
  const first = (Math.floor(position / chunk) + 1) * chunk;
  return Int32Array.from({ length: ended }, (_, i) => first + i * chunk);
}

/** (nLayer, entries, poolSize) without the first entry of each layer, which is the pool before the segment. */
function withoutFirst(pools: Int32Array, nLayer: number, poolSize: number): Int32Array {
  const row = pools.length / nLayer;
  const out = new Int32Array(pools.length - nLayer * poolSize);
  for (let layer = 0; layer < nLayer; layer++) {
    out.set(pools.subarray(layer * row + poolSize, (layer + 1) * row), layer * (row - poolSize));
  }
  return out;
}

/** (nLayer, length, poolSize) the pool that each token read, of (nLayer, entries, poolSize). */
function perToken(
  pools: Int32Array,
  shape: {
    readonly nLayer: number;
    readonly length: number;
    readonly poolSize: number;
    readonly entries: number;
    readonly chunk: number;
    readonly position: number;
  },
): Int32Array {
  const { nLayer, length, poolSize, entries, chunk, position } = shape;
  const out = new Int32Array(nLayer * length * poolSize);
  for (let layer = 0; layer < nLayer; layer++) {
    for (let t = 0; t < length; t++) {
      const from = (layer * entries + poolEntryOf(chunk, position, t)) * poolSize;
      out.set(pools.subarray(from, from + poolSize), (layer * length + t) * poolSize);
    }
  }
  return out;
}

/** Differences of neighbouring blocks of `size` values. */
function differences(stream: Float32Array, size: number): Float32Array {
  const out = new Float32Array(stream.length - size);
  for (let i = 0; i < out.length; i++) out[i] = stream[i + size]! - stream[i]!;
  return out;
}
