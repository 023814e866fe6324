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
import { crossLayers, enterGraph, hasCrossAttention, leaveGraph } from './dense.js';
import type { DecayOptions, DecayResult, ForwardOptions, ForwardResult, StateSnapshot } from './engine.js';
import { DeviceLostError, EngineUnavailableError } from './errors.js';
import { Activations, HEAD_ROWS, destroyWeights, uploadWeights, type GpuWeights } from './gpu-buffers.js';
import { WebGpuDense, type GpuFeeds } from './ort-webgpu.js';
import { Readback } from './readback.js';
import { StateLayout } from './state-layout.js';
import { emptySnapshot } from './state.js';
import { StreamingEngine, type Segment } from './streaming-engine.js';
import type { MemMambaModel } from './weights.js';

/** Tokens a segment: enough work a run to hide what starting it costs. */
const SEGMENT_LENGTH = 2048;
/** On a software adapter a segment must stay short, or progress and cancel would stall for minutes. */
const SOFTWARE_SEGMENT_LENGTH = 64;

export interface WebGpuEngineOptions {
  /** Bytes of `ort-wasm-simd-threaded.asyncify.wasm`. */
  readonly wasm: Uint8Array;
  /** The engine takes the device over and destroys it with itself. */
  readonly device: GPUDevice;
  /** The adapter in words. */
  readonly description: string;
  /** A software adapter gets short segments. */
  readonly software?: boolean;
  readonly segmentLength?: number;
}

interface Operators {
  readonly conv: CausalConv;
  readonly scan: SelectiveScan;
  readonly pool: NotePool;
  readonly attention: PoolAttention;
  readonly retention: Retention;
}

/** What a pass leaves on the device for the graphs behind the last layer. */
interface Wanted {
  /** Reads of the last layer: only logits, updates and traces of attention need them. */
  readonly lastReads: boolean;
  /** Called when a layer's values stand in the activations, before the next layer overwrites them. */
  readonly onLayer: (layer: number, recorder: Recorder, weights: GpuTensor | undefined) => void;
  /** Whether attention weights are made. */
  readonly weights: boolean;
}

/** The engine on a GPU: ONNX Runtime's WebGPU provider for the dense segments, our kernels on the same device. */
export class WebGpuEngine extends StreamingEngine<GPUBuffer> {
  override readonly name = 'webgpu';
  override readonly lost: Promise<string>;

  private readonly layout: StateLayout;
  private readonly empty: ArrayBuffer;
  private readonly freeSlots: GPUBuffer[] = [];
  private readonly weights: GpuWeights;
  private readonly activations: Activations;
  private readonly window: PoolWindow;
  private readonly readback: Readback;
  /** (nLayer) rows of ΣΔ, each at a multiple of the binding alignment. */
  private readonly deltaSums: GpuTensor;
  private readonly deltaRow: number;
  /** Rejects what waits for the device. */
  private readonly waiting = new Set<(reason: DeviceLostError) => void>();
  private loss: string | undefined;
  private fault: string | undefined;
  private closing = false;

  private constructor(
    model: MemMambaModel,
    private readonly gpu: Gpu,
    private readonly dense: WebGpuDense,
    private readonly operators: Operators,
    override readonly device: string,
    segmentLength: number,
  ) {
    super(model.config, segmentLength);
    const { config } = model;
    const { nLayer, dInner } = config;
    this.layout = new StateLayout(config);
    this.empty = this.layout.encode(emptySnapshot(config));
    this.weights = uploadWeights(gpu.device, model);
    this.activations = new Activations(gpu.device, config, segmentLength);
    const rule = operators.pool.rule;
    this.window = createPoolWindow(gpu, rule, nLayer, windowEntries(rule, segmentLength));
    this.readback = new Readback(gpu.device);
    this.deltaRow = aligned(dInner);
    this.deltaSums = createTensor(gpu.device, [nLayer, this.deltaRow], 'delta sums');
    this.lost = new Promise((resolve) => {
      void gpu.device.lost.then(({ message, reason }) => {
        if (this.closing) return;
        this.loss = message || reason;
        for (const reject of this.waiting) reject(new DeviceLostError(this.loss));
        resolve(this.loss);
      });
    });
    gpu.device.addEventListener('uncapturederror', (event) => {
      this.fault ??= event.error.message;
    });
  }

