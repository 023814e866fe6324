import type { Weights } from '../../kernels/simd/weights.js';

/** Dimensions of a passage's vector. */
export const PASSAGE_DIMS = 256;
/** Tokens of a sum; sums begin at absolute positions that are multiples of it. */
export const BLOCK_TOKENS = 16;

/**
 * The passage head as trained. With u the normed stream that the logits are made of, a token adds
 *
 *     softplus(w_g · u + b_g) W_p u        (256)
 *
 * to the vector of its passage, and with W_q in the place of W_p to that of a query. The score of a passage for a query
 * is the cosine of the two sums. Sums add up, so a sum for every 16 tokens is all that has to be kept of a document.
 */
export interface PassageHead {
  /** (256, dModel) W_p, W_q. */
  readonly key: Weights;
  readonly query: Weights;
  /** (dModel) w_g, and b_g. */
  readonly gate: Float32Array;
  readonly gateBias: number;
}

/** Number of blocks that `length` tokens from `position` on touch. */
export function blocksTouched(position: number, length: number): number {
  return Math.floor((position + length - 1) / BLOCK_TOKENS) - Math.floor(position / BLOCK_TOKENS) + 1;
}
