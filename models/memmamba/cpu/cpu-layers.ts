import {
  Int8Matrix,
  reserveQuantizedRows,
  type Planes,
  type QuantizedRows,
} from '../../../kernels/simd/int8-matrix.js';
import { FloatMatrix, panelWidth, type PackedMatrix } from '../../../kernels/simd/matrix.js';
import type { Address, SimdModule } from '../../../kernels/simd/module.js';
import { byTap, interleave } from '../../../kernels/simd/simd.js';
import {
  dequantized,
  padInputs,
  padOutputs,
  quantized,
  stacked,
  transpose,
  type Weights,
} from '../../../kernels/simd/weights.js';
import type { MemMambaConfig } from '../config.js';
import { PASSAGE_DIMS } from '../passage-head.js';
import { readerOutputs, READER_WIDTH } from '../reader-head.js';
import type { ReaderModel } from '../reader-model.js';
import type { TrainedAttention, TrainedBlock, TrainedLayer, TrainedWeights } from '../trained.js';
import type { MemMambaModel } from '../weights.js';

/** How the CPU engine keeps its large matrices: in f32, or in eight bits. */
export type Precision = 'f32' | 'int8';

/** Widths of the CPU engine's arrays: as the model's, up to whole panels of the matrix kernels. */
export interface CpuWidths {
  /** Residual stream. */
  readonly model: number;
  /** Inner stream. */
  readonly inner: number;
  /** Low rank, B, C. */
  readonly projected: number;
  /** One head's reads of the pools, and those of all heads. */
  readonly head: number;
  readonly reads: number;
  /** One head's trained query, or what is read of its values, and those of all heads. */
  readonly narrow: number;
  readonly heads: number;
  /** Queries of all heads in note space; a head's stand at its multiple of noteDim. */
  readonly queries: number;
  /** Where in `noted` the notes stand: behind score, gate and the sentence head's product. */
  readonly note: number;
  /** Where the trained queries of the token attention stand, and then those of the cross-layer attention. */
  readonly query: number;
  /** Score, gate, sentence, note and the trained queries of both attentions. */
  readonly noted: number;
}

/** The logits take what they multiply in 14 bits: they are few, and seven would cost more there than in all layers. */
const HEAD_PLANES = 2;

/** Columns of the product that stays in f32: score, gate, and what the sentence head has of the layer. */
const GATES = 3;
/** The last of them. */
export const SENTENCE_COLUMN = 2;

/** Widths of the CPU engine's arrays in elements, most of them up to a whole panel. */
export function cpuWidths(config: MemMambaConfig): CpuWidths {
  const { dModel, dInner, dState, dtRank, noteDim, nHeads, headDim, crossLayerEvery } = config;
  const head = panelWidth(noteDim);
  const narrow = panelWidth(headDim);
  const heads = nHeads * narrow;
  const note = panelWidth(GATES);
  const query = note + noteDim;
  return {
    model: panelWidth(dModel),
    inner: panelWidth(dInner),
    projected: panelWidth(dtRank + 2 * dState),
    head,
    reads: nHeads * head,
    narrow,
    heads,
    queries: panelWidth((nHeads - 1) * noteDim + head),
    note,
    query,
    noted: note + panelWidth(noteDim + (crossLayerEvery > 0 ? 2 : 1) * heads),
  };
}

/** A pool attention, each head by itself in note space, all heads together in the stream. */
export interface CpuAttention {
  /** Each head's (headDim, noteDim): trained query → W_kᵀ q / √headDim, which is compared with the notes themselves. */
  readonly keys: readonly PackedMatrix[];
  /** Each head's (noteDim, headDim): what is read of the notes → what is read of their values. */
  readonly values: readonly PackedMatrix[];
  /** (heads, dModel). */
  readonly out: PackedMatrix;
}

