import type { Gpu } from '../../../kernels/gpu/device.js';
import type { Recorder } from '../../../kernels/gpu/recorder.js';
import type { GpuTensor } from '../../../kernels/gpu/tensor.js';
import { Linear } from '../../../kernels/linear/linear.js';
import { PassageSums } from '../../../kernels/passage-sums/passage-sums.js';
import type { Weights } from '../../../kernels/simd/weights.js';
import { BLOCK_TOKENS, blocksTouched, PASSAGE_DIMS, type PassageHead } from '../passage-head.js';
import { joinColumns, type MemMambaModel } from '../weights.js';
import { Activations, destroyTensors, inputsFirst, uploadWeight } from './gpu-buffers.js';

/** Columns of a passage's product: the parts, the gate, and zeros up to a whole vector. */
const PRODUCT_WIDTH = PASSAGE_DIMS + 4;

/** The passage head on the device; the last norm is in the matrices. */
interface Uploaded {
  readonly product: Linear;
  readonly sums: PassageSums;
  readonly key: GpuTensor;
  readonly query: GpuTensor;
  readonly bias: GpuTensor;
}

/** The passage head of a model, on the residual stream behind all layers. */
export class GpuPassages {
  readonly #activations: Activations;
  readonly #head: Uploaded;

  private constructor(activations: Activations, head: Uploaded) {
    this.#activations = activations;
    this.#head = head;
  }

  /** @param model its widths are whole vectors */
  static async create(
    gpu: Gpu,
    model: MemMambaModel,
    head: PassageHead,
    segmentLength: number,
  ): Promise<GpuPassages> {
    const uploaded = await uploadPassages(gpu, model, head, segmentLength);
    return new GpuPassages(new Activations(gpu.device, segmentLength), uploaded);
  }

  /** @returns (blocks, 256) sums of the tokens whose residual stream (L, dModel) is `x` */
  recordSums(recorder: Recorder, x: GpuTensor, position: number, of: 'document' | 'query'): GpuTensor {
    const { product, sums, key, query, bias } = this.#head;
    const length = x.shape[0]!;
    const products = this.#activations.rows('products', length, PRODUCT_WIDTH);
    const out = this.#activations.rows('sums', blocksTouched(position, length), PASSAGE_DIMS);
    product.record(recorder, { x, weight: of === 'query' ? query : key, bias, out: products });
    sums.record(recorder, { lead: position % BLOCK_TOKENS, products, sums: out });
    return out;
  }

  release(): void {
    const { key, query, bias } = this.#head;
    destroyTensors([key, query, bias]);
    this.#activations.dispose();
  }
}

async function uploadPassages(
  gpu: Gpu,
  { config, norm }: MemMambaModel,
  { key, query, gate, gateBias }: PassageHead,
  maxRows: number,
): Promise<Uploaded> {
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
