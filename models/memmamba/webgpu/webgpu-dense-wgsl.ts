import type { Gpu } from '../../../kernels/gpu/device.js';
import { columns, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import { Linear } from '../../../kernels/linear/linear.js';
import { NoteLinear } from '../../../kernels/linear/note-linear.js';
import type { MemMambaConfig } from '../config.js';
import { hasCrossAttention } from '../dense.js';
import { Activations, destroyTensors, HEAD_ROWS, uploadWeight } from './gpu-buffers.js';
import type { GpuDense, SegmentTensors, Tape } from './webgpu-dense.js';
import { matrix, padded, uploadBlock, WgslBlocks, type BlockMatrices } from './wgsl-blocks.js';
import type { LayerWeights, MemMambaModel } from '../weights.js';

/** Whether all widths are whole vectors, as our projections need them. */
export function suitsWgsl({ dModel, dInner, noteDim }: MemMambaConfig): boolean {
  return [dModel, dInner, noteDim].every((width) => width % 4 === 0);
}

interface Products {
  /** By layer. */
  readonly notes: readonly NoteLinear[];
  readonly tokenOut: Linear;
  readonly crossOut: Linear;
  readonly head: Linear;
}

/** One layer's matrices in the form that the products take. */
interface LayerMatrices extends BlockMatrices {
  /** (dModel, noteDim + queries + 4), the norm folded in. */
  readonly note: GpuTensor;
  readonly noteBias: GpuTensor;
  readonly tokenOut: GpuTensor;
  readonly crossOut?: GpuTensor;
}

/**
 * The dense segments in our own WGSL: seven products a layer, with norms, biases, gates and residual adds inside
 * them, all recorded with the other kernels, so that a whole segment takes one submission or a few.
 */
export class WgslDense implements GpuDense {
  readonly #config: MemMambaConfig;
  readonly #products: Products;
  readonly #blocks: WgslBlocks;
  readonly #activations: Activations;
  /** (dModel, vocabSize padded) the head, its norm folded in. */
  readonly #headMatrix: GpuTensor;
  readonly #layers: readonly LayerMatrices[];

  readonly name = 'wgsl';
  readonly softplus = true;

  private constructor(
    config: MemMambaConfig,
    products: Products,
    blocks: WgslBlocks,
    activations: Activations,
    readonly embedding: GpuTensor,
    headMatrix: GpuTensor,
    layers: readonly LayerMatrices[],
  ) {
    this.#config = config;
    this.#products = products;
    this.#blocks = blocks;
    this.#activations = activations;
    this.#headMatrix = headMatrix;
    this.#layers = layers;
  }

  static async create(
    gpu: Gpu,
    { config, embedding, norm, layers }: MemMambaModel,
    segmentLength: number,
  ): Promise<WgslDense> {
    const { dModel, vocabSize, noteDim, nHeads, normEps } = config;
    const width = nHeads * noteDim;
    const maxRows = segmentLength;
    const linear = (depth: number, outputs: number, options: object = {}): Promise<Linear> =>
      Linear.create(gpu, { depth, columns: outputs, maxRows, ...options });
    const note = ({ queryProj, sentence }: LayerWeights): Promise<NoteLinear> => {
      const queries = queryProj.length / dModel;
      return NoteLinear.create(gpu, {
        ...{ dModel, noteDim, queries, maxRows, normEps },
        sentence: sentence !== undefined,
      });
    };
    const activations = new Activations(gpu.device, segmentLength);
    const [blocks, notes, tokenOut, crossOut, head] = await Promise.all([
      WgslBlocks.create(gpu, config, activations, maxRows),
      Promise.all(layers.map(note)),
      linear(width, dModel, { gate: true, residual: true }),
      linear(width, dModel, { residual: true }),
      linear(dModel, padded(vocabSize), { normEps, maxRows: HEAD_ROWS }),
    ]);
    const { device } = gpu;
    const logits = matrix(dModel, padded(vocabSize));
    for (let token = 0; token < vocabSize; token++) {
      for (let k = 0; k < dModel; k++) logits.set(k, token, embedding[token * dModel + k]! * norm[k]!);
    }
    return new WgslDense(
      config,
      { notes, tokenOut, crossOut, head },
      blocks,
      activations,
      uploadWeight(device, 'embedding', embedding, vocabSize, dModel),
      logits.upload(device, 'head'),
      layers.map((layer) => uploadLayer(device, config, layer)),
    );
  }

  tensors(length: number): SegmentTensors {
    const act = this.#activations;
    const config = this.#config;
    const { noteDim, nHeads } = config;
    const width = nHeads * noteDim;
    return {
      ...this.#blocks.tensors(length),
      scores: act.rows('scores', length, 1),
      gate: act.rows('gate', length, 1),
      notes: act.rows('notes', length, noteDim),
      sentence: (layer) =>
        this.#products.notes[layer]!.hasSentence ? act.rows('sentence', length, 1) : undefined,
      queries: (layer) =>
        act.rows('queries', length, hasCrossAttention(config, layer) ? 2 * width : width, 2 * width),
      reads: act.rows('reads', length, width),
      crossReads: act.rows('cross_reads', length, width),
    };
  }

  enter(tape: Tape, layer: number, t: SegmentTensors, reads: boolean): void {
    if (layer === 0) this.#blocks.embed(tape.recorder, this.embedding, t);
    else this.#addReads(tape, layer - 1, t, reads);
    this.#blocks.enter(tape.recorder, this.#layers[layer]!, t.entered, t);
  }

  select(tape: Tape, layer: number, t: SegmentTensors): void {
    this.#blocks.select(tape.recorder, this.#layers[layer]!, t);
  }

  note(tape: Tape, layer: number, t: SegmentTensors): void {
    const { note, noteBias } = this.#layers[layer]!;
    const { recorder } = tape;
    this.#blocks.leave(recorder, this.#layers[layer]!, { y: t.y, residual: t.entered, out: t.residual });
    const sentence = t.sentence(layer);
    this.#products.notes[layer]!.record(recorder, {
      ...{ x: t.residual, weight: note, bias: noteBias },
      ...{ notes: t.notes, queries: t.queries(layer), scores: t.scores, gate: t.gate },
      ...(sentence && { sentence }),
    });
  }

  leave(tape: Tape, t: SegmentTensors, reads: boolean): void {
    this.#addReads(tape, this.#config.nLayer - 1, t, reads);
  }

  head(tape: Tape, t: SegmentTensors, first: number, rows: number): GpuTensor {
    const { dModel, vocabSize } = this.#config;
    const x = this.#activations.headRows('head_rows', rows, dModel);
    const logits = this.#activations.headRows('logits', rows, padded(vocabSize));
    tape.recorder.copy(t.entered, first * dModel, x, 0, rows * dModel);
    this.#products.head.record(tape.recorder, { x, weight: this.#headMatrix, out: logits });
    return columns(logits, 0, vocabSize);
  }

  release(): Promise<void> {
    destroyTensors([
      this.embedding,
      this.#headMatrix,
      ...this.#layers.flatMap((layer) => Object.values(layer) as GpuTensor[]),
    ]);
    this.#activations.dispose();
    return Promise.resolve();
  }

  /** `residual` and the gated reads of `layer` → `entered`. */
  #addReads(tape: Tape, layer: number, t: SegmentTensors, reads: boolean): void {
    const { recorder } = tape;
    const { dModel } = this.#config;
    if (!reads) {
      recorder.copy(t.residual, 0, t.entered, 0, t.length * dModel);
      return;
    }
    const { tokenOut, crossOut } = this.#layers[layer]!;
    let residual = t.residual;
    if (crossOut) {
      const crossed = this.#activations.rows('crossed', t.length, dModel);
      this.#products.crossOut.record(recorder, { x: t.crossReads, weight: crossOut, residual, out: crossed });
      residual = crossed;
    }
    this.#products.tokenOut.record(recorder, {
      ...{ x: t.reads, weight: tokenOut, gate: t.gate, residual, out: t.entered },
    });
  }
}

