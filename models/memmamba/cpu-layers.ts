import {
  FloatMatrix,
  Int8Matrix,
  panelWidth,
  reserveQuantizedRows,
  type PackedMatrix,
} from '../../kernels/simd/matrix.js';
import type { Address, SimdModule } from '../../kernels/simd/module.js';
import { byTap, interleave } from '../../kernels/simd/simd.js';
import type { MemMambaConfig } from './config.js';
import { hasCrossAttention } from './dense.js';
import type { LayerWeights, MemMambaModel } from './weights.js';

/** How the CPU engine keeps its matrices: as they are, or in eight bits. */
export type Precision = 'f32' | 'int8';

/** Widths of the CPU engine's arrays: as the model's, up to whole panels of the matrix kernels. */
export interface CpuWidths {
  /** Residual stream. */
  readonly model: number;
  /** Inner stream. */
  readonly inner: number;
  /** Low rank, B, C. */
  readonly projected: number;
  /** One head's reads, and those of all heads. */
  readonly head: number;
  readonly reads: number;
  /** Score, gate, note and the queries of both attentions. */
  readonly noted: number;
}

export function cpuWidths(config: MemMambaConfig): CpuWidths {
  const { dModel, dInner, dState, dtRank, noteDim, nHeads, crossLayerEvery } = config;
  const head = panelWidth(noteDim);
  const attentions = crossLayerEvery > 0 ? 2 : 1;
  return {
    model: panelWidth(dModel),
    inner: panelWidth(dInner),
    projected: panelWidth(dtRank + 2 * dState),
    head,
    reads: nHeads * head,
    noted: panelWidth(2 + noteDim + attentions * nHeads * noteDim),
  };
}

/**
 * The weights of one layer in the memory of the kernels. The weights of both norms stand in the matrices that
 * follow them: RMSNorm(x) W = x / rms(x) · (diag(w) W), so a norm is one factor a token.
 */
export interface CpuLayer {
  /** (dModel, [x | z]), each half as wide as the inner stream. */
  readonly enter: PackedMatrix;
  /** (dConv, inner), (inner). */
  readonly taps: Address;
  readonly convBias: Address;
  /** (dInner, dtRank + 2 dState). */
  readonly select: PackedMatrix;
  /** (dtRank, dInner) and its bias. */
  readonly step: PackedMatrix;
  readonly stepBias: Address;
  /** A log2 e, as the scan takes it; D (inner). */
  readonly rates: Address;
  readonly skip: Address;
  /** (dInner, dModel). */
  readonly out: PackedMatrix;
  /** (dModel, score, gate, note, queries) and its bias. */
  readonly note: PackedMatrix;
  readonly noteBias: Address;
  /** (reads, dModel). */
  readonly tokenOut: PackedMatrix;
  readonly crossOut: PackedMatrix | undefined;
}

export interface CpuWeights {
  readonly layers: readonly CpuLayer[];
  /** (dModel, vocabSize), the last norm included. */
  readonly head: PackedMatrix;
}

/** Packs a model's weights for segments of up to `length` tokens. */
export function packWeights(
  model: MemMambaModel,
  module: SimdModule,
  precision: Precision,
  length: number,
): CpuWeights {
  const { config } = model;
  const { dModel, dInner, vocabSize } = config;
  const widths = cpuWidths(config);
  const matrices = new Packer(module, precision, length, Math.max(dModel, dInner, widths.reads));
  return {
    layers: model.layers.map((weights, layer) =>
      packLayer(weights, config, widths, matrices, hasCrossAttention(config, layer)),
    ),
    head: matrices.matrix(headWeights(model), dModel, vocabSize),
  };
}

class Packer {
  private readonly scratch;

  constructor(
    readonly module: SimdModule,
    precision: Precision,
    length: number,
    largestRows: number,
  ) {
    this.scratch = precision === 'int8' ? reserveQuantizedRows(module, length, largestRows) : undefined;
  }

