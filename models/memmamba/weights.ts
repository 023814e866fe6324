import type { MemMambaConfig } from './config.js';
import { graphNames, hasCrossAttention, type GraphName } from './dense.js';
import { VerifiedFiles, type ModelFiles } from './files.js';
import { foldAttention, type FoldedAttention } from './fold-attention.js';
import { parseConfig } from './parse-config.js';
import type { RetrievalHead } from './retrieval-head.js';
import { Safetensors } from './safetensors.js';

export type { ModelFiles } from './files.js';

/** Weights of one layer in the form that the graphs and kernels take; matrices are (in, out). */
export interface LayerWeights {
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
  /** (dModel). */
  readonly noteNorm: Float32Array;
  /** (dModel, 2 + noteDim), columns score, gate, note. */
  readonly noteProj: Float32Array;
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
  /** (vocabSize, dModel), tied: rows are embeddings, and the head's weights. */
  readonly embedding: Float32Array;
  /** (dModel) of the last norm. */
  readonly norm: Float32Array;
  readonly layers: readonly LayerWeights[];
  /** A head for each archive layer, in their order, where the model was trained with them; else none. */
  readonly retrieval: readonly RetrievalHead[];
  /** The dense segments as ONNX models. */
  readonly graphs: ReadonlyMap<GraphName, Uint8Array>;
}

/**
 * Loads `config.json`, `model.safetensors` and `graphs/*.onnx`; every file is checked against
 * `checksums.json` and every tensor's shape against the configuration. f16 weights become f32, and the two
 * attentions are folded ({@link foldAttention}).
 *
 * @throws {ModelFileError} naming the file, what is wrong with it and what to do.
 */
export async function loadModel(source: ModelFiles): Promise<MemMambaModel> {
  const files = await VerifiedFiles.open(source);
  const config = parseConfig(await files.readJson('config.json'));
  const graphs = new Map<GraphName, Uint8Array>();
  for (const name of graphNames(config)) graphs.set(name, await files.read(`graphs/${name}.onnx`));
  const name = 'model.safetensors';
  const tensors = new Safetensors(await files.read(name), name);
  const { vocabSize, dModel, nLayer } = config;
  return {
    config,
    embedding: tensors.take('embedding.weight', vocabSize, dModel),
    norm: tensors.take('norm.weight', dModel),
    layers: Array.from({ length: nLayer }, (_, layer) => layerWeights(tensors, config, layer)),
    retrieval: retrievalHeads(tensors, config),
    graphs,
  };
}

function retrievalHeads(
  tensors: Safetensors,
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

function layerWeights(tensors: Safetensors, config: MemMambaConfig, layer: number): LayerWeights {
  const { dModel, dInner, dState, dConv, dtRank, noteDim, nHeads, headDim } = config;
  const take = (name: string, ...shape: number[]) => tensors.take(`layers.${layer}.${name}`, ...shape);
  const width = nHeads * headDim;
  const attention = (name: string): FoldedAttention =>
    foldAttention(
      {
        q: take(`${name}.q.weight`, width, dModel),
        k: take(`${name}.k.weight`, width, noteDim),
        v: take(`${name}.v.weight`, width, noteDim),
        o: take(`${name}.o.weight`, dModel, width),
      },
      config,
    );

  const inProj = take('in_proj.weight', 2 * dInner, dModel);
  const token = attention('token_attention');
  const cross = hasCrossAttention(config, layer) ? attention('layer_attention') : undefined;
  const queries = nHeads * noteDim;
  return {
    norm: take('norm.weight', dModel),
    inX: transpose(inProj.subarray(0, dInner * dModel), dInner, dModel),
    inZ: transpose(inProj.subarray(dInner * dModel), dInner, dModel),
    convWeight: take('conv1d.weight', dInner, dConv),
    convBias: take('conv1d.bias', dInner),
    xProj: transpose(take('x_proj.weight', dtRank + 2 * dState, dInner), dtRank + 2 * dState, dInner),
    dtProj: transpose(take('dt_proj.weight', dInner, dtRank), dInner, dtRank),
    dtBias: take('dt_proj.bias', dInner),
    a: take('A_log', dInner, dState).map((value) => -Math.exp(value)),
    d: take('D', dInner),
    outProj: transpose(take('out_proj.weight', dModel, dInner), dModel, dInner),
    noteNorm: take('note.norm.weight', dModel),
    noteProj: joinColumns(dModel, [
      [take('note.score.weight', 1, dModel), 1],
      [take('token_attention.gate.weight', 1, dModel), 1],
      [transpose(take('note.summary.weight', noteDim, dModel), noteDim, dModel), noteDim],
    ]),
    scoreBias: take('note.score.bias', 1),
    gateBias: take('token_attention.gate.bias', 1),
    queryProj: joinColumns(dModel, [
      [token.query, queries],
      ...(cross ? ([[cross.query, queries]] as const) : []),
    ]),
    tokenOut: token.out,
    crossOut: cross?.out,
  };
}

/** (rows, columns) -> (columns, rows). */
function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = matrix[row * columns + column]!;
  }
  return out;
}

/** Sets matrices of the same number of rows side by side; each comes with its number of columns. */
function joinColumns(rows: number, parts: readonly (readonly [Float32Array, number])[]): Float32Array {
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
