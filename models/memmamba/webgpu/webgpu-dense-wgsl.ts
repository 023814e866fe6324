import type { Gpu } from '../../../kernels/gpu/device.js';
import { columns, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import { GatherRows } from '../../../kernels/linear/gather-rows.js';
import { Linear } from '../../../kernels/linear/linear.js';
import { NoteLinear } from '../../../kernels/linear/note-linear.js';
import type { MemMambaConfig } from '../config.js';
import { hasCrossAttention } from '../dense.js';
import { Activations, destroyTensors, HEAD_ROWS, uploadWeight } from './gpu-buffers.js';
import type { GpuDense, SegmentTensors, Tape } from './webgpu-dense.js';
import type { LayerWeights, MemMambaModel } from '../weights.js';

/** Whether all widths are whole vectors, as our projections need them. */
export function suitsWgsl({ dModel, dInner, noteDim }: MemMambaConfig): boolean {
  return [dModel, dInner, noteDim].every((width) => width % 4 === 0);
}

interface Products {
  readonly embed: GatherRows;
  readonly inProj: Linear;
  readonly xProj: Linear;
  readonly dtProj: Linear;
  readonly outProj: Linear;
  /** By layer. */
  readonly notes: readonly NoteLinear[];
  readonly tokenOut: Linear;
  readonly crossOut: Linear;
  readonly head: Linear;
}

/** One layer's matrices in the form that the products take. */
interface LayerMatrices {
  /** (dModel, 2 dInner) both halves of in_proj, the norm folded in. */
  readonly inProj: GpuTensor;
  /** (dInner, width of `projected`). */
  readonly xProj: GpuTensor;
  /** (dtRank padded, dInner). */
  readonly dtProj: GpuTensor;
  readonly dtBias: GpuTensor;
  readonly outProj: GpuTensor;
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
  readonly name = 'wgsl';
  readonly softplus = true;

  private constructor(
    private readonly config: MemMambaConfig,
    private readonly products: Products,
    private readonly activations: Activations,
    private readonly embedding: GpuTensor,
    /** (dModel, vocabSize padded) the head, its norm folded in. */
    private readonly headMatrix: GpuTensor,
    private readonly layers: readonly LayerMatrices[],
  ) {}

  static async create(
    gpu: Gpu,
    { config, embedding, norm, layers }: MemMambaModel,
    segmentLength: number,
  ): Promise<WgslDense> {
    const { dModel, dInner, vocabSize, noteDim, nHeads, normEps } = config;
    const width = nHeads * noteDim;
    const { rank, projected } = widths(config);
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
    const [embed, inProj, xProj, dtProj, outProj, notes, tokenOut, crossOut, head] = await Promise.all([
      GatherRows.create(gpu),
      linear(dModel, 2 * dInner, { normEps }),
      linear(dInner, projected),
      linear(rank, dInner, { bias: true, softplus: true }),
      linear(dInner, dModel, { residual: true }),
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
      { embed, inProj, xProj, dtProj, outProj, notes, tokenOut, crossOut, head },
      new Activations(device, segmentLength),
      uploadWeight(device, 'embedding', embedding, vocabSize, dModel),
      logits.upload(device, 'head'),
      layers.map((layer) => uploadLayer(device, config, layer)),
    );
  }

  tensors(length: number): SegmentTensors {
    const { activations: act, config } = this;
    const { dModel, dInner, dState, noteDim, nHeads } = config;
    const { rank } = widths(config);
    const width = nHeads * noteDim;
    const inner = this.inner(length);
    const projected = this.projected(length);
    return {
      length,
      tokens: act.tokens(length),
      entered: act.rows('entered', length, dModel),
      residual: act.rows('residual', length, dModel),
      convIn: columns(inner, 0, dInner),
      z: columns(inner, dInner, dInner),
      u: act.rows('u', length, dInner),
      delta: act.rows('delta', length, dInner),
      b: columns(projected, rank, dState),
      c: columns(projected, rank + dState, dState),
      y: act.rows('y', length, dInner),
      scores: act.rows('scores', length, 1),
      gate: act.rows('gate', length, 1),
      notes: act.rows('notes', length, noteDim),
      sentence: (layer) =>
        this.products.notes[layer]!.hasSentence ? act.rows('sentence', length, 1) : undefined,
      queries: (layer) =>
        act.rows('queries', length, hasCrossAttention(config, layer) ? 2 * width : width, 2 * width),
      reads: act.rows('reads', length, width),
      crossReads: act.rows('cross_reads', length, width),
    };
  }

  enter(tape: Tape, layer: number, t: SegmentTensors, reads: boolean): void {
    const { embed, inProj } = this.products;
    if (layer === 0) {
      embed.record(tape.recorder, { tokens: t.tokens, table: this.embedding, out: t.entered });
    } else {
      this.addReads(tape, layer - 1, t, reads);
    }
    const weight = this.layers[layer]!.inProj;
    inProj.record(tape.recorder, { x: t.entered, weight, out: this.inner(t.length) });
  }

  select(tape: Tape, layer: number, t: SegmentTensors): void {
    const { xProj, dtProj, dtBias } = this.layers[layer]!;
    const projected = this.projected(t.length);
    this.products.xProj.record(tape.recorder, { x: t.u, weight: xProj, out: projected });
    const lowRank = columns(projected, 0, widths(this.config).rank);
    this.products.dtProj.record(tape.recorder, { x: lowRank, weight: dtProj, bias: dtBias, out: t.delta });
  }

  note(tape: Tape, layer: number, t: SegmentTensors): void {
    const { outProj, note, noteBias } = this.layers[layer]!;
    const { recorder } = tape;
    this.products.outProj.record(recorder, {
      ...{ x: t.y, weight: outProj, residual: t.entered, out: t.residual },
    });
    const sentence = t.sentence(layer);
    this.products.notes[layer]!.record(recorder, {
      ...{ x: t.residual, weight: note, bias: noteBias },
      ...{ notes: t.notes, queries: t.queries(layer), scores: t.scores, gate: t.gate },
      ...(sentence && { sentence }),
    });
  }

  leave(tape: Tape, t: SegmentTensors, reads: boolean): void {
    this.addReads(tape, this.config.nLayer - 1, t, reads);
  }

  head(tape: Tape, t: SegmentTensors, first: number, rows: number): GpuTensor {
    const { dModel, vocabSize } = this.config;
    const x = this.activations.headRows('head_rows', rows, dModel);
    const logits = this.activations.headRows('logits', rows, padded(vocabSize));
    tape.recorder.copy(t.entered, first * dModel, x, 0, rows * dModel);
    this.products.head.record(tape.recorder, { x, weight: this.headMatrix, out: logits });
    return columns(logits, 0, vocabSize);
  }

  release(): Promise<void> {
    destroyTensors([
      this.embedding,
      this.headMatrix,
      ...this.layers.flatMap((layer) => Object.values(layer) as GpuTensor[]),
    ]);
    this.activations.dispose();
    return Promise.resolve();
  }

  /** `residual` and the gated reads of `layer` → `entered`. */
  private addReads(tape: Tape, layer: number, t: SegmentTensors, reads: boolean): void {
    const { recorder } = tape;
    const { dModel } = this.config;
    if (!reads) {
      recorder.copy(t.residual, 0, t.entered, 0, t.length * dModel);
      return;
    }
    const { tokenOut, crossOut } = this.layers[layer]!;
    let residual = t.residual;
    if (crossOut) {
      const crossed = this.activations.rows('crossed', t.length, dModel);
      this.products.crossOut.record(recorder, { x: t.crossReads, weight: crossOut, residual, out: crossed });
      residual = crossed;
    }
    this.products.tokenOut.record(recorder, {
      ...{ x: t.reads, weight: tokenOut, gate: t.gate, residual, out: t.entered },
    });
  }

  /** (L, 2 dInner) both halves of the input projection. */
  private inner(length: number): GpuTensor {
    return this.activations.rows('inner', length, 2 * this.config.dInner);
  }

  /** (L, …) low rank of Δ, then B, then C. */
  private projected(length: number): GpuTensor {
    return this.activations.rows('projected', length, widths(this.config).projected);
  }
}

/** The next multiple of 4: our products read and write whole vectors. */
function padded(count: number): number {
  return 4 * Math.ceil(count / 4);
}

/** Columns of the selection's projection: the low rank of Δ padded, then B and C, padded in all. */
function widths({ dtRank, dState }: MemMambaConfig): { readonly rank: number; readonly projected: number } {
  const rank = padded(dtRank);
  return { rank, projected: padded(rank + 2 * dState) };
}

function uploadLayer(device: GPUDevice, config: MemMambaConfig, weights: LayerWeights): LayerMatrices {
  const { dModel, dInner, dState, dtRank, noteDim, nHeads } = config;
  const { rank, projected } = widths(config);
  const width = nHeads * noteDim;
  const inProj = matrix(dModel, 2 * dInner);
  inProj.put(weights.inX, dInner, 0, dInner, 0, weights.norm);
  inProj.put(weights.inZ, dInner, 0, dInner, dInner, weights.norm);
  const xProj = matrix(dInner, projected);
  xProj.put(weights.xProj, dtRank + 2 * dState, 0, dtRank, 0);
  xProj.put(weights.xProj, dtRank + 2 * dState, dtRank, 2 * dState, rank);
  const dtProj = matrix(rank, dInner);
  dtProj.put(weights.dtProj, dInner, 0, dInner, 0);
  const queries = weights.queryProj.length / dModel;
  const note = matrix(dModel, noteDim + queries + 4);
  note.put(weights.noteProj, 2 + noteDim, 2, noteDim, 0, weights.noteNorm);
  note.put(weights.queryProj, queries, 0, queries, noteDim, weights.noteNorm);
  note.put(weights.noteProj, 2 + noteDim, 0, 2, noteDim + queries, weights.noteNorm);
  if (weights.sentence) note.put(weights.sentence, 1, 0, 1, noteDim + queries + 2, weights.noteNorm);
  const upload = (name: string, data: Float32Array, ...shape: number[]): GpuTensor =>
    uploadWeight(device, name, data, ...shape);
  return {
    inProj: inProj.upload(device, 'in_proj'),
    xProj: xProj.upload(device, 'x_proj'),
    dtProj: dtProj.upload(device, 'dt_proj'),
    dtBias: upload('dt_bias', weights.dtBias, dInner),
    outProj: upload('out_proj', weights.outProj, dInner, dModel),
    note: note.upload(device, 'note'),
    noteBias: upload('note bias', Float32Array.of(weights.scoreBias[0]!, weights.gateBias[0]!), 2),
    tokenOut: upload('token_out', weights.tokenOut, width, dModel),
    ...(weights.crossOut && { crossOut: upload('cross_out', weights.crossOut, width, dModel) }),
  };
}

/** A matrix that is put together of columns of others and then uploaded. */
function matrix(rows: number, width: number) {
  const data = new Float32Array(rows * width);
  return {
    set: (row: number, column: number, value: number): void => {
      data[row * width + column] = value;
    },
    /** Copies `count` columns of a matrix of `stride` columns, each row times `factor`. */
    put: (
      from: Float32Array,
      stride: number,
      first: number,
      count: number,
      to: number,
      factor?: Float32Array,
    ): void => {
      for (let row = 0; row < from.length / stride; row++) {
        for (let i = 0; i < count; i++) {
          data[row * width + to + i] = from[row * stride + first + i]! * (factor?.[row] ?? 1);
        }
      }
    },
    upload: (device: GPUDevice, name: string): GpuTensor => uploadWeight(device, name, data, rows, width),
  };
}
