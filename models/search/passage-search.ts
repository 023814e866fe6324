import type { KeptDocument } from '../reading/kept-document.js';
import type { Layout } from '../reading/layout.js';
import type { Passage } from '../reading/passage.js';
import { abortable } from '../scheduling/abortable.js';
import type { Tokenizer } from '../tokenizer/index.js';
import type { PassageSumStore } from '../reading/passage-sums.js';
import { NoteSearch, type FoundNotes } from './note-search.js';
import { normed, PassageVectors, vectorOfQuery, weighted } from './passage-vectors.js';
import { PassageIndex, type Ranked } from './passage-index.js';
import {
  fuse,
  NOTES_WEIGHT,
  passagesOfGists,
  placesOf,
  rankByNotes,
  snippetOf,
  type GistPassages,
  type PassageMethod,
} from './passages.js';

const PASSAGES = 10;
/** Passages that are taken into the index between two turns of the event loop. */
const PASSAGES_AT_ONCE = 500;

/** What is looked for. */
export interface PassageQuery {
  readonly query: string;
  readonly top?: number;
  readonly method?: PassageMethod;
  readonly signal?: AbortSignal;
}

/** Finds passages of a document as it was read; of no use after the document has changed. */
export class PassageSearch {
  readonly #kept: KeptDocument;
  readonly #layout: Layout;
  readonly #tokenizer: Tokenizer;
  #index: PassageIndex | undefined;
  /** Whether all passages are known to be in the index. */
  #isIndexed = false;
  #notes: NoteSearch | undefined;
  #placesOfGists: readonly GistPassages[] | undefined;
  #vectors: PassageVectors | undefined;

  constructor(kept: KeptDocument, layout: Layout, tokenizer: Tokenizer) {
    this.#kept = kept;
    this.#layout = layout;
    this.#tokenizer = tokenizer;
  }

  /** Best first; what belongs together is one passage. */
  async find({ query, top = PASSAGES, method = 'fused', signal }: PassageQuery): Promise<Passage[]> {
    signal?.throwIfAborted();
    return this.show(await this.#rank(query, method, signal), query, top);
  }

  /**
   * (passages) how well each fits a query: the normed score of its words, and that of its vector times the weight that
   * the model's calibration gives it, where the model has vectors.
   */
  async scores(query: string, signal?: AbortSignal): Promise<Float64Array> {
    const { words, vectors } = await this.parts(query, signal);
    return weighted(words, vectors, this.#kept.engine.calibration.passages.vectors);
  }

  /** (passages) the two parts of {@link scores}, each with mean 0 and deviation 1. */
  async parts(
    query: string,
    signal?: AbortSignal,
  ): Promise<{ readonly words: Float64Array; readonly vectors: Float64Array | undefined }> {
    const words = new Float64Array(this.#layout.passages.length);
    for (const { passage, score } of this.#words().search(query)) words[passage] = score;
    const { sums } = this.#kept;
    return { words: normed(words), vectors: sums && normed(await this.#cosines(sums, query, signal)) };
  }

  /** Passages with their scores, best first, as they are shown; what belongs together is one. */
  show(ranked: readonly Ranked[], query: string, top = PASSAGES): Passage[] {
    const { text } = this.#kept;
    const { passages, blocks, decoded } = this.#layout;
    const isLog = blocks.some(({ kind }) => kind === 'log');
    const isApart = (passage: number) => passages[passage]!.isApart === true;
    return placesOf(ranked, top, isApart).map(({ from, to, score }): Passage => {
      const { start } = passages[from]!;
      const { end } = passages[to]!;
      const words = decoded.shown(start, end);
      const snippet = snippetOf(words, query, isLog);
      return {
        start,
        end,
        line: text.lines.lineOf(start),
        text: words,
        score,
        snippet: words.slice(snippet.start, snippet.end),
      };
    });
  }

  /**
   * Makes a piece of what passages are found with, so that the first query does not wait for it.
   *
   * @returns true when there is nothing left to make
   */
  prepareSome(): boolean {
    if (!this.#isIndexed) this.#isIndexed = this.#words().add(PASSAGES_AT_ONCE);
    else if (this.#kept.sums) this.#vectors ??= this.#vectorsOf(this.#kept.sums);
    else if (!this.#notes) this.#noteSearch();
    else this.#places();
    return this.#isIndexed && (this.#vectors ?? this.#placesOfGists) !== undefined;
  }

  async #rank(
    query: string,
    method: PassageMethod,
    signal: AbortSignal | undefined,
  ): Promise<readonly Ranked[]> {
    if (method === 'bm25') return this.#words().search(query);
    if (this.#kept.sums) return this.#rankByVectors(this.#kept.sums, query, method, signal);
    const { by, ranked } = await this.#rankByNotes(query, signal);
    return method === 'notes' ? ranked : fuse(this.#words().searchWidely(query), ranked, NOTES_WEIGHT[by]);
  }

  /** By the cosines of vectors, or by them and the words. */
  async #rankByVectors(
    sums: PassageSumStore,
    query: string,
    method: 'notes' | 'fused',
    signal: AbortSignal | undefined,
  ): Promise<readonly Ranked[]> {
    return rankedBy(
      method === 'notes' ? await this.#cosines(sums, query, signal) : await this.scores(query, signal),
    );
  }

  /** (passages) cosines of their vectors with the query's. */
  async #cosines(sums: PassageSumStore, query: string, signal?: AbortSignal): Promise<Float64Array> {
    const { session } = this.#kept;
    const vector = await abortable(
      session.run((engine) => vectorOfQuery(engine, this.#tokenizer, query, signal)),
      signal,
    );
    this.#vectors ??= this.#vectorsOf(sums);
    return this.#vectors.cosines(vector);
  }

  #vectorsOf(sums: PassageSumStore): PassageVectors {
    return new PassageVectors(sums, this.#kept.tokens, this.#layout);
  }

  /** Runs the query from a copy of the final state and searches the archive with it. */
  async #rankByNotes(
    query: string,
    signal: AbortSignal | undefined,
  ): Promise<{ by: FoundNotes['by']; ranked: Ranked[] }> {
    const { session } = this.#kept;
    const { pool } = session;
    const found = await abortable(
      session.onCopy((engine, copy) =>
        this.#noteSearch().find(engine, copy, this.#tokenizer, query, { pool, signal }),
      ),
      signal,
    );
    return { by: found.by, ranked: rankByNotes(this.#places(), found, this.#layout) };
  }

  #words(): PassageIndex {
    return (this.#index ??= new PassageIndex(this.#layout));
  }

  #noteSearch(): NoteSearch {
    const { archive, config, engine } = this.#kept;
    return (this.#notes ??= new NoteSearch(archive.layers, engine.retrieval, config.noteDim));
  }

  /** By archive layer, the passages of each gist. */
  #places(): readonly GistPassages[] {
    const { archive, tokens } = this.#kept;
    return (this.#placesOfGists ??= passagesOfGists(archive, this.#layout, (token) => tokens.start(token)));
  }
}

/** Passages with their scores, best first. */
export function rankedBy(scores: Float64Array): Ranked[] {
  const ranked = Array.from(scores, (score, passage): Ranked => ({ passage, score }));
  return ranked.sort((a, b) => b.score - a.score || a.passage - b.passage);
}