  /** @throws {EngineUnavailableError} if the device is too small for the model or ONNX Runtime refuses it. */
  static async create(model: MemMambaModel, options: WebGpuEngineOptions): Promise<WebGpuEngine> {
    const { wasm, device, description, software = false } = options;
    const { segmentLength = software ? SOFTWARE_SEGMENT_LENGTH : SEGMENT_LENGTH } = options;
    const { config } = model;
    checkLimits(model, device, segmentLength);
    const gpu = createGpu(device);
    const { poolSize, chunk, noteDim, replacement, tau1 } = config;
    const rule: PoolRule = { poolSize, chunk, noteDim, replacement, tau1 };
    const [conv, scan, pool, attention, retention] = await Promise.all([
      CausalConv.create(gpu, config),
      SelectiveScan.create(gpu, config),
      NotePool.create(gpu, rule),
      PoolAttention.create(gpu, config),
      Retention.create(gpu, config),
    ]);
    const dense = await WebGpuDense.create(model.graphs, { wasm, device });
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
      }),
      ...(attention && {
        weights: nLayer * length * nHeads * poolSize,
        queries: archiveLayers.length * length * width,
      }),
      ...(updates && { stream: (nLayer + 1) * length * dModel }),
    });
    const end = await this.readLayers(segment, {
      lastReads: needsEnd || attention,
      weights: attention,
      onLayer: (layer, recorder, weights) => {
        const { readback, activations: act } = this;
        const slot = layer * this.window.entries * poolSize;
        const pools = entries * poolSize;
        readback.copy(recorder, this.window.positions, slot, pools, 'pools', layer * pools);
        readback.copy(recorder, act.rows('scores', length), 0, length, 'scores', layer * length);
        const stream = length * dModel;
        readback.copy(recorder, act.rows('entered', length), 0, stream, 'stream', layer * stream);
        const archive = archiveLayers.indexOf(layer);
        if (archive >= 0) {
          const count = length * noteDim;
          readback.copy(recorder, act.rows('notes', length), 0, count, 'notes', archive * count);
          this.copyQueries(recorder, layer, length, archive * length * width);
        }
        if (weights) {
          const count = length * nHeads * poolSize;
          readback.copy(recorder, weights, 0, count, 'weights', layer * count);
        }
      },
    });

    if (needsEnd) {
      const residual = this.activations.rows('entered', length);
      await this.run(leaveGraph(this.config), end, { residual });
    }
    const recorder = new Recorder(this.gpu);
    this.readback.copy(recorder, this.deltaSums, 0, nLayer * this.deltaRow, 'deltaSums', 0);
    const stream = length * dModel;
    this.readback.copy(
      recorder,
      this.activations.rows('entered', length),
      0,
      stream,
      'stream',
      nLayer * stream,
    );
    recorder.submit();

    const read = await this.orLost(this.readback.finish());
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
        },
      }),
      ...(attention && {
        attention: {
          weights: read('weights', nLayer * length * nHeads * poolSize),
          positions: perToken(pools, { nLayer, length, poolSize, entries, chunk, position }),
          queries: read('queries', archiveLayers.length * length * width),
        },
      }),
      ...(updates && { updates: differences(read('stream', (nLayer + 1) * stream), stream) }),
      // Last, because it reads back in blocks of its own.
      ...(logits !== 'none' && { logits: await this.logits(length, logits === 'last' ? 1 : length) }),
    };
    segment.signal?.throwIfAborted();
    return result;
  }

  protected override async decaySegment(
    segment: Segment<GPUBuffer>,
    options: DecayOptions,
  ): Promise<DecayResult> {
    const { nLayer, dInner, dState, dtRank } = this.config;
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
      await this.readLayers(segment, {
        lastReads: false,
        weights: false,
        onLayer: (layer, recorder) => {
          const act = this.activations;
          const inputs = {
            u: act.rows('u', length),
            deltaRaw: act.rows('delta', length),
            b: columns(act.rows('projected', length), dtRank, dState),
            a: this.weights.layers[layer]!.a,
          };
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
      const read = await this.orLost(this.readback.finish());
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
    if (this.loss !== undefined) throw new DeviceLostError(this.loss);
  }

  protected override async release(): Promise<void> {
    this.closing = true;
    for (const slot of this.freeSlots.splice(0)) slot.destroy();
    if (this.loss === undefined) await this.dense.release();
    destroyWeights(this.weights);
    this.activations.dispose();
    for (const { buffer } of [this.window.positions, this.window.scores, this.window.notes]) buffer.destroy();
    this.deltaSums.buffer.destroy();
    this.readback.dispose();
    this.gpu.scratch.dispose();
    this.gpu.device.destroy();
  }

  /**
   * Runs all layers over a segment, GPU buffer to GPU buffer. Three dense runs a layer, and after each a
   * submission of our kernels. Returns what the graphs behind the last layer take.
   */
  private async readLayers(
    { from, to, position, tokens, pool, signal }: Segment<GPUBuffer>,
    wanted: Wanted,
  ): Promise<GpuFeeds> {
    const { nLayer, dInner, dState, dtRank, noteDim, nHeads, poolSize, tau2 } = this.config;
    const { activations: act, operators, gpu } = this;
    const length = tokens.length;
    const width = nHeads * noteDim;
    const tokenIds = act.tokens(length);
    gpu.device.queue.writeBuffer(tokenIds.buffer, 0, new Int32Array(tokens));

    const entered = act.rows('entered', length);
    const residual = act.rows('residual', length);
    const [convIn, z, u] = [act.rows('conv_in', length), act.rows('z', length), act.rows('u', length)];
    const [delta, y] = [act.rows('delta', length), act.rows('y', length)];
    const projected = act.rows('projected', length);
    const [scores, gate, notes] = [
      act.rows('scores', length),
      act.rows('gate', length),
      act.rows('notes', length),
    ];
    const reads = act.rows('reads', length);
    const crossReads = act.rows('cross_reads', length);
    const noReads = act.rows('no_reads', length);
    let feeds: GpuFeeds = { tokens: tokenIds, embedding: this.weights.embedding };

    for (let layer = 0; layer < nLayer; layer++) {
      signal?.throwIfAborted();
      const weights = this.weights.layers[layer]!;
      const before = this.layout.layer(from, layer);
      const after = this.layout.layer(to, layer);

      const enterOutputs = { residual: entered, conv_in: convIn, z };
      await this.run(enterGraph(this.config, layer), { ...weights.feeds, ...feeds }, enterOutputs);
      this.record((recorder) => {
        operators.conv.record(recorder, {
          x: convIn,
          weight: weights.convWeight,
          bias: weights.convBias,
          tail: before.convTail,
          y: u,
          nextTail: after.convTail,
        });
      });

      await this.run('select', { ...weights.feeds, u }, { projected, delta });
      this.record((recorder) => {
        operators.scan.record(recorder, {
          u,
          deltaRaw: delta,
          z,
          b: columns(projected, dtRank, dState),
          c: columns(projected, dtRank + dState, dState),
          a: weights.a,
          d: weights.d,
          h: before.h,
          y,
          nextH: after.h,
          deltaSum: gpuTensor(this.deltaSums.buffer, [dInner], 4 * layer * this.deltaRow),
        });
      });

      const isCross = hasCrossAttention(this.config, layer);
      const queries = act.rows('queries', length, isCross ? 2 * width : width);
      const noteOutputs = { residual, scores, gate, notes, queries };
      await this.run('note', { ...weights.feeds, x: entered, y }, noteOutputs);
      const isRead = pool === 'on' && (layer < nLayer - 1 || wanted.lastReads);
      this.record((recorder) => {
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
        if (isRead) {
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
          if (isCross) {
            const layers = crossLayers(this.config, layer);
            operators.attention.record(recorder, {
              position,
              queries: columns(queries, width, width),
              window: this.window,
              firstSlot: layers[0]!,
              slots: layers.length,
              reads: crossReads,
            });
          }
        } else if (weightBuffer) {
          recorder.commands().clearBuffer(weightBuffer, 0, 4 * weightCount);
        }
        wanted.onLayer(layer, recorder, attentionWeights);
        if (weightBuffer) gpu.scratch.giveBack(weightBuffer);
      });

      feeds = {
        x: residual,
        gate,
        reads: isRead ? reads : noReads,
        token_out: weights.feeds.token_out!,
        ...(isCross && { cross_reads: isRead ? crossReads : noReads, cross_out: weights.feeds.cross_out! }),
      };
    }
    return feeds;
  }

  /** Logits of the last `count` of `length` rows behind `leave`, in blocks that keep the logits' buffer small. */
  private async logits(length: number, count: number): Promise<Float32Array> {
    const { dModel, vocabSize } = this.config;
    const { weights, activations: act } = this;
    const out = new Float32Array(count * vocabSize);
    for (let done = 0; done < count; done += HEAD_ROWS) {
      const rows = Math.min(HEAD_ROWS, count - done);
      const x = act.rows('head_rows', rows);
      const logits = act.rows('logits', rows);
      this.record((recorder) => {
        const start = (length - count + done) * dModel;
        recorder.copy(act.rows('entered', length), start, x, 0, rows * dModel);
      });
      await this.run('head', { x, norm: weights.norm, embedding: weights.embedding }, { logits });
      this.readback.begin({ logits: rows * vocabSize });
      this.record((recorder) => {
        this.readback.copy(recorder, logits, 0, rows * vocabSize, 'logits', 0);
      });
      const read = await this.orLost(this.readback.finish());
      out.set(read('logits', rows * vocabSize), done * vocabSize);
    }
    this.checkFault();
    return out;
  }

  /** Copies a layer's token queries, which may be the first half of wider rows. */
  private copyQueries(recorder: Recorder, layer: number, length: number, at: number): void {
    if (!this.readback.wants('queries')) return;
    const width = this.config.nHeads * this.config.noteDim;
    const stride = hasCrossAttention(this.config, layer) ? 2 * width : width;
    const queries = this.activations.rows('queries', length, stride);
    if (stride === width) {
      this.readback.copy(recorder, queries, 0, length * width, 'queries', at);
    } else {
      for (let t = 0; t < length; t++) {
        this.readback.copy(recorder, queries, t * stride, width, 'queries', at + t * width);
      }
    }
  }

  private run(...args: Parameters<WebGpuDense['run']>): Promise<void> {
    return this.orLost(this.dense.run(...args));
  }

  /** Records kernels and submits them; drops them if recording fails. */
  private record(work: (recorder: Recorder) => void): void {
    this.checkDevice();
    const recorder = new Recorder(this.gpu);
    try {
      work(recorder);
    } catch (error) {
      recorder.discard();
      throw error;
    }
    recorder.submit();
  }

  /**
   * `work`, or a {@link DeviceLostError} as soon as the device is lost: what waits for it may never end. Not a
   * race with a promise of the loss, which would hold on to every result as long as the engine lives.
   */
  private async orLost<T>(work: Promise<T>): Promise<T> {
    let rejectWaiting: ((reason: DeviceLostError) => void) | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        rejectWaiting = reject;
        this.waiting.add(reject);
        work.then(resolve, reject);
      });
    } catch (error) {
      this.checkDevice();
      throw error;
    } finally {
      if (rejectWaiting) this.waiting.delete(rejectWaiting);
    }
  }

  /** Throws what the device has complained about since the last check. */
  private checkFault(): void {
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw new Error(`The GPU refused a command: ${fault}`);
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

/** Throws unless the largest buffers can be bound. */
function checkLimits({ config }: MemMambaModel, device: GPUDevice, segmentLength: number): void {
  const { vocabSize, dModel, dInner, noteDim, nHeads } = config;
  const widest = Math.max(dInner, 2 * nHeads * noteDim);
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
