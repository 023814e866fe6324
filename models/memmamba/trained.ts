import { dequantized, type Weights } from '../../kernels/simd/weights.js';
import type { MemMambaConfig } from './config.js';
import { hasCrossAttention } from './dense.js';
import { PASSAGE_DIMS, type PassageHead } from './passage-head.js';
import type { RetrievalHead } from './retrieval-head.js';
import type { SentenceHead } from './sentence-head.js';

/** Where tensors come from, by the names that PyTorch gave them: a file, a generator of random numbers. */
export interface TensorSource {
  readonly names: readonly string[];
  /** One tensor in f32. */
  take(name: string, ...shape: readonly number[]): Float32Array;
  /** A matrix (outputs, inputs) in f32 or in eight bits, as it lies there. */
  matrix(name: string, outputs: number, inputs: number): Weights;
}

/** A pool attention as trained. */
export interface TrainedAttention {
  /** (nHeads · headDim, dModel). */
  readonly q: Weights;
  /** (nHeads · headDim, noteDim). */
  readonly k: Float32Array;
  readonly v: Float32Array;
  /** (dModel, nHeads · headDim). */
  readonly o: Weights;
}

/** The Mamba block of a layer as trained; matrices are (out, in). */
export interface TrainedBlock {
  /** (dModel). */
  readonly norm: Float32Array;
  /** (2 dInner, dModel) what feeds the convolution, then what gates the scan. */
  readonly inProj: Weights;
  /** (dInner, dConv), last tap for the current token. */
  readonly convWeight: Float32Array;
  readonly convBias: Float32Array;
  /** (dtRank + 2 dState, dInner) δ, B, C. */
  readonly xProj: Weights;
  /** (dInner, dtRank). */
  readonly dtProj: Float32Array;
  readonly dtBias: Float32Array;
  /** (dInner, dState) A = -exp(A_log). */
  readonly a: Float32Array;
  /** (dInner). */
  readonly d: Float32Array;
  /** (dModel, dInner). */
  readonly outProj: Weights;
}

/** One layer's weights as trained. */
export interface TrainedLayer extends TrainedBlock {
  /** (dModel). */
  readonly noteNorm: Float32Array;
  /** (dModel), (1). */
  readonly score: Float32Array;
  readonly scoreBias: Float32Array;
  readonly gate: Float32Array;
  readonly gateBias: Float32Array;
  /** (noteDim, dModel). */
  readonly summary: Weights;
  /** In archive layers, where the model was trained with a sentence head. */
  readonly sentence: SentenceHead | undefined;
  readonly token: TrainedAttention;
  readonly cross: TrainedAttention | undefined;
}

/** All weights of a model as its file holds them. */
export interface TrainedWeights {
  /** (vocabSize, dModel), tied: rows are embeddings, and the head's weights. */
  readonly embedding: Weights;
  /** (dModel) of the last norm. */
  readonly norm: Float32Array;
  readonly layers: readonly TrainedLayer[];
  /** Where the model was trained with it. */
  readonly passages: PassageHead | undefined;
}

/**
 * Takes all weights of a model, each of the shape that {@link TrainedWeights} names.
 *
 * @throws {ModelFileError} if the file that `tensors` reads lacks a tensor or holds one of another shape
 */
export function trainedWeights(tensors: TensorSource, config: MemMambaConfig): TrainedWeights {
  const { vocabSize, dModel, nLayer } = config;
  return {
    embedding: tensors.matrix('embedding.weight', vocabSize, dModel),
    norm: tensors.take('norm.weight', dModel),
    layers: Array.from({ length: nLayer }, (_, layer) => trainedLayer(tensors, config, layer)),
    passages: hasPassageHead(tensors) ? passageHead(tensors, config) : undefined,
  };
}

function hasPassageHead({ names }: TensorSource): boolean {
  return names.some((name) => name.startsWith('passages.'));
}

