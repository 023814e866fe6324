import MiniSearch from 'minisearch';
import type { AttentionTrace } from '../memmamba/engine.js';
import { archiveAttention, type NoteArchive } from './archive.js';
import type { DocumentText } from './document-text.js';
import { partitionPoint } from './growable.js';
import type { Layout } from './layout.js';
import { isStopWord, stem, wordsOf } from './words.js';

/** A passage's number in the layout and its score. */
export interface Ranked {
  readonly passage: number;
  readonly score: number;
}

/** k of reciprocal rank fusion, the value of Cormack et al. 2009. */
const RRF_K = 60;
/** Share of a neighbour's score, fitted on the validation split: `npm run eval -- retrieval DATA --sets val-0`. */
const NEIGHBOUR = 0.2;
/** Weight of the ranking by notes beside the ranking by words, fitted on the same. */
const NOTES_WEIGHT = 0.3;
/** Ranks of each list that take part in the fusion. */
const FUSED_DEPTH = 200;

/** BM25 (library MiniSearch, BM25+) over the passages of one document. */
export class PassageIndex {
  readonly #index: MiniSearch<{ id: number; text: string }>;

  constructor(text: DocumentText, { passages }: Layout) {
    this.#index = new MiniSearch({
      fields: ['text'],
      tokenize: (field) => Array.from(wordsOf(field), ({ key }) => key),
      processTerm: (term) => (isStopWord(term) ? null : stem(term)),
    });
    this.#index.addAll(passages.map(({ start, end }, id) => ({ id, text: text.slice(start, end) })));
  }

  /** Passages that share a term with the query, best first. */
  search(query: string): Ranked[] {
    return this.#index.search(query).map(({ id, score }) => ({ passage: id as number, score }));
  }
}

/**
 * Passages by the model's own attention: the query, read from the document's final state, attends over the
 * note archive of each archive layer; a passage's score is the share of the attention that its notes get,
 * averaged over layers, heads and the query's tokens.
 *
 * @param queries (archiveLayers.length, L, nHeads, noteDim) of an attention trace
 * @param offsetOf UTF-16 offset of a token position
 */
export function rankByNotes(
  archive: Pick<NoteArchive, 'layers'>,
  queries: AttentionTrace['queries'],
  noteDim: number,
  { passages }: Layout,
  offsetOf: (token: number) => number,
): Ranked[] {
  const scores = new Map<number, number>();
  const perLayer = queries.length / archive.layers.length;
  for (const [a, layer] of archive.layers.entries()) {
    const weights = archiveAttention(layer, queries.subarray(a * perLayer, (a + 1) * perLayer), noteDim);
    for (let j = 0; j < weights.length; j++) {
      const offset = offsetOf(layer.positions[j]!);
      const passage = partitionPoint(passages.length, (i) => passages[i]!.end <= offset);
      // A note between two passages (white space) counts for the one after it.
      if (passage < passages.length) {
        scores.set(passage, (scores.get(passage) ?? 0) + weights[j]! / archive.layers.length);
      }
    }
  }
  return [...scores]
    .map(([passage, score]) => ({ passage, score }))
    .sort((a, b) => b.score - a.score || a.passage - b.passage);
}

/**
 * Ranks by words with a share of the neighbours' scores: what a text is about stands in more than one paragraph,
 * and the passage before and after a good one is likelier than one anywhere else.
 */
export function inContext(ranked: readonly Ranked[], { passages }: Layout): Ranked[] {
  const scores = new Float64Array(passages.length);
  for (const { passage, score } of ranked) scores[passage] = score;
  const around = new Set(ranked.flatMap(({ passage }) => [passage - 1, passage, passage + 1]));
  return [...around]
    .filter((passage) => passage >= 0 && passage < passages.length)
    .map((passage) => {
      const beside = (scores[passage - 1] ?? 0) + (scores[passage + 1] ?? 0);
      return { passage, score: scores[passage]! + NEIGHBOUR * beside };
    })
    .sort((a, b) => b.score - a.score || a.passage - b.passage);
}

/**
 * Reciprocal rank fusion of the ranking by words, in context, and the ranking by notes: Σ over the two lists of
 * weight / (60 + rank).
 */
export function fuse(words: readonly Ranked[], notes: readonly Ranked[], layout: Layout): Ranked[] {
  const scores = new Map<number, number>();
  for (const [weight, list] of [
    [1, inContext(words, layout)],
    [NOTES_WEIGHT, notes],
  ] as const) {
    for (const [rank, { passage }] of list.slice(0, FUSED_DEPTH).entries()) {
      scores.set(passage, (scores.get(passage) ?? 0) + weight / (RRF_K + rank + 1));
    }
  }
  return [...scores]
    .map(([passage, score]) => ({ passage, score }))
    .sort((a, b) => b.score - a.score || a.passage - b.passage);
}
