import { dequantized, someOutputs, transpose, type Weights } from '../../kernels/simd/weights.js';
import { CALIBRATION_FILE, parseCalibration, UNCALIBRATED, type Calibration } from './calibration.js';
import type { MemMambaConfig } from './config.js';
import { graphNames, type GraphName } from './dense.js';
import { VerifiedFiles, type ModelFiles } from './files.js';
import { foldAttention, type FoldedAttention } from './fold-attention.js';
import { parseConfig } from './parse-config.js';
import { mergeReader, type AdapterSource, type ReaderModel } from './reader-model.js';
import type { RetrievalHead } from './retrieval-head.js';
import { Safetensors } from './safetensors.js';
import type { SentenceHead } from './sentence-head.js';
import {
  retrievalHeads,
  trainedWeights,
  type TensorSource,
  type TrainedAttention,
  type TrainedBlock,
  type TrainedLayer,
  type TrainedWeights,
} from './trained.js';

export type { ModelFiles } from './files.js';

/** The reader beside a model, where it has one. */
const READER = 'reader.safetensors';

/** The Mamba block of a layer in f32 in the form that the graphs and the GPU's kernels take; matrices are (in, out). */
export interface BlockWeights {
  /** (dModel). */
  readonly norm: Float32Array;
  /** (dModel, dInner) the half of in_proj that feeds the convolution. */
  readonly inX: Float32Array;
  /** (dModel, dInner) the half of in_proj that gates the scan. */
  readonly inZ: Float32Array;
  /** (dInner, dConv), last tap for the current token. */
  readonly convWeight: Float32Array;
  /** (dInner). */
  readonly convBias: Float32Array;
  /** (dInner, dtRank + 2 dState), columns δ, B, C. */
  readonly xProj: Float32Array;
  /** (dtRank, dInner). */
  readonly dtProj: Float32Array;
  /** (dInner). */
  readonly dtBias: Float32Array;
  /** (dInner, dState) A = -exp(A_log). */
  readonly a: Float32Array;
  /** (dInner). */
  readonly d: Float32Array;
  /** (dInner, dModel). */
  readonly outProj: Float32Array;
}

/** Weights of one layer in that form. */
export interface LayerWeights extends BlockWeights {
  /** (dModel). */
  readonly noteNorm: Float32Array;
  /** (dModel, 2 + noteDim), columns score, gate, note. */
  readonly noteProj: Float32Array;
  /** (dModel) of the sentence head, in archive layers of a model that has one. */
  readonly sentence: Float32Array | undefined;
  /** (1). */
  readonly scoreBias: Float32Array;
  /** (1). */
  readonly gateBias: Float32Array;
  /** (dModel, nHeads noteDim), columns q̃; twice as wide where cross-layer, with q̃' behind. */
  readonly queryProj: Float32Array;
  /** (nHeads noteDim, dModel). */
  readonly tokenOut: Float32Array;
  /** (nHeads noteDim, dModel), only in layers with cross-layer attention. */
  readonly crossOut: Float32Array | undefined;
}

export interface MemMambaModel {
  readonly config: MemMambaConfig;
  /** As the file holds them; the CPU engines pack these. */
  readonly trained: TrainedWeights;
  /** (vocabSize, dModel) in f32, made when first asked for. */
  readonly embedding: Float32Array;
  /** (dModel) of the last norm. */
  readonly norm: Float32Array;
  /** In f32, as the GPU takes them, made when first asked for. */
  readonly layers: readonly LayerWeights[];
  /** A head for each archive layer, in their order, where the model was trained with them; else none. */
  readonly retrieval: readonly RetrievalHead[];
  /** The sentence head's part for each archive layer, in their order, where the model was trained with it; else none. */
  readonly sentence: readonly SentenceHead[];
  /** The dense segments as ONNX models. */
  readonly graphs: ReadonlyMap<GraphName, Uint8Array>;
  /** Reads the reader's file and merges it into the model's weights, at each call; undefined where there is none. */
  readonly reader: (() => Promise<ReaderModel>) | undefined;
  readonly calibration: Calibration;
}

/**
 * Loads `config.json`, `model.safetensors` and `graphs/*.onnx`; every file is checked against
 * `checksums.json` and every tensor's shape against the configuration. f16 weights become f32; those in eight bits
 * stay so until an engine asks for more.
 *
 * @throws {ModelFileError} naming the file, what is wrong with it and what to do.
 */
