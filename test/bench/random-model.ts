import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { graphNames, hasCrossAttention, type GraphName } from '../../models/memmamba/dense.js';
import { parseConfig } from '../../models/memmamba/parse-config.js';
import type { LayerWeights, MemMambaModel } from '../../models/memmamba/weights.js';
import { Random } from '../kernels/support/random.js';

/**
 * A model of the shape that `folder`/config.json states, with the graphs beside it and random weights: what a
 * trained model of that shape costs to run, before there is one. Variances keep activations near one; Δ starts
 * in [0.001, 0.1], as Mamba initialises it, so that states decay as in a trained model.
 */
export async function randomModel(folder: string, seed = 1): Promise<MemMambaModel> {
  const config = parseConfig(JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8')));
  const { nLayer, dModel, dInner, dState, dConv, dtRank, vocabSize, noteDim, nHeads } = config;
  const random = new Random(seed);
  const matrix = (rows: number, columns: number): Float32Array => {
    const bound = Math.sqrt(3 / rows);
    return random.uniform(rows * columns, -bound, bound);
  };
  const reads = nHeads * noteDim;
  const ones = (count: number): Float32Array => new Float32Array(count).fill(1);
  const graphs = new Map<GraphName, Uint8Array>();
  for (const name of graphNames(config)) {
    graphs.set(name, new Uint8Array(await readFile(path.join(folder, `graphs/${name}.onnx`))));
  }
  const layer = (index: number): LayerWeights => {
    const cross = hasCrossAttention(config, index);
    return {
      norm: ones(dModel),
      inX: matrix(dModel, dInner),
      inZ: matrix(dModel, dInner),
      convWeight: random.uniform(dInner * dConv, -0.5, 0.5),
      convBias: random.uniform(dInner, -0.5, 0.5),
      xProj: matrix(dInner, dtRank + 2 * dState),
      dtProj: matrix(dtRank, dInner),
      dtBias: random.uniform(dInner, -6.9, -2.3),
      a: Float32Array.from({ length: dInner * dState }, (_, i) => -1 - (i % dState)),
      d: ones(dInner),
      outProj: matrix(dInner, dModel),
      noteNorm: ones(dModel),
      noteProj: matrix(dModel, 2 + noteDim),
      scoreBias: new Float32Array(1),
      gateBias: new Float32Array(1).fill(1),
      queryProj: matrix(dModel, cross ? 2 * reads : reads),
      tokenOut: matrix(reads, dModel),
      crossOut: cross ? matrix(reads, dModel) : undefined,
    };
  };
  return {
    config,
    embedding: random.uniform(vocabSize * dModel, -1, 1),
    norm: ones(dModel),
    layers: Array.from({ length: nLayer }, (_, index) => layer(index)),
    retrieval: [],
    graphs,
  };
}
