import { rows } from '../../../kernels/cpu/rows.js';
import { passageSumsCpu } from '../../../kernels/passage-sums/passage-sums.cpu.js';
import { BLOCK_TOKENS, blocksTouched, PASSAGE_DIMS } from '../passage-head.js';
import type { CpuArrays } from './cpu-arrays.js';
import type { CpuBlocks } from './cpu-blocks.js';
import type { CpuPassageHead } from './cpu-layers.js';

/** The passage head, on the residual stream behind all layers. */
export class CpuPassages {
  readonly #weights: CpuPassageHead;
  readonly #arrays: CpuArrays;
  readonly #blocks: CpuBlocks;

  constructor(weights: CpuPassageHead, arrays: CpuArrays, blocks: CpuBlocks) {
    this.#weights = weights;
    this.#arrays = arrays;
    this.#blocks = blocks;
  }

  /** (blocks, 256) sums of `length` tokens from `position` on. */
  sums(position: number, length: number, of: 'document' | 'query'): Float32Array {
    const { x, scale, products } = this.#arrays;
    const head = this.#weights;
    this.#blocks.normScales(0, length);
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
}
