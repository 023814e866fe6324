import type { Engine, ForwardOptions, ModelState } from '../memmamba/engine.js';
import type { RetrievalHead } from '../memmamba/retrieval-head.js';
import type { Tokenizer } from '../tokenizer/index.js';
import { FloatMatrix } from '../../kernels/simd/matrix.js';
import { SimdModule } from '../../kernels/simd/module.js';
import type { ArchiveLayer } from '../reading/note-archive.js';
import { FROM_FLOAT16 } from '../reading/float16.js';
import { NoteAttention } from './note-attention.js';
import { findPrompt, questionPrompt } from '../memmamba/prompts.js';

/**
 * Reads a query in the form of training, and returns (archiveLayers.length, dModel) what the note blocks read at its last
 * token.
 *
 * @param state a copy of the document's final state; it is advanced
 */
export async function streamsOfQuery(
  engine: Engine,
  state: ModelState,
  tokenizer: Tokenizer,
  query: string,
  options: Pick<ForwardOptions, 'pool' | 'signal'>,
): Promise<Float32Array> {
  const { ids } = tokenizer.encode(findPrompt(query));
  let streams = new Float32Array(0);
  for (let at = 0; at < ids.length; at += engine.segmentLength) {
    const part = ids.subarray(at, at + engine.segmentLength);
    const { noteStreams } = await engine.forward(state, part, { ...options, noteStreams: true });
    streams = Float32Array.from(noteStreams!);
  }
  return streams;
}

/** Notes that are decoded and multiplied at a time. */
const BLOCK = 1024;

/** What a query found in the archive. */
export interface FoundNotes {
  /** By archive layer, (count) scores of its gists. */
  readonly scores: readonly Float64Array[];
  /** Whether a passage is worth its best gist, or what its gists have together. */
  readonly by: 'best' | 'sum';
}

/**
 * Searches the note archive of one document. A model with retrieval heads compares the query with every gist
 * ({@link RetrievalHead}); with another model the query's tokens attend over the gists as they do over a pool.
 */
export class NoteSearch {
  readonly #layers: readonly ArchiveLayer[];

  readonly #heads: readonly RetrievalHead[];
  readonly #noteDim: number;
  /** By archive layer, (count) |W_k n|. */
  readonly #lengths: readonly Float64Array[];
  /** By archive layer, where there are no heads. */
  readonly #attention: readonly NoteAttention[];

  /**
   * @param layers the archive as it stands; the search is good until it changes
   * @param heads one an archive layer, or none
   */
  constructor(layers: readonly ArchiveLayer[], heads: readonly RetrievalHead[], noteDim: number) {
    this.#layers = layers;

    this.#heads = heads;
    this.#noteDim = noteDim;
    this.#lengths = heads.map(({ key }, a) => keyLengths(layers[a]!, key));
    const module = new SimdModule();
    this.#attention =
      heads.length > 0 ? [] : layers.map((layer) => new NoteAttention(module, layer, noteDim));
  }

  /**
   * Runs the query from a state and searches the archive with it.
   *
   * @param state a copy of the document's final state; it is advanced
   */
  async find(
    engine: Engine,
    state: ModelState,
    tokenizer: Tokenizer,
    query: string,
    options: { readonly pool: 'on' | 'off'; readonly signal?: AbortSignal | undefined },
  ): Promise<FoundNotes> {
    if (this.#heads.length > 0) {
      const streams = await streamsOfQuery(engine, state, tokenizer, query, options);
      return this.byHeads(streams, engine.config.dModel);
    }
    const { ids } = tokenizer.encode(questionPrompt(query));
    const queries: Float32Array[] = [];
    for (let at = 0; at < ids.length; at += engine.segmentLength) {
      const part = ids.subarray(at, at + engine.segmentLength);
      const { attention } = await engine.forward(state, part, { ...options, attention: true });
      queries.push(attention!.queries);
    }
    return { scores: this.#byAttention(queries), by: 'sum' };
  }

  /**
   * Scores of all notes by the heads.
   *
   * @param streams (layers, dModel) what the note blocks read at the query's last token
   */
  byHeads(streams: Float32Array, dModel: number): FoundNotes {
    const scores = this.#heads.map((head, a) => {
      const v = streams.subarray(a * dModel, (a + 1) * dModel);
      return headScores(this.#layers[a]!, head, v, this.#lengths[a]!);
    });
    return { scores, by: 'best' };
  }

  /** Mean attention of the query's tokens, which may have come in several segments; all layers' add up to 1. */
  #byAttention(parts: readonly Float32Array[]): Float64Array[] {
    const layers = this.#layers.length;
    const noteDim = this.#noteDim;
    const rows = parts.reduce((sum, part) => sum + part.length, 0) / noteDim;
    return this.#layers.map(({ count }, a) => {
      const sums = new Float64Array(count);
      for (const part of parts) {
        const size = part.length / layers;
        this.#attention[a]!.add(part.subarray(a * size, (a + 1) * size), 1 / rows, sums);
      }
      return sums;
    });
  }
}

/** (count) scale · cos(W_q v, W_k n). */
function headScores(
  { count, notes }: ArchiveLayer,
  { query, key, scale }: RetrievalHead,
  v: Float32Array,
  lengths: Float64Array,
): Float64Array {
  const q = product(query, v);
  const length = Math.hypot(...q);
  const noteDim = key.length / q.length;
  // q · W_k n = (W_kᵀ q) · n: one row a note instead of a matrix.
  const folded = new Float64Array(noteDim);
  for (const [row, value] of q.entries()) {
    for (let d = 0; d < noteDim; d++) folded[d]! += value * key[row * noteDim + d]!;
  }
  const scores = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    let dot = 0;
    for (let d = 0; d < noteDim; d++) dot += folded[d]! * FROM_FLOAT16[notes[j * noteDim + d]!]!;
    const both = length * lengths[j]!;
    scores[j] = both > 0 ? (scale * dot) / both : 0;
  }
  return scores;
}

/** (count) |W_k n| of the notes of a layer. */
function keyLengths({ count, notes }: ArchiveLayer, key: Float32Array): Float64Array {
  const noteDim = Math.sqrt(key.length);
  const module = new SimdModule();
  const matrix = new FloatMatrix(module, { outputs: noteDim, inputs: noteDim, values: key });
  const x = { at: module.reserve(BLOCK * noteDim), stride: noteDim };
  const y = { at: module.reserve(BLOCK * matrix.width), stride: matrix.width };
  const block = module.floats(x.at, BLOCK * noteDim);
  const keys = module.floats(y.at, BLOCK * matrix.width);
  const lengths = new Float64Array(count);
  for (let first = 0; first < count; first += BLOCK) {
    const rows = Math.min(BLOCK, count - first);
    for (let i = 0, at = first * noteDim; i < rows * noteDim; i++, at++) block[i] = FROM_FLOAT16[notes[at]!]!;
    matrix.multiply(rows, x, y);
    for (let j = 0; j < rows; j++) {
      let squares = 0;
      for (let i = j * y.stride; i < j * y.stride + noteDim; i++) squares += keys[i]! * keys[i]!;
      lengths[first + j] = Math.sqrt(squares);
    }
  }
  return lengths;
}

/** (rows, v.length) · v. */
function product(matrix: Float32Array, v: Float32Array): Float64Array {
  const width = v.length;
  const out = new Float64Array(matrix.length / width);
  for (let row = 0; row < out.length; row++) {
    let sum = 0;
    for (let i = 0, at = row * width; i < width; i++, at++) sum += matrix[at]! * v[i]!;
    out[row] = sum;
  }
  return out;
}
