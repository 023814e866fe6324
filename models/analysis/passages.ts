import MiniSearch from 'minisearch';
import type { NoteArchive } from './archive.js';
import type { DocumentText } from './document-text.js';
import { partitionPoint } from './growable.js';
import type { Layout } from './layout.js';
import type { FoundNotes } from './note-search.js';
import { sentencesOf, type Span } from './sentences.js';
import { isStopWord, stem, termsOf, wordsOf } from './words.js';

/** A passage's number in the layout and its score. */
export interface Ranked {
  readonly passage: number;
  readonly score: number;
}

/** k of reciprocal rank fusion, the value of Cormack et al. 2009. */
const RRF_K = 60;
/** Passages that one place joins at most. */
const MERGED = 3;
/** UTF-16 units of a sentence that weigh as much as a word of the query. */
const LONG_SENTENCE = 2000;
/** Share of a neighbour's score, fitted on the validation split: `npm run eval -- retrieval DATA --sets val-0`. */
const NEIGHBOUR = 0.2;
/**
 * Weight of the ranking by notes beside the ranking by words, fitted on the same with `tiny`: its notes break ties
 * and add passages that share no word with the query, no more. A better reader deserves another fit.
 */
const NOTES_WEIGHT = 0.02;
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
 * Passages by their notes: a passage's score is that of its best note, or the sum over its notes, as the search says.
 *
 * @param offsetOf UTF-16 offset of a token position
 */
export function rankByNotes(
  { layers }: Pick<NoteArchive, 'layers'>,
  { scores: found, by }: FoundNotes,
  { passages }: Layout,
  offsetOf: (token: number) => number,
): Ranked[] {
  const scores = new Map<number, number>();
  for (const [a, layer] of layers.entries()) {
    for (const [j, score] of found[a]!.entries()) {
      const offset = offsetOf(layer.positions[j]!);
      const passage = partitionPoint(passages.length, (i) => passages[i]!.end <= offset);
      // A note between two passages (white space) counts for the one after it.
      if (passage >= passages.length) continue;
      const before = scores.get(passage);
      const joined = before === undefined ? score : by === 'best' ? Math.max(before, score) : before + score;
      scores.set(passage, joined);
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
export function fuse(
  words: readonly Ranked[],
  notes: readonly Ranked[],
  layout: Layout,
  notesWeight = NOTES_WEIGHT,
): Ranked[] {
  const scores = new Map<number, number>();
  for (const [weight, list] of [
    [1, inContext(words, layout)],
    [notesWeight, notes],
  ] as const) {
    for (const [rank, { passage }] of list.slice(0, FUSED_DEPTH).entries()) {
      scores.set(passage, (scores.get(passage) ?? 0) + weight / (RRF_K + rank + 1));
    }
  }
  return [...scores]
    .map(([passage, score]) => ({ passage, score }))
    .sort((a, b) => b.score - a.score || a.passage - b.passage);
}

/** Ranked passages that touch, as one. */
export interface Place {
  /** Numbers of the first and the last passage. */
  readonly from: number;
  readonly to: number;
  readonly score: number;
}

/** The `count` best places: passages that stand next to one found before join it, and lend it their place. */
export function placesOf(ranked: readonly Ranked[], count: number): Place[] {
  const places: { from: number; to: number; score: number }[] = [];
  for (const { passage, score } of ranked) {
    const beside = places.find(({ from, to }) => passage === to + 1 || passage === from - 1);
    if (beside && beside.to - beside.from + 1 < MERGED) {
      beside.from = Math.min(beside.from, passage);
      beside.to = Math.max(beside.to, passage);
    } else if (places.length === count) break;
    else places.push({ from: passage, to: passage, score });
  }
  return places;
}

/**
 * The sentence of a passage that shows why it was found: the one with most of the query's words, of several the
 * shortest; the first where none has any.
 */
export function snippetOf(text: string, query: string): Span {
  const wanted = new Set(termsOf(query));
  const sentences = sentencesOf(text);
  const worth = sentences.map(({ start, end }) => {
    const shared = new Set(termsOf(text.slice(start, end)).filter((term) => wanted.has(term)));
    return shared.size - (end - start) / LONG_SENTENCE;
  });
  const best = worth.indexOf(Math.max(...worth));
  const isTelling = best >= 0 && worth[best]! > 0;
  return sentences[isTelling ? best : 0] ?? { start: 0, end: text.length };
}
