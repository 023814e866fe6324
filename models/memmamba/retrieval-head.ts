/**
 * Compares a query with the gists of one archive layer. With v the normed stream that the layer's note block reads at
 * the query's last token (`ForwardResult.noteStreams`) and n_j a gist, the mean of
 * the layer's notes of 16 tokens:
 *
 *     score(j) = scale · cos(W_q v, W_k n_j)
 *
 * Scores of different archive layers are comparable: in training one softmax runs over the gists of all of them.
 */
export interface RetrievalHead {
  /** (noteDim, dModel) W_q. */
  readonly query: Float32Array;
  /** (noteDim, noteDim) W_k. */
  readonly key: Float32Array;
  /** The exponential of the trained number. */
  readonly scale: number;
}

/**
 * v = x / √(mean x² + ε) ⊙ w, what a note block reads of one token.
 *
 * @param x (dModel) the token's residual stream behind the layer's scan
 * @param weight (dModel) of the norm in front of the note block
 */
export function noteStream(x: Float32Array, weight: Float32Array, epsilon: number): Float32Array {
  let squares = 0;
  for (const value of x) squares += value * value;
  const factor = 1 / Math.sqrt(squares / x.length + epsilon);
  return x.map((value, i) => value * factor * weight[i]!);
}
