import { PASSAGE_DIMS } from '../memmamba/passage-head.js';
import type { Engine } from '../memmamba/engine.js';
import { passagePrompt } from '../memmamba/prompts.js';
import type { Layout } from '../reading/layout.js';
import type { PassageSumStore } from '../reading/passage-sums.js';
import type { TokenIndex } from '../reading/token-index.js';
import type { Tokenizer } from '../tokenizer/index.js';

/** Tokens of a query that are read. */
const LONGEST_QUERY = 64;
const LARGEST = 127;

/**
 * Reads a query from an empty state, pool off.
 *
 * @returns (256) its vector, of any length
 * @throws {EngineUseError} where the model has no passage head
 */
export async function vectorOfQuery(
  engine: Engine,
  tokenizer: Tokenizer,
  query: string,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const ids = tokenizer.encode(passagePrompt(query)).ids.subarray(0, LONGEST_QUERY);
  const state = engine.createState();
  const vector = new Float32Array(PASSAGE_DIMS);
  try {
    for (let at = 0; at < ids.length; at += engine.segmentLength) {
      const part = ids.subarray(at, at + engine.segmentLength);
      const options = { pool: 'off', passageSums: 'query', ...(signal && { signal }) } as const;
      const { passageSums } = await engine.forward(state, part, options);
      for (let i = 0; i < passageSums!.length; i++) vector[i % PASSAGE_DIMS]! += passageSums![i]!;
    }
    return vector;
  } finally {
    state.dispose();
  }
}

/** The vectors of a document's passages, a byte a dimension. */
export class PassageVectors {
  /** (passages, 256). */
  readonly #values: Int8Array;
  /** (passages) one over the length of those values. */
  readonly #scales: Float64Array;

  /** A token belongs to the passage in which it starts. */
  constructor(sums: PassageSumStore, tokens: TokenIndex, { passages }: Pick<Layout, 'passages'>) {
    this.#values = new Int8Array(passages.length * PASSAGE_DIMS);
    this.#scales = new Float64Array(passages.length);
    const vector = new Float32Array(PASSAGE_DIMS);
    for (const [i, { start, end }] of passages.entries()) {
      const { from, to } = tokens.overlapping(start, end);
      // The first may have started before.
      const first = from < to && tokens.start(from) < start ? from + 1 : from;
      vector.fill(0);
      sums.add(first, to, vector);
      const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (largest === 0) continue;
      const own = this.#values.subarray(i * PASSAGE_DIMS, (i + 1) * PASSAGE_DIMS);
      vector.forEach((value, d) => (own[d] = Math.round((value / largest) * LARGEST)));
      this.#scales[i] = 1 / Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    }
  }

  /**
   * (passages) cosines with a query's vector (256), in [-1, 1]; 0 for a passage of which nothing was read.
   */
  cosines(query: Float32Array): Float64Array {
    const length = Math.sqrt(query.reduce((sum, value) => sum + value * value, 0));
    const cosines = new Float64Array(this.#scales.length);
    for (let passage = 0, at = 0; passage < cosines.length; passage++) {
      let dot = 0;
      for (let i = 0; i < PASSAGE_DIMS; i++, at++) dot += this.#values[at]! * query[i]!;
      cosines[passage] = length > 0 ? (dot / length) * this.#scales[passage]! : 0;
    }
    return cosines;
  }
}

/** (passages) words plus `weight` times vectors, where there are such. */
export function weighted(
  words: Float64Array,
  vectors: Float64Array | undefined,
  weight: number,
): Float64Array {
  return vectors ? words.map((value, i) => value + weight * vectors[i]!) : words;
}

/** Scores with mean 0 and deviation 1. */
export function normed(scores: Float64Array): Float64Array {
  const count = Math.max(1, scores.length);
  const mean = scores.reduce((sum, value) => sum + value, 0) / count;
  const variance = scores.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const deviation = Math.max(1e-6, Math.sqrt(variance));
  return scores.map((value) => (value - mean) / deviation);
}