/**
 * The weights of a layer's Mamba block in the memory of the kernels. The weights of both norms are multiplied into the matrices that
 * follow them, or in eight bits into what these read: RMSNorm(x) W = x / rms(x) · (diag(w) W), so a norm is one factor a
 * token.
 */
export interface CpuBlock {
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
}

/** The weights of one layer, likewise. */
export interface CpuLayer extends CpuBlock {
  /** (dModel, score, gate and, where the layer has it, the sentence head's row) and the bias of the first two. */
  readonly gates: PackedMatrix;
  readonly gatesBias: Address;
  /** (dModel, note and trained queries). */
  readonly note: PackedMatrix;
  readonly token: CpuAttention;
  readonly cross: CpuAttention | undefined;
}

export interface CpuWeights {
  readonly layers: readonly CpuLayer[];
  /** (dModel, vocabSize), the last norm included. */
  readonly head: PackedMatrix;
  readonly passages: CpuPassageHead | undefined;
}

/** The passage head, the last norm included; in f32, since it is small. */
export interface CpuPassageHead {
  /** (dModel, parts and gate). */
  readonly key: PackedMatrix;
  readonly query: PackedMatrix;
  /** 0, and of the gate's column its bias. */
  readonly bias: Address;
}

/** The reader: its blocks, and its head in f32, the last norm included. */
export interface CpuReaderWeights {
  readonly blocks: readonly CpuBlock[];
  /** (dModel, dModel). */
  readonly mix: PackedMatrix;
  readonly mixBias: Address;
  /** (dModel, 260), see `readerOutputs`. */
  readonly outputs: PackedMatrix;
  readonly outputsBias: Address;
}

/**
 * What packs weights for segments of up to `length` tokens: the model's, and later its reader's.
 *
 * @param fused which instruction multiplies integers
 */
export function packerOf(
  config: MemMambaConfig,
  module: SimdModule,
  precision: Precision,
  length: number,
  fused: boolean,
): Packer {
  const largestRows = Math.max(config.dModel, config.dInner, cpuWidths(config).heads);
  return new Packer(
    module,
    precision === 'int8' ? reserveQuantizedRows(module, length, largestRows, fused) : undefined,
  );
}

/** @throws {RangeError} if the module's memory cannot grow by so much */
export function packWeights({ config, trained }: MemMambaModel, packer: Packer): CpuWeights {
  const widths = cpuWidths(config);
  return {
    layers: trained.layers.map((layer) => packLayer(layer, config, widths, packer)),
    head: packer.matrix(trained.embedding, trained.norm, HEAD_PLANES),
    passages: packPassages(trained, packer),
  };
}

/** @throws {RangeError} as of {@link packWeights} */
export function packReader({ config, blocks, norm, head }: ReaderModel, packer: Packer): CpuReaderWeights {
  const widths = cpuWidths(config);
  const { values, bias } = readerOutputs(head);
  return {
    blocks: blocks.map((block) => packBlock(block, config, widths, packer)),
    mix: packer.floats(dequantized(head.mix).values, norm.length, norm),
    mixBias: packer.vector(head.mixBias, panelWidth(norm.length)),
    outputs: packer.floats(values, READER_WIDTH),
    outputsBias: packer.vector(bias, panelWidth(READER_WIDTH)),
  };
}

function packPassages({ passages, norm }: TrainedWeights, packer: Packer): CpuPassageHead | undefined {
  if (!passages) return undefined;
  const gate = { outputs: 1, inputs: norm.length, values: passages.gate };
  const gated = (weights: Weights) => {
    const values = dequantized(stacked([weights, gate])).values;
    return packer.floats(values, PASSAGE_DIMS + 1, norm);
  };
  const bias = new Float32Array(PASSAGE_DIMS + 1);
  bias[PASSAGE_DIMS] = passages.gateBias;
  return {
    key: gated(passages.key),
    query: gated(passages.query),
    bias: packer.vector(bias, panelWidth(bias.length)),
  };
}

