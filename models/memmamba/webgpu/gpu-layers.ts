import type { Gpu } from '../../../kernels/gpu/device.js';
import type { Recorder } from '../../../kernels/gpu/recorder.js';
import { columns, createTensor, gpuTensor, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import { createPoolWindow, windowEntries, type PoolWindow } from '../../../kernels/note-pool/note-pool.js';
import type { MemMambaConfig } from '../config.js';
import { crossLayers, hasCrossAttention } from '../dense.js';
import type { Segment } from '../streaming-engine.js';
import type { MemMambaModel } from '../weights.js';
import { taped, type DeviceWatch } from './device-watch.js';
import { destroyTensors, uploadRecurrent, type RecurrentWeights } from './gpu-buffers.js';
import type { GpuPassages } from './gpu-passages.js';
import type { GpuOperators } from './gpu-operators.js';
import { Pacer } from './pacer.js';
import { StateLayout, type LayerState } from './state-layout.js';
import type { GpuDense, SegmentTensors, Tape } from './webgpu-dense.js';

/** What is asked of a pass over the layers. */
export interface Wanted {
  /** Reads of the last layer: only what is behind the layers needs them. */
  readonly lastReads: boolean;
  /** Called when a layer's values stand in the activations, before the next layer overwrites them. */
  readonly onLayer: (layer: number, recorder: Recorder, weights: GpuTensor | undefined) => void;
  /** Whether attention weights are made. */
  readonly weights: boolean;
}

/** What a pass over the layers works with. */
export interface GpuParts {
  readonly gpu: Gpu;
  readonly dense: GpuDense;
  readonly operators: GpuOperators;
  /** Absent where the model has none, or its widths are no whole vectors. */
  readonly passages: GpuPassages | undefined;
  readonly watch: DeviceWatch;
}

/** Records the layers over segments, GPU buffer to GPU buffer. */
export class GpuLayers {
  readonly layout: StateLayout;
  readonly pacer: Pacer;
  /** Pools of all layers before the segment and after every chunk that ended in it. */
  readonly window: PoolWindow;
  /** Elements of a row of {@link deltaSums}: its bytes are a multiple of the binding alignment. */
  readonly deltaRow: number;
  /** (nLayer) rows of ΣΔ. */
  readonly deltaSums: GpuTensor;

  readonly #config: MemMambaConfig;
  readonly #parts: GpuParts;
  readonly #weights: readonly RecurrentWeights[];

  constructor(model: MemMambaModel, parts: GpuParts, segmentLength: number) {
    const { config } = model;
    const { nLayer, dInner } = config;
    const { gpu, operators } = parts;
    this.#config = config;
    this.#parts = parts;
    this.#weights = uploadRecurrent(gpu.device, config, model.layers);
    this.layout = new StateLayout(config);
    this.pacer = new Pacer(gpu.device, nLayer);
    const { rule } = operators.pool;
    this.window = createPoolWindow(gpu, rule, nLayer, windowEntries(rule, segmentLength));
    this.deltaRow = Math.ceil(dInner / 64) * 64;
    this.deltaSums = createTensor(gpu.device, [nLayer, this.deltaRow], 'delta sums');
  }

  /** A of a layer's scan. */
  rates(layer: number): GpuTensor {
    return this.#weights[layer]!.a;
  }

  /**
   * Records all layers over a segment and submits them in pieces that a slow device computes in a moment; what is
   * behind the last piece stays in the tape.
   */
  read(segment: Segment<GPUBuffer>, tape: Tape, t: SegmentTensors, wanted: Wanted): Promise<void> {
    const { tokens, pool, signal } = segment;
    const { nLayer } = this.#config;
    const { gpu, dense, watch } = this.#parts;
    gpu.device.queue.writeBuffer(t.tokens.buffer, 0, new Int32Array(tokens));
    this.pacer.begin(tokens.length);
    return taped(tape, async () => {
      for (let layer = 0; layer < nLayer; layer++) {
        signal?.throwIfAborted();
        watch.check();
        await watch.orLost(dense.enter(tape, layer, t, pool === 'on'));
        await this.#readLayer(segment, layer, tape, t, wanted);
        if (layer < nLayer - 1) await watch.orLost(this.pacer.layerEnds(tape));
      }
    });
  }

  release(): void {
    destroyTensors(this.#weights.flatMap((layer) => Object.values(layer) as GpuTensor[]));
    destroyTensors([this.window.positions, this.window.scores, this.window.notes, this.deltaSums]);
  }

  /** A layer behind its input projection. */
  async #readLayer(
    segment: Segment<GPUBuffer>,
    layer: number,
    tape: Tape,
    t: SegmentTensors,
    wanted: Wanted,
  ): Promise<void> {
    const { nLayer, nHeads, poolSize } = this.#config;
    const { gpu, dense, operators, watch } = this.#parts;
    const before = this.layout.layer(segment.from, layer);
    const after = this.layout.layer(segment.to, layer);
    await this.#scan(tape, layer, t, before, after);
    await watch.orLost(dense.note(tape, layer, t));
    const { recorder } = tape;
    operators.pool.record(recorder, {
      position: segment.position,
      scores: gpuTensor(t.scores.buffer, [t.length]),
      notes: t.notes,
      state: before.pool,
      nextState: after.pool,
      window: this.window,
      slot: layer,
    });
    const weightCount = t.length * nHeads * poolSize;
    const weightBuffer = wanted.weights ? gpu.scratch.take(4 * weightCount) : undefined;
    const weights = weightBuffer && gpuTensor(weightBuffer, [t.length, nHeads, poolSize]);
    if (segment.pool === 'on' && (layer < nLayer - 1 || wanted.lastReads)) {
      this.#readPools(recorder, segment.position, layer, t, weights);
    } else if (weightBuffer) {
      recorder.commands().clearBuffer(weightBuffer, 0, 4 * weightCount);
    }
    wanted.onLayer(layer, recorder, weights);
    if (weightBuffer) gpu.scratch.giveBack(weightBuffer);
  }

  /** The convolution and the scan. */
  async #scan(
    tape: Tape,
    layer: number,
    t: SegmentTensors,
    before: LayerState,
    after: LayerState,
  ): Promise<void> {
    const { dense, operators, watch } = this.#parts;
    const weights = this.#weights[layer]!;
    operators.conv.record(tape.recorder, {
      x: t.convIn,
      weight: weights.convWeight,
      bias: weights.convBias,
      tail: before.convTail,
      y: t.u,
      nextTail: after.convTail,
    });
    await watch.orLost(dense.select(tape, layer, t));
    operators.scan.record(tape.recorder, {
      u: t.u,
      deltaRaw: t.delta,
      z: t.z,
      b: t.b,
      c: t.c,
      a: weights.a,
      d: weights.d,
      h: before.h,
      y: t.y,
      nextH: after.h,
      deltaSum: gpuTensor(this.deltaSums.buffer, [this.#config.dInner], 4 * layer * this.deltaRow),
    });
  }

  /** The two attentions over the pools. */
  #readPools(
    recorder: Recorder,
    position: number,
    layer: number,
    t: SegmentTensors,
    weights: GpuTensor | undefined,
  ): void {
    const { noteDim, nHeads, tau2 } = this.#config;
    const { attention } = this.#parts.operators;
    const width = nHeads * noteDim;
    const queries = t.queries(layer);
    attention.record(recorder, {
      position,
      queries: columns(queries, 0, width),
      window: this.window,
      firstSlot: layer,
      slots: 1,
      gate: t.gate,
      tau2,
      reads: t.reads,
      ...(weights && { weights }),
    });
    if (!hasCrossAttention(this.#config, layer)) return;
    const layers = crossLayers(this.#config, layer);
    attention.record(recorder, {
      position,
      queries: columns(queries, width, width),
      window: this.window,
      firstSlot: layers[0]!,
      slots: layers.length,
      reads: t.crossReads,
    });
  }
}