function passageHead(tensors: TensorSource, { dModel }: MemMambaConfig): PassageHead {
  return {
    key: tensors.matrix('passages.key.weight', PASSAGE_DIMS, dModel),
    query: tensors.matrix('passages.query.weight', PASSAGE_DIMS, dModel),
    gate: tensors.take('passages.gate.weight', 1, dModel),
    gateBias: tensors.take('passages.gate.bias', 1)[0]!,
  };
}

/**
 * What is small in the Mamba block of a layer; an adapter has tensors of the same names.
 *
 * @throws {ModelFileError} as of {@link trainedWeights}
 */
export function smallTensors(
  tensors: TensorSource,
  { dModel, dInner, dState, dConv, dtRank }: MemMambaConfig,
  layer: number,
): Omit<TrainedBlock, 'inProj' | 'outProj'> {
  const take = (name: string, ...shape: number[]) => tensors.take(`layers.${layer}.${name}`, ...shape);
  return {
    norm: take('norm.weight', dModel),
    convWeight: take('conv1d.weight', dInner, dConv),
    convBias: take('conv1d.bias', dInner),
    xProj: tensors.matrix(`layers.${layer}.x_proj.weight`, dtRank + 2 * dState, dInner),
    dtProj: take('dt_proj.weight', dInner, dtRank),
    dtBias: take('dt_proj.bias', dInner),
    a: take('A_log', dInner, dState).map((value) => -Math.exp(value)),
    d: take('D', dInner),
  };
}

function trainedLayer(tensors: TensorSource, config: MemMambaConfig, layer: number): TrainedLayer {
  const { dModel, dInner, noteDim, nHeads, headDim } = config;
  const take = (name: string, ...shape: number[]) => tensors.take(`layers.${layer}.${name}`, ...shape);
  const matrix = (name: string, outputs: number, inputs: number) =>
    tensors.matrix(`layers.${layer}.${name}`, outputs, inputs);
  const width = nHeads * headDim;
  const attention = (name: string): TrainedAttention => ({
    q: matrix(`${name}.q.weight`, width, dModel),
    k: dequantized(matrix(`${name}.k.weight`, width, noteDim)).values,
    v: dequantized(matrix(`${name}.v.weight`, width, noteDim)).values,
    o: matrix(`${name}.o.weight`, dModel, width),
  });
  return {
    ...smallTensors(tensors, config, layer),
    inProj: matrix('in_proj.weight', 2 * dInner, dModel),
    outProj: matrix('out_proj.weight', dModel, dInner),
    noteNorm: take('note.norm.weight', dModel),
    score: take('note.score.weight', 1, dModel),
    scoreBias: take('note.score.bias', 1),
    gate: take('token_attention.gate.weight', 1, dModel),
    gateBias: take('token_attention.gate.bias', 1),
    summary: matrix('note.summary.weight', noteDim, dModel),
    sentence: hasSentenceHead(tensors, config, layer)
      ? { weight: take('sentence.weight', 1, dModel), bias: take('sentence.bias', 1)[0]! }
      : undefined,
    token: attention('token_attention'),
    cross: hasCrossAttention(config, layer) ? attention('layer_attention') : undefined,
  };
}

function hasSentenceHead(tensors: TensorSource, { archiveLayers }: MemMambaConfig, layer: number): boolean {
  return archiveLayers.includes(layer) && tensors.names.some((name) => name.includes('.sentence.'));
}

/**
 * The heads of the archive layers, or none where the model was trained without.
 *
 * @throws {ModelFileError} if the file that `tensors` reads lacks a tensor or holds one of another shape
 */
export function retrievalHeads(
  tensors: TensorSource,
  { archiveLayers, dModel, noteDim }: MemMambaConfig,
): RetrievalHead[] {
  if (!tensors.names.some((name) => name.includes('.retrieval.'))) return [];
  return archiveLayers.map((layer) => {
    const name = `layers.${layer}.retrieval`;
    return {
      query: tensors.take(`${name}.query.weight`, noteDim, dModel),
      key: tensors.take(`${name}.key.weight`, noteDim, noteDim),
      scale: Math.exp(tensors.take(`${name}.scale`, 1)[0]!),
    };
  });
}
