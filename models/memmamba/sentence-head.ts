/**
 * One archive layer's part of the salience of every token t. With v_t what the layer's note block reads,
 *
 *     salience(t) = Σ_l (w_l · v_l,t + b_l)      l: the archive layers
 *
 * At the token that holds a sentence's last character that is no white space it is the trained logit of “would a
 * summary of this document say what this sentence says”.
 */
export interface SentenceHead {
  /** (dModel) w_l. */
  readonly weight: Float32Array;
  /** b_l. */
  readonly bias: number;
}

/**
 * Salience of L tokens.
 *
 * @param products (heads, L) w_l · v_l,t
 * @returns (L)
 */
export function salienceOf(heads: readonly SentenceHead[], products: Float32Array): Float32Array {
  const length = products.length / heads.length;
  const salience = new Float32Array(length);
  heads.forEach(({ bias }, layer) => {
    for (let t = 0; t < length; t++) salience[t]! += products[layer * length + t]! + bias;
  });
  return salience;
}
