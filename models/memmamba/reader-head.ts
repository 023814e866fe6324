import type { Weights } from '../../kernels/simd/weights.js';
import { dequantized, stacked } from '../../kernels/simd/weights.js';

/** Tokens of a passage and its end that a reader takes at once; it was trained on far fewer. */
export const LONGEST_TEXT = 1024;
/** Dimensions of the reader's keys and queries. */
export const READER_DIMS = 64;
/** Outputs of {@link readerOutputs}: four numbers, then keys and queries. */
export const READER_WIDTH = 4 + 4 * READER_DIMS;

/** What points at one end of an answer. */
export interface Pointer {
  /** (dModel), and its bias. */
  readonly weight: Float32Array;
  readonly bias: number;
  /** (64, dModel). */
  readonly key: Weights;
  readonly query: Weights;
}

/** A product with g and its bias. */
export interface Row {
  /** (dModel). */
  readonly weight: Float32Array;
  readonly bias: number;
}

/**
 * The reader head as trained. `Question: …`, a passage and `Answer:` are read from an empty state, pool off. With u the
 * normed stream that the logits are made of, g = GELU(W_m u + b_m) at every token, ĝ at the last one, which has seen all
 * of the passage, and g_0 at the question's last one:
 *
 *     start_i = w_s · g_i + (Q_s ĝ) · (K_s g_i) / √64 + w_h · ĝ
 *     end_j   = w_e · g_j + (Q_e ĝ) · (K_e g_j) / √64
 *     none    = w_n · g_0
 *
 * One softmax runs over the starts of all passages of a question and `none` (Clark and Gardner 2018, arXiv 1710.10723),
 * one over the ends of a passage.
 */
export interface ReaderHead {
  /** (dModel, dModel) W_m, and (dModel) b_m. */
  readonly mix: Weights;
  readonly mixBias: Float32Array;
  readonly start: Pointer;
  readonly end: Pointer;
  readonly here: Row;
  readonly none: Row;
}

/**
 * Everything that is linear in g as one matrix (260, dModel) and its bias: start, end, here, none, and the keys of
 * start and end and their queries.
 */
export function readerOutputs({ start, end, here, none }: ReaderHead): {
  readonly values: Float32Array;
  readonly bias: Float32Array;
} {
  const rows = [start, end, here, none];
  const inputs = start.weight.length;
  const parts: Weights[] = [
    ...rows.map(({ weight }) => ({ outputs: 1, inputs, values: weight })),
    ...[start.key, end.key, start.query, end.query].map(dequantized),
  ];
  const bias = new Float32Array(READER_WIDTH);
  rows.forEach((row, i) => (bias[i] = row.bias));
  return { values: dequantized(stacked(parts)).values, bias };
}

/** The reader's view of a passage that continues a question. */
export interface ReadPassage {
  /** (L) logits of each token of the passage. */
  readonly start: Float32Array;
  readonly end: Float32Array;
}

/**
 * A passage and its end as one text.
 *
 * @throws {RangeError} if it has no token, or more than {@link LONGEST_TEXT}
 */
export function textOf(passage: Uint32Array, end: Uint32Array): Uint32Array {
  const length = passage.length + end.length;
  if (passage.length === 0 || end.length === 0 || length > LONGEST_TEXT) {
    throw new RangeError(
      `A passage and its end hold 1 token each at least, ${LONGEST_TEXT} at most; these hold ${length}`,
    );
  }
  const tokens = new Uint32Array(length);
  tokens.set(passage);
  tokens.set(end, passage.length);
  return tokens;
}

/** Logit of “not here”, from the outputs at the question's last token. */
export function noneLogit(outputs: Float32Array): number {
  return outputs[outputs.length - READER_WIDTH + 3]!;
}

/**
 * Logits of a passage from the outputs of its tokens and of those behind it.
 *
 * @param outputs (rows, 260), the last row that of the last token read
 * @param tokens of the passage, the first rows
 */
export function passageLogits(outputs: Float32Array, tokens: number): ReadPassage {
  const last = outputs.subarray(outputs.length - READER_WIDTH);
  const here = last[2]!;
  const start = new Float32Array(tokens);
  const end = new Float32Array(tokens);
  for (let t = 0; t < tokens; t++) {
    const row = outputs.subarray(t * READER_WIDTH, (t + 1) * READER_WIDTH);
    start[t] = row[0]! + pointed(row, last, 0) + here;
    end[t] = row[1]! + pointed(row, last, 1);
  }
  return { start, end };
}

/** (Q ĝ) · (K g) / √64 of start (0) or end (1). */
function pointed(row: Float32Array, last: Float32Array, which: 0 | 1): number {
  const key = 4 + which * READER_DIMS;
  const query = key + 2 * READER_DIMS;
  let sum = 0;
  for (let i = 0; i < READER_DIMS; i++) sum += row[key + i]! * last[query + i]!;
  return sum / Math.sqrt(READER_DIMS);
}