function uploadLayer(device: GPUDevice, config: MemMambaConfig, weights: LayerWeights): LayerMatrices {
  const { dModel, noteDim, nHeads } = config;
  const width = nHeads * noteDim;
  const queries = weights.queryProj.length / dModel;
  const note = matrix(dModel, noteDim + queries + 4);
  note.put(weights.noteProj, 2 + noteDim, 2, noteDim, 0, weights.noteNorm);
  note.put(weights.queryProj, queries, 0, queries, noteDim, weights.noteNorm);
  note.put(weights.noteProj, 2 + noteDim, 0, 2, noteDim + queries, weights.noteNorm);
  if (weights.sentence) note.put(weights.sentence, 1, 0, 1, noteDim + queries + 2, weights.noteNorm);
  const upload = (name: string, data: Float32Array, ...shape: number[]): GpuTensor =>
    uploadWeight(device, name, data, ...shape);
  return {
    ...uploadBlock(device, config, weights),
    note: note.upload(device, 'note'),
    noteBias: upload('note bias', Float32Array.of(weights.scoreBias[0]!, weights.gateBias[0]!), 2),
    tokenOut: upload('token_out', weights.tokenOut, width, dModel),
    ...(weights.crossOut && { crossOut: upload('cross_out', weights.crossOut, width, dModel) }),
  };
}
