/**
 * How far f32 results may lie from the float64 reference. An error is measured against
 * `relative · |expected| + scaled · max |expected over the tensor|`: sums of terms of both signs are only
 * as exact as their largest terms.
 */
export interface Tolerance {
  readonly relative: number;
  readonly scaled: number;
}

export const TOLERANCE = {
  /** Products of up to some hundred terms in f32. */
  linear: { relative: 2e-6, scaled: 2e-6 },
  /** Sums of a few products and one activation. */
  causalConv: { relative: 2e-6, scaled: 1e-6 },
  /** A recurrence in f32; WGSL's exp may be off by 3 + 2|x| units in the last place. */
  selectiveScan: { relative: 2e-5, scaled: 4e-6 },
  /** Sums of positive numbers. */
  deltaSum: { relative: 2e-6, scaled: 0 },
  /** Softmax and a weighted sum. */
  poolAttention: { relative: 2e-5, scaled: 4e-6 },
  /** exp(A S) turns a relative error of S into an absolute one of A S. */
  retention: { relative: 5e-5, scaled: 1e-7 },
  /** The state after two halves against the state after the whole: two f32 roundings of the same thing. */
  split: { relative: 1e-5, scaled: 2e-6 },
  /** expNegative of the CPU kernels, in f64. */
  exp: { relative: 1e-9, scaled: 0 },
  /** softplus, sigmoid and silu of the CPU kernels, in f64. */
  activations: { relative: 2e-9, scaled: 0 },
} as const satisfies Record<string, Tolerance>;