  matrix(weights: Float32Array, rows: number, columns: number): PackedMatrix {
    return this.scratch
      ? new Int8Matrix(this.module, this.scratch, weights, rows, columns)
      : new FloatMatrix(this.module, weights, rows, columns);
  }

  vector(values: Float32Array, width: number): Address {
    const padded = new Float32Array(width);
    padded.set(values);
    return this.module.put(padded);
  }
}

function packLayer(
  weights: LayerWeights,
  config: MemMambaConfig,
  widths: CpuWidths,
  packer: Packer,
  isCross: boolean,
): CpuLayer {
  const { dModel, dInner, dState, dConv, dtRank, noteDim, nHeads } = config;
  const { inner, head, reads } = widths;
  const queries = nHeads * noteDim * (isCross ? 2 : 1);
  const enter = new Float32Array(dModel * 2 * inner);
  const note = new Float32Array(dModel * (2 + noteDim + queries));
  for (let row = 0; row < dModel; row++) {
    const to = row * 2 * inner;
    enter.set(scaled(weights.inX, row, dInner, weights.norm[row]!), to);
    enter.set(scaled(weights.inZ, row, dInner, weights.norm[row]!), to + inner);
    const noteTo = row * (2 + noteDim + queries);
    note.set(scaled(weights.noteProj, row, 2 + noteDim, weights.noteNorm[row]!), noteTo);
    note.set(scaled(weights.queryProj, row, queries, weights.noteNorm[row]!), noteTo + 2 + noteDim);
  }
  /** (nHeads, noteDim, dModel) -> (nHeads, head, dModel): rows for the padding of each head's reads. */
  const readsOut = (out: Float32Array): PackedMatrix => {
    const padded = new Float32Array(reads * dModel);
    for (let h = 0; h < nHeads; h++) {
      padded.set(out.subarray(h * noteDim * dModel, (h + 1) * noteDim * dModel), h * head * dModel);
    }
    return packer.matrix(padded, reads, dModel);
  };
  const rates = new Float32Array(inner * dState);
  rates.set(weights.a);
  const { module } = packer;
  return {
    enter: packer.matrix(enter, dModel, 2 * inner),
    taps: module.put(byTap(weights.convWeight, new Float32Array(dConv * inner), dConv)),
    convBias: packer.vector(weights.convBias, inner),
    select: packer.matrix(weights.xProj, dInner, dtRank + 2 * dState),
    step: packer.matrix(weights.dtProj, dtRank, dInner),
    stepBias: packer.vector(weights.dtBias, inner),
    rates: module.put(interleave(rates, new Float32Array(inner * dState), dState, Math.LOG2E)),
    skip: packer.vector(weights.d, inner),
    out: packer.matrix(weights.outProj, dInner, dModel),
    note: packer.matrix(note, dModel, 2 + noteDim + queries),
    noteBias: packer.vector(Float32Array.of(weights.scoreBias[0]!, weights.gateBias[0]!), widths.noted),
    tokenOut: readsOut(weights.tokenOut),
    crossOut: weights.crossOut && readsOut(weights.crossOut),
  };
}

/** Row `row` of a matrix, times a factor. */
function scaled(matrix: Float32Array, row: number, columns: number, factor: number): Float32Array {
  return matrix.subarray(row * columns, (row + 1) * columns).map((value) => value * factor);
}

/** (vocabSize, dModel) -> (dModel, vocabSize), times the weights of the last norm. */
function headWeights({ config, embedding, norm }: MemMambaModel): Float32Array {
  const { dModel, vocabSize } = config;
  const out = new Float32Array(dModel * vocabSize);
  for (let token = 0; token < vocabSize; token++) {
    for (let i = 0; i < dModel; i++) {
      out[i * vocabSize + token] = embedding[token * dModel + i]! * norm[i]!;
    }
  }
  return out;
}