export async function loadModel(source: ModelFiles): Promise<MemMambaModel> {
  const files = await VerifiedFiles.open(source);
  const config = parseConfig(await files.readJson('config.json'));
  const graphs = new Map<GraphName, Uint8Array>();
  for (const name of graphNames(config)) graphs.set(name, await files.read(`graphs/${name}.onnx`));
  const name = 'model.safetensors';
  const adapter = async () => new Safetensors(await files.read(READER), READER);
  const tensors = new Safetensors(await files.read(name), name);
  return modelOf(config, tensors, graphs, {
    ...(files.has(READER) && { adapter }),
    ...(files.has(CALIBRATION_FILE) && {
      calibration: parseCalibration(await files.readJson(CALIBRATION_FILE)),
    }),
  });
}

/**
 * Puts a model together from its tensors.
 *
 * @param beside the tensors of the reader's adapter, and what was fitted, where there is such
 * @throws {ModelFileError} if the file that `tensors` reads lacks a tensor or holds one of another shape
 */
export function modelOf(
  config: MemMambaConfig,
  tensors: TensorSource,
  graphs: ReadonlyMap<GraphName, Uint8Array>,
  beside: {
    readonly adapter?: () => Promise<AdapterSource>;
    readonly calibration?: Calibration;
  } = {},
): MemMambaModel {
  const { adapter, calibration = UNCALIBRATED } = beside;
  const trained = trainedWeights(tensors, config);
  let embedding: Float32Array | undefined;
  let layers: readonly LayerWeights[] | undefined;
  return {
    config,
    trained,
    norm: trained.norm,
    get embedding() {
      return (embedding ??= dequantized(trained.embedding).values);
    },
    get layers() {
      return (layers ??= trained.layers.map((layer) => layerWeights(layer, config)));
    },
    retrieval: retrievalHeads(tensors, config),
    sentence: config.archiveLayers.flatMap((layer) => trained.layers[layer]!.sentence ?? []),
    graphs,
    calibration,
    reader: adapter && (async () => mergeReader({ config, trained }, await adapter())),
  };
}

/** Transposes the matrices of a Mamba block. */
export function blockWeights(trained: TrainedBlock, { dInner, dtRank }: MemMambaConfig): BlockWeights {
  const { norm, convWeight, convBias, dtBias, a, d } = trained;
  return {
    norm,
    inX: transposed(someOutputs(trained.inProj, 0, dInner)),
    inZ: transposed(someOutputs(trained.inProj, dInner, 2 * dInner)),
    convWeight,
    convBias,
    xProj: transposed(trained.xProj),
    dtProj: transpose(trained.dtProj, dInner, dtRank),
    dtBias,
    a,
    d,
    outProj: transposed(trained.outProj),
  };
}

/** Transposes matrices and folds the two attentions ({@link foldAttention}). */
function layerWeights(trained: TrainedLayer, config: MemMambaConfig): LayerWeights {
  const { dModel, noteDim, nHeads } = config;
  const attention = ({ q, k, v, o }: TrainedAttention): FoldedAttention =>
    foldAttention({ q: dequantized(q).values, k, v, o: dequantized(o).values }, config);
  const { noteNorm, scoreBias, gateBias } = trained;
  const token = attention(trained.token);
  const cross = trained.cross && attention(trained.cross);
  const queries = nHeads * noteDim;
  return {
    ...blockWeights(trained, config),
    noteNorm,
    noteProj: joinColumns(dModel, [
      [trained.score, 1],
      [trained.gate, 1],
      [transposed(trained.summary), noteDim],
    ]),
    sentence: trained.sentence?.weight,
    scoreBias,
    gateBias,
    queryProj: joinColumns(dModel, [
      [token.query, queries],
      ...(cross ? ([[cross.query, queries]] as const) : []),
    ]),
    tokenOut: token.out,
    crossOut: cross?.out,
  };
}

/** (outputs, inputs) -> (inputs, outputs), in f32. */
function transposed(weights: Weights): Float32Array {
  return transpose(dequantized(weights).values, weights.outputs, weights.inputs);
}

/** Sets matrices of the same number of rows side by side; each comes with its number of columns. */
export function joinColumns(rows: number, parts: readonly (readonly [Float32Array, number])[]): Float32Array {
  const width = parts.reduce((sum, [, columns]) => sum + columns, 0);
  const out = new Float32Array(rows * width);
  let start = 0;
  for (const [data, columns] of parts) {
    for (let row = 0; row < rows; row++) {
      out.set(data.subarray(row * columns, (row + 1) * columns), row * width + start);
    }
    start += columns;
  }
  return out;
}
