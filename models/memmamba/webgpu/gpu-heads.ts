import type { Gpu } from '../../../kernels/gpu/device.js';
import type { Recorder } from '../../../kernels/gpu/recorder.js';
import type { GpuTensor } from '../../../kernels/gpu/tensor.js';
import { Linear } from '../../../kernels/linear/linear.js';
import { PassageSums } from '../../../kernels/passage-sums/passage-sums.js';
import { dequantized, transpose, type Weights } from '../../../kernels/simd/weights.js';
import { BLOCK_TOKENS, blocksTouched, PASSAGE_DIMS, type PassageHead } from '../passage-head.js';
import { readerOutputs, READER_WIDTH, type ReaderHead } from '../reader-head.js';
import { joinColumns, type MemMambaModel } from '../weights.js';
import { Activations, destroyTensors, uploadWeight } from './gpu-buffers.js';

/** Columns of a passage's product: the parts, the gate, and zeros up to a whole vector. */
const PRODUCT_WIDTH = PASSAGE_DIMS + 4;

/** The passage head on the device; the last norm is in the matrices. */
interface GpuPassages {
  readonly product: Linear;
  readonly sums: PassageSums;
  readonly key: GpuTensor;
  readonly query: GpuTensor;
  readonly bias: GpuTensor;
}

/** The reader on the device; likewise. */
interface GpuReader {
  readonly mixing: Linear;
  readonly outputs: Linear;
  readonly mix: GpuTensor;
  readonly mixBias: GpuTensor;
  readonly weight: GpuTensor;
  readonly bias: GpuTensor;
}

/** The passage head and the reader of a model, on the residual stream behind all layers. */
export class GpuHeads {
  readonly #activations: Activations;
  readonly #passages: GpuPassages | undefined;
  readonly #reader: GpuReader | undefined;

  private constructor(
    activations: Activations,
    passages: GpuPassages | undefined,
    reader: GpuReader | undefined,
  ) {
    this.#activations = activations;
    this.#passages = passages;
    this.#reader = reader;
  }

  /** @param model its widths are whole vectors */
  static async create(gpu: Gpu, model: MemMambaModel, segmentLength: number): Promise<GpuHeads> {
    const { passages, reader } = model.trained;
    return new GpuHeads(
      new Activations(gpu.device, segmentLength),
      passages && (await uploadPassages(gpu, model, passages, segmentLength)),
      reader && (await uploadReader(gpu, model, reader, segmentLength)),
    );
  }

  /** @returns (blocks, 256) sums of the tokens whose residual stream (L, dModel) is `x` */
  recordSums(recorder: Recorder, x: GpuTensor, position: number, of: 'document' | 'query'): GpuTensor {
    const { product, sums, key, query, bias } = this.#passages!;
    const length = x.shape[0]!;
    const products = this.#activations.rows('products', length, PRODUCT_WIDTH);
    const out = this.#activations.rows('sums', blocksTouched(position, length), PASSAGE_DIMS);
    product.record(recorder, { x, weight: of === 'query' ? query : key, bias, out: products });
    sums.record(recorder, { lead: position % BLOCK_TOKENS, products, sums: out });
    return out;
  }

  /** @returns (L, 260) what the reader makes of the tokens whose residual stream (L, dModel) is `x` */
  recordReader(recorder: Recorder, x: GpuTensor): GpuTensor {
    const { mixing, outputs, mix, mixBias, weight, bias } = this.#reader!;
    const [length = 0, dModel = 0] = x.shape;
    const mixed = this.#activations.rows('mixed', length, dModel);
    const out = this.#activations.rows('reader', length, READER_WIDTH);
    mixing.record(recorder, { x, weight: mix, bias: mixBias, out: mixed });
    outputs.record(recorder, { x: mixed, weight, bias, out });
    return out;
  }

  release(): void {
    const { key, query, bias: gate } = this.#passages ?? {};
    const { mix, mixBias, weight, bias } = this.#reader ?? {};
    const tensors = [key, query, gate, mix, mixBias, weight, bias];
    destroyTensors(tensors.filter((tensor) => tensor !== undefined));
    this.#activations.dispose();
  }
}

async function uploadPassages(
  gpu: Gpu,
  { config, norm }: MemMambaModel,
  { key, query, gate, gateBias }: PassageHead,
  maxRows: number,
): Promise<GpuPassages> {
  const { dModel, normEps } = config;
  const [product, sums] = await Promise.all([
    Linear.create(gpu, { depth: dModel, columns: PRODUCT_WIDTH, maxRows, normEps, bias: true }),
    PassageSums.create(gpu, { columns: PASSAGE_DIMS, block: BLOCK_TOKENS }),
  ]);
  const matrix = (name: string, weights: Weights) =>
    uploadWeight(
      gpu.device,
      name,
      joinColumns(dModel, [
        [inputsFirst(weights, norm), PASSAGE_DIMS],
        [gate.map((value, k) => value * norm[k]!), 1],
        [new Float32Array(3 * dModel), 3],
      ]),
      dModel,
      PRODUCT_WIDTH,
    );
  const bias = new Float32Array(PRODUCT_WIDTH);
  bias[PASSAGE_DIMS] = gateBias;
  return {
    product,
    sums,
    key: matrix('passage key', key),
    query: matrix('passage query', query),
    bias: uploadWeight(gpu.device, 'passage bias', bias, PRODUCT_WIDTH),
  };
}

async function uploadReader(
  gpu: Gpu,
  { config, norm }: MemMambaModel,
  head: ReaderHead,
  maxRows: number,
): Promise<GpuReader> {
  const { dModel, normEps } = config;
  const [mixing, outputs] = await Promise.all([
    Linear.create(gpu, { depth: dModel, columns: dModel, maxRows, normEps, bias: true, gelu: true }),
    Linear.create(gpu, { depth: dModel, columns: READER_WIDTH, maxRows, bias: true }),
  ]);
  const { device } = gpu;
  const { values, bias } = readerOutputs(head);
  const weight = transpose(values, READER_WIDTH, dModel);
  return {
    mixing,
    outputs,
    mix: uploadWeight(device, 'reader mix', inputsFirst(head.mix, norm), dModel, dModel),
    mixBias: uploadWeight(device, 'reader mix bias', head.mixBias, dModel),
    weight: uploadWeight(device, 'reader', weight, dModel, READER_WIDTH),
    bias: uploadWeight(device, 'reader bias', bias, READER_WIDTH),
  };
}

/** (outputs, inputs) → (inputs, outputs) in f32, each input times the norm's weight. */
function inputsFirst(weights: Weights, norm: Float32Array): Float32Array {
  const { outputs, inputs } = weights;
  const matrix = transpose(dequantized(weights).values, outputs, inputs);
  return matrix.map((value, at) => value * norm[Math.floor(at / outputs)]!);
}
