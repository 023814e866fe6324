import { gelu } from '../../../kernels/cpu/activations.js';
import { rows } from '../../../kernels/cpu/rows.js';
import { passageSumsCpu } from '../../../kernels/passage-sums/passage-sums.cpu.js';
import { BLOCK_TOKENS, blocksTouched, PASSAGE_DIMS } from '../passage-head.js';
import { READER_WIDTH } from '../reader-head.js';
import type { CpuArrays } from './cpu-arrays.js';
import type { CpuForward } from './cpu-forward.js';
import type { CpuHeadWeights } from './cpu-layers.js';
import { copyOf } from './cpu-trace.js';

/** The passage head and the reader, on the residual stream behind all layers. */
export class CpuHeads {
  readonly #weights: CpuHeadWeights;
  readonly #arrays: CpuArrays;
  readonly #forward: CpuForward;

  constructor(weights: CpuHeadWeights, arrays: CpuArrays, forward: CpuForward) {
    this.#weights = weights;
    this.#arrays = arrays;
    this.#forward = forward;
  }

  /** (blocks, 256) sums of `length` tokens from `position` on. */
  passageSums(position: number, length: number, of: 'document' | 'query'): Float32Array {
    const { x, scale, products } = this.#arrays;
    const head = this.#weights.passages!;
    this.#forward.normScales(0, length);
    const matrix = of === 'query' ? head.query : head.key;
    matrix.multiply(length, x, products, { scale: scale.at, bias: head.bias });
    const sums = new Float32Array(blocksTouched(position, length) * PASSAGE_DIMS);
    passageSumsCpu({
      length,
      columns: PASSAGE_DIMS,
      block: BLOCK_TOKENS,
      lead: position % BLOCK_TOKENS,
      products: rows(products.data, products.stride),
      sums,
    });
    return sums;
  }

  /** (L, 260) what the reader makes of every token. */
  reader(length: number): Float32Array {
    const { x, scale, mixed, products } = this.#arrays;
    const head = this.#weights.reader!;
    this.#forward.normScales(0, length);
    head.mix.multiply(length, x, mixed, { scale: scale.at, bias: head.mixBias });
    const { data } = mixed;
    for (let i = 0; i < length * mixed.stride; i++) data[i] = gelu(data[i]!);
    head.outputs.multiply(length, mixed, products, { bias: head.outputsBias });
    return copyOf(rows(products.data, products.stride), length, READER_WIDTH);
  }
}
