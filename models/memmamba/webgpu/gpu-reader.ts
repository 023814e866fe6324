import type { Gpu } from '../../../kernels/gpu/device.js';
import { CausalConv } from '../../../kernels/causal-conv/causal-conv.js';
import { Readback } from '../../../kernels/gpu/readback.js';
import { createTensor, rowsOf, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import { SelectiveScan } from '../../../kernels/selective-scan/selective-scan.js';
import type { MemMambaConfig } from '../config.js';
import type { AskedQuestion } from '../engine.js';
import { EngineUseError } from '../errors.js';
import {
  LONGEST_TEXT,
  noneLogit,
  passageLogits,
  READER_WIDTH,
  textOf,
  type ReadPassage,
} from '../reader-head.js';
import type { ReaderModel } from '../reader-model.js';
import type { OpenReader, RunInTurn } from '../streaming-engine.js';
import { blockWeights } from '../weights.js';
import { taped, type DeviceWatch } from './device-watch.js';
import { Activations, destroyTensors, uploadRecurrent, type RecurrentWeights } from './gpu-buffers.js';
import { GpuReaderHead } from './gpu-reader-head.js';
import { Pacer } from './pacer.js';
import { batchesOf, type Batch } from './reader-batch.js';
import { StateLayout } from './state-layout.js';
import { Tape } from './webgpu-dense.js';
import { uploadBlock, WgslBlocks, type BlockMatrices } from './wgsl-blocks.js';

/** Rows that are read at once: enough to keep a large GPU busy. */
export const BATCH_ROWS = 2048;

/** What the reader shares with the engine. */
export interface SharedParts {
  readonly gpu: Gpu;
  readonly watch: DeviceWatch;
  /** (vocabSize, dModel) of the model. */
  readonly embedding: GpuTensor;
  readonly run: RunInTurn;
}

/** What only the reader has. */
interface OwnParts {
  readonly conv: CausalConv;
  readonly scan: SelectiveScan;
  readonly blocks: WgslBlocks;
  readonly head: GpuReaderHead;
  readonly activations: Activations;
  readonly matrices: readonly BlockMatrices[];
  readonly recurrent: readonly RecurrentWeights[];
}

/**
 * The reader on a GPU. Passages of one question are rows of one batch: the dense products take all of them at once,
 * convolution and scan begin each at the state that the question left. Nothing is copied for that.
 */
export class GpuReader implements OpenReader {
  readonly longest = LONGEST_TEXT;
  readonly batchTokens = BATCH_ROWS;
  readonly byteLength: number;

  readonly #shared: SharedParts;
  readonly #own: OwnParts;
  readonly #layout: StateLayout;
  readonly #pacer: Pacer;
  readonly #readback: Readback;
  /** An empty state, and one that receives what nobody needs. */
  readonly #empty: GPUBuffer;
  readonly #spare: GPUBuffer;
  readonly #deltaSum: GpuTensor;

  private constructor(config: MemMambaConfig, shared: SharedParts, own: OwnParts) {
    const { device } = shared.gpu;
    this.#shared = shared;
    this.#own = own;
    this.#layout = new StateLayout(config);
    this.#pacer = new Pacer(device, config.nLayer);
    this.#readback = new Readback(device);
    this.#empty = this.#createState();
    this.#spare = this.#createState();
    this.#deltaSum = createTensor(device, [config.dInner], 'delta sum');
    this.byteLength = [...weightsOf(own)].reduce((sum, { buffer }) => sum + buffer.size, own.head.byteLength);
  }

  /** @param model its widths are whole vectors */
  static async create(model: ReaderModel, shared: SharedParts): Promise<GpuReader> {
    const { config, blocks: trained } = model;
    const { gpu } = shared;
    const activations = new Activations(gpu.device, BATCH_ROWS);
    const [conv, scan, blocks, head] = await Promise.all([
      CausalConv.create(gpu, config),
      SelectiveScan.create(gpu, { ...config, softplus: false }),
      WgslBlocks.create(gpu, config, activations, BATCH_ROWS),
      GpuReaderHead.create(gpu, model, activations, BATCH_ROWS),
    ]);
    const weights = trained.map((block) => blockWeights(block, config));
    return new GpuReader(config, shared, {
      ...{ conv, scan, blocks, head, activations },
      matrices: weights.map((block) => uploadBlock(gpu.device, config, block)),
      recurrent: uploadRecurrent(gpu.device, config, weights),
    });
  }

  async ask(question: Uint32Array, signal?: AbortSignal): Promise<AskedQuestion> {
    if (question.length === 0) throw new EngineUseError('The question has no token.');
    const state = this.#createState();
    try {
      const [batch] = batchesOf([question], BATCH_ROWS);
      const outputs = await this.#shared.run(() => this.#read(batch!, this.#empty, state, signal));
      return {
        none: noneLogit(outputs.subarray(0, question.length * READER_WIDTH)),
        read: (passages, end, own) => this.#readAll(state, passages, end, own),
        dispose: () => state.destroy(),
      };
    } catch (error) {
      state.destroy();
      throw error;
    }
  }

  release(): void {
    destroyTensors([...weightsOf(this.#own), this.#deltaSum]);
    this.#own.head.release();
    this.#own.activations.dispose();
    this.#readback.dispose();
    this.#empty.destroy();
    this.#spare.destroy();
  }

  async #readAll(
    state: GPUBuffer,
    passages: readonly Uint32Array[],
    end: Uint32Array,
    signal: AbortSignal | undefined,
  ): Promise<ReadPassage[]> {
    const texts = passages.map((passage) => textOf(passage, end));
    const read: ReadPassage[] = [];
    for (const batch of batchesOf(texts, BATCH_ROWS)) {
      const outputs = await this.#shared.run(() => this.#read(batch, state, this.#spare, signal));
      for (const { first, length } of batch.places) {
        const own = outputs.subarray(first * READER_WIDTH, (first + length) * READER_WIDTH);
        read.push(passageLogits(own, length - end.length));
      }
    }
    return read;
  }

  /** (rows, 260) what the head makes of the rows of a batch, each text behind `from`; `to` is left behind the last. */
  async #read(
    batch: Batch,
    from: GPUBuffer,
    to: GPUBuffer,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    const { gpu, watch, embedding } = this.#shared;
    const { blocks, head, matrices } = this.#own;
    const rows = batch.tokens.length;
    signal?.throwIfAborted();
    this.#readback.begin({ outputs: rows * READER_WIDTH });
    const tape = new Tape(gpu);
    const t = blocks.tensors(rows);
    gpu.device.queue.writeBuffer(t.tokens.buffer, 0, batch.tokens);
    this.#pacer.begin(rows);
    await taped(tape, async () => {
      blocks.embed(tape.recorder, embedding, t);
      let [x, next] = [t.entered, t.residual];
      for (const [layer, own] of matrices.entries()) {
        signal?.throwIfAborted();
        watch.check();
        blocks.enter(tape.recorder, own, x, t);
        this.#recur(tape, layer, batch, { from, to });
        blocks.leave(tape.recorder, own, { y: t.y, residual: x, out: next });
        [x, next] = [next, x];
        if (layer < matrices.length - 1) await watch.orLost(this.#pacer.layerEnds(tape));
      }
      const outputs = head.record(tape.recorder, x);
      this.#readback.copy(tape.recorder, outputs, 0, rows * READER_WIDTH, 'outputs', 0);
      tape.submit();
    });
    const read = await watch.orLost(this.#readback.finish());
    this.#pacer.ended();
    watch.checkFault();
    signal?.throwIfAborted();
    return read('outputs', rows * READER_WIDTH);
  }

  /** Convolution and scan of each text by itself, the selection of all of them between. */
  #recur(
    tape: Tape,
    layer: number,
    { places, tokens }: Batch,
    { from, to }: { readonly from: GPUBuffer; readonly to: GPUBuffer },
  ): void {
    const { conv, scan, blocks, matrices, recurrent } = this.#own;
    const t = blocks.tensors(tokens.length);
    const before = this.#layout.layer(from, layer);
    const after = this.#layout.layer(to, layer);
    const { convWeight, convBias, a, d } = recurrent[layer]!;
    const { recorder } = tape;
    for (const { first, length } of places) {
      const own = (tensor: GpuTensor) => rowsOf(tensor, first, length);
      conv.record(recorder, {
        ...{ x: own(t.convIn), weight: convWeight, bias: convBias, y: own(t.u) },
        ...{ tail: before.convTail, nextTail: after.convTail },
      });
    }
    blocks.select(recorder, matrices[layer]!, t);
    for (const { first, length } of places) {
      const own = (tensor: GpuTensor) => rowsOf(tensor, first, length);
      scan.record(recorder, {
        ...{ u: own(t.u), deltaRaw: own(t.delta), z: own(t.z), b: own(t.b), c: own(t.c), y: own(t.y) },
        ...{ a, d, h: before.h, nextH: after.h, deltaSum: this.#deltaSum },
      });
    }
  }

  #createState(): GPUBuffer {
    const { device } = this.#shared.gpu;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    // WebGPU zeroes it.
    return device.createBuffer({ label: 'reader state', size: this.#layout.bytes, usage });
  }
}

function* weightsOf({ matrices, recurrent }: OwnParts): Generator<GpuTensor> {
  for (const layer of [...matrices, ...recurrent]) yield* Object.values(layer) as GpuTensor[];
}
