import { dequantized, type FloatWeights, type Weights } from '../../kernels/simd/weights.js';
import { nextTurn } from '../scheduling/next-turn.js';
import type { MemMambaConfig } from './config.js';
import { READER_DIMS, type ReaderHead, type Row } from './reader-head.js';
import { smallTensors, type TensorSource, type TrainedBlock, type TrainedWeights } from './trained.js';

/** Where an adapter's tensors come from: their shapes tell its rank. */
export interface AdapterSource extends TensorSource {
  shapeOf(name: string): readonly number[];
}

/**
 * The model as a reader: the Mamba blocks with an adapter merged into them, and the reader's head. It reads without the
 * pool, so it has no note blocks. The embedding is the model's own, the very array.
 */
export interface ReaderModel {
  readonly config: MemMambaConfig;
  /** (vocabSize, dModel), the model's. */
  readonly embedding: Weights;
  readonly blocks: readonly TrainedBlock[];
  /** (dModel) of the last norm. */
  readonly norm: Float32Array;
  readonly head: ReaderHead;
}

/**
 * Merges a low-rank adapter (LoRA, Hu et al. 2021, arXiv 2106.09685) into a model's weights: W + U V for the two large
 * projections of a block, the adapter's own tensors for all that is small. `memmamba_training.model.adapter` writes it.
 * Between layers other work gets its turn.
 *
 * @param tensors of the adapter
 * @throws {ModelFileError} if the file that `tensors` reads lacks a tensor or holds one of another shape
 */
export async function mergeReader(
  { config, trained }: { readonly config: MemMambaConfig; readonly trained: TrainedWeights },
  tensors: AdapterSource,
): Promise<ReaderModel> {
  const { dModel } = config;
  const blocks: TrainedBlock[] = [];
  for (const [layer, { inProj, outProj }] of trained.layers.entries()) {
    blocks.push({
      ...smallTensors(tensors, config, layer),
      inProj: merged(inProj, tensors, `layers.${layer}.in_proj`),
      outProj: merged(outProj, tensors, `layers.${layer}.out_proj`),
    });
    await nextTurn();
  }
  return {
    config,
    embedding: trained.embedding,
    blocks,
    norm: tensors.take('norm.weight', dModel),
    head: readerHead(tensors, config),
  };
}

/** W + U V in f32, U (outputs, rank) and V (rank, inputs). */
function merged(weights: Weights, tensors: AdapterSource, name: string): FloatWeights {
  const { outputs, inputs } = weights;
  const rank = tensors.shapeOf(`${name}.down`)[0]!;
  const up = tensors.take(`${name}.up`, outputs, rank);
  const down = tensors.take(`${name}.down`, rank, inputs);
  // A copy: the model's own weights stay as they are.
  const values = dequantized(weights).values.slice();
  for (let row = 0; row < outputs; row++) {
    const own = values.subarray(row * inputs, (row + 1) * inputs);
    for (let r = 0; r < rank; r++) {
      const factor = up[row * rank + r]!;
      const from = r * inputs;
      for (let i = 0; i < inputs; i++) own[i]! += factor * down[from + i]!;
    }
  }
  return { outputs, inputs, values };
}

function readerHead(tensors: TensorSource, { dModel }: MemMambaConfig): ReaderHead {
  const row = (name: string): Row => ({
    weight: tensors.take(`reader.${name}.weight`, 1, dModel),
    bias: tensors.take(`reader.${name}.bias`, 1)[0]!,
  });
  const pointer = (name: string) => ({
    ...row(name),
    key: tensors.matrix(`reader.${name}_key.weight`, READER_DIMS, dModel),
    query: tensors.matrix(`reader.${name}_query.weight`, READER_DIMS, dModel),
  });
  return {
    mix: tensors.matrix('reader.mix.weight', dModel, dModel),
    mixBias: tensors.take('reader.mix.bias', dModel),
    start: pointer('start'),
    end: pointer('end'),
    here: row('here'),
    none: row('none'),
  };
}
