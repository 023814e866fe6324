/** Projections of one pool attention as trained, (out, in). */
export interface AttentionProjections {
  /** (nHeads × headDim, dModel). */
  readonly q: Float32Array;
  /** (nHeads × headDim, noteDim). */
  readonly k: Float32Array;
  /** (nHeads × headDim, noteDim). */
  readonly v: Float32Array;
  /** (dModel, nHeads × headDim). */
  readonly o: Float32Array;
}

export interface AttentionShape {
  readonly dModel: number;
  readonly noteDim: number;
  readonly nHeads: number;
  readonly headDim: number;
}

/** The same attention with keys and values left in note space, (in, out). */
export interface FoldedAttention {
  /** (dModel, nHeads × noteDim): v → q̃ of every head, 1/√headDim included. */
  readonly query: Float32Array;
  /** (nHeads × noteDim, dModel): reads of every head → update. */
  readonly out: Float32Array;
}

/**
 * Folds the four projections of a pool attention into two, so that pools hold notes only and no key or value
 * is ever computed for them:
 *
 *     q_h · (W_k,h n) / √hd = q̃_h · n        with q̃_h = W_k,hᵀ W_q,h v / √hd
 *     Σ_h W_o,h Σ_j a_hj W_v,h n_j = Σ_h W_o,h W_v,h r_h   with r_h = Σ_j a_hj n_j
 *
 * Sums are accumulated in f64 and rounded to f32 once.
 */
export function foldAttention(weights: AttentionProjections, shape: AttentionShape): FoldedAttention {
  const { dModel, noteDim, nHeads, headDim } = shape;
  const { q, k, v, o } = weights;
  const scale = 1 / Math.sqrt(headDim);
  const width = nHeads * noteDim;
  const query = new Float32Array(dModel * width);
  const out = new Float32Array(width * dModel);
  const sums = new Float64Array(dModel);
  for (let head = 0; head < nHeads; head++) {
    for (let dim = 0; dim < noteDim; dim++) {
      const column = head * noteDim + dim;
      sums.fill(0);
      for (let i = head * headDim; i < (head + 1) * headDim; i++) {
        const key = k[i * noteDim + dim]!;
        for (let d = 0; d < dModel; d++) sums[d]! += key * q[i * dModel + d]!;
      }
      for (let d = 0; d < dModel; d++) query[d * width + column] = sums[d]! * scale;

      sums.fill(0);
      for (let i = head * headDim; i < (head + 1) * headDim; i++) {
        const value = v[i * noteDim + dim]!;
        for (let d = 0; d < dModel; d++) sums[d]! += value * o[d * nHeads * headDim + i]!;
      }
      for (let d = 0; d < dModel; d++) out[column * dModel + d] = sums[d]!;
    }
  }
  return { query, out };
}