/** Brings weights into the memory of the kernels. */
export class Packer {
  readonly #scratch: QuantizedRows | undefined;

  /** @param scratch in eight bits, what the products share */
  constructor(
    readonly module: SimdModule,
    scratch: QuantizedRows | undefined,
  ) {
    this.#scratch = scratch;
  }

  /** A matrix in the engine's precision, behind a norm or not. */
  matrix(weights: Weights, norm?: Float32Array, planes: Planes = 1): PackedMatrix {
    return this.#scratch
      ? new Int8Matrix(this.module, this.#scratch, planes, quantized(weights), norm)
      : this.floats(dequantized(weights).values, weights.outputs, norm);
  }

  /** A matrix that stays in f32: small ones gain nothing from eight bits. */
  floats(values: Float32Array, outputs: number, norm?: Float32Array): PackedMatrix {
    return new FloatMatrix(this.module, { outputs, inputs: values.length / outputs, values }, norm);
  }

  vector(values: Float32Array, width: number): Address {
    const padded = new Float32Array(width);
    padded.set(values);
    return this.module.put(padded);
  }
}

function packBlock(block: TrainedBlock, config: MemMambaConfig, widths: CpuWidths, packer: Packer): CpuBlock {
  const { dInner, dState, dConv } = config;
  const { inner } = widths;
  const { module } = packer;
  const rates = new Float32Array(inner * dState);
  rates.set(block.a);
  return {
    enter: packer.matrix(padOutputs(block.inProj, dInner, inner), block.norm),
    taps: module.put(byTap(block.convWeight, new Float32Array(dConv * inner), dConv)),
    convBias: packer.vector(block.convBias, inner),
    select: packer.matrix(block.xProj),
    step: packer.floats(block.dtProj, dInner),
    stepBias: packer.vector(block.dtBias, inner),
    rates: module.put(interleave(rates, new Float32Array(inner * dState), dState, Math.LOG2E)),
    skip: packer.vector(block.d, inner),
    out: packer.matrix(block.outProj),
  };
}

function packLayer(layer: TrainedLayer, config: MemMambaConfig, widths: CpuWidths, packer: Packer): CpuLayer {
  const { headDim } = config;
  const { narrow } = widths;
  const gates = [layer.score, layer.gate, ...(layer.sentence ? [layer.sentence.weight] : [])];
  const queries = [layer.token, ...(layer.cross ? [layer.cross] : [])].map(({ q }) =>
    padOutputs(q, headDim, narrow),
  );
  return {
    ...packBlock(layer, config, widths, packer),
    gates: packer.floats(joined(gates), gates.length, layer.noteNorm),
    gatesBias: packer.vector(Float32Array.of(layer.scoreBias[0]!, layer.gateBias[0]!), panelWidth(GATES)),
    note: packer.matrix(stacked([layer.summary, ...queries]), layer.noteNorm),
    token: packAttention(layer.token, config, widths, packer),
    cross: layer.cross && packAttention(layer.cross, config, widths, packer),
  };
}

/** Vectors one behind the other. */
function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

function packAttention(
  { k, v, o }: TrainedAttention,
  { nHeads, headDim, noteDim }: MemMambaConfig,
  { narrow }: CpuWidths,
  packer: Packer,
): CpuAttention {
  const scale = 1 / Math.sqrt(headDim);
  const heads = Array.from({ length: nHeads }, (_, head) => head * headDim * noteDim);
  const size = headDim * noteDim;
  return {
    // (headDim, noteDim) as trained; the product's outputs are the dimensions of a note.
    keys: heads.map((at) =>
      packer.floats(
        transpose(k.subarray(at, at + size), headDim, noteDim).map((value) => value * scale),
        noteDim,
      ),
    ),
    values: heads.map((at) => packer.floats(v.subarray(at, at + size), headDim)),
    out: packer.matrix(padInputs(o, headDim, narrow)),
  };
}
