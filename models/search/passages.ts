import type { NoteArchive } from '../reading/note-archive.js';
import { partitionPoint } from '../text/growable.js';
import type { Layout } from '../reading/layout.js';
import type { FoundNotes } from './note-search.js';
import type { Ranked } from './passage-index.js';
import { sentencesOf } from '../text/sentences.js';
import type { Span } from '../text/span.js';
import { indentOf, linesOf } from '../text/lines.js';
import { termsOf } from '../text/words.js';
import { largest } from '../text/lists.js';

/** What passages are ranked by: the notes of the model, the words, or both. */
export type PassageMethod = 'notes' | 'bm25' | 'fused';

/** k of reciprocal rank fusion, the value of Cormack et al. 2009. */
const RRF_K = 60;
/** Passages that one place joins at most. */
const MERGED = 3;
/** UTF-16 units of a sentence that weigh as much as a word of the query. */
const LONG_SENTENCE = 2000;
/**
 * Weight of the ranking by notes beside the ranking by words, for each way to search them, fitted on the validation
 * split (`npm run eval -- retrieval DATA --sets val-0 --pieces 12 --read --weights …`, 790 queries). By retrieval heads
 * (`best`) it finds what words miss; attention, without heads, breaks ties and adds passages that share no word with
 * the query, no more.
 */
export const NOTES_WEIGHT: Readonly<Record<FoundNotes['by'], number>> = { best: 0.5, sum: 0.02 };
/** Ranks of each list that take part in the fusion. */
const FUSED_DEPTH = 200;

/** Of each gist of an archive layer the numbers of the first and the last passage that it is of. */
export interface GistPassages {
  /** (count); the number of passages where the gist is of what stands behind the last. */
  readonly first: Int32Array;
  /** (count) */
  readonly last: Int32Array;
}

/**
 * By archive layer, the passages of each gist: a gist may begin in one and end in the next.
 *
 * @param offsetOf UTF-16 offset of a token position
 */
export function passagesOfGists(
  { layers }: Pick<NoteArchive, 'layers'>,
  { passages }: Layout,
  offsetOf: (token: number) => number,
): GistPassages[] {
  const ends = Float64Array.from(passages, ({ end }) => end);
  // A token between two passages (white space) counts for the one after it.
  const passageOf = (token: number) => {
    const offset = offsetOf(token);
    return partitionPoint(ends.length, (i) => ends[i]! <= offset);
  };
  return layers.map(({ count, positions }) => ({
    first: Int32Array.from({ length: count }, (_, j) => passageOf(positions[j]!)),
    last: Int32Array.from({ length: count }, (_, j) => passageOf(positions[j + 1]! - 1)),
  }));
}

/**
 * Passages by the gists that are of them: a passage's score is that of its best gist, or the sum over its gists, as the
 * search says.
 *
 * @param places of {@link passagesOfGists}
 */
export function rankByNotes(
  places: readonly GistPassages[],
  { scores: found, by }: FoundNotes,
  { passages }: Layout,
): Ranked[] {
  const scores = new Float64Array(passages.length).fill(by === 'best' ? -Infinity : 0);
  const isOf = new Uint8Array(passages.length);
  for (const [a, { first, last }] of places.entries()) {
    const own = found[a]!;
    for (let j = 0; j < own.length; j++) {
      for (let passage = first[j]!; passage <= last[j]! && passage < scores.length; passage++) {
        isOf[passage] = 1;
        if (by === 'sum') scores[passage]! += own[j]!;
        else if (own[j]! > scores[passage]!) scores[passage] = own[j]!;
      }
    }
  }
  const ranked: Ranked[] = [];
  for (let passage = 0; passage < scores.length; passage++) {
    if (isOf[passage]) ranked.push({ passage, score: scores[passage]! });
  }
  return ranked.sort((a, b) => b.score - a.score || a.passage - b.passage);
}

/**
 * Reciprocal rank fusion of the ranking by words, which has weight 1, and the ranking by notes: Σ over the two lists
 * of weight / (60 + rank).
 */
export function fuse(words: readonly Ranked[], notes: readonly Ranked[], notesWeight: number): Ranked[] {
  const scores = new Map<number, number>();
  for (const [weight, list] of [
    [1, words],
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

/**
 * The `count` best places: passages that stand next to one found before join it, and lend it their place.
 *
 * @param isApart whether a passage does not go on from the one before it
 */
export function placesOf(
  ranked: readonly Ranked[],
  count: number,
  isApart: (passage: number) => boolean = () => false,
): Place[] {
  const places: { from: number; to: number; score: number }[] = [];
  for (const { passage, score } of ranked) {
    const beside = places.find(
      ({ from, to }) => (passage === to + 1 && !isApart(passage)) || (passage === from - 1 && !isApart(from)),
    );
    if (beside && beside.to - beside.from + 1 < MERGED) {
      beside.from = Math.min(beside.from, passage);
      beside.to = Math.max(beside.to, passage);
    } else if (places.length === count) break;
    else places.push({ from: passage, to: passage, score });
  }
  return places;
}

/**
 * The sentence of a passage that shows why it was found, of a log's the line: the one with most of the query's words,
 * of several the shortest; the first where none has any.
 */
export function snippetOf(text: string, query: string, isLog = false): Span {
  const wanted = new Set(termsOf(query));
  const units = isLog ? linesIn(text) : sentencesOf(text);
  const worth = units.map(({ start, end }) => {
    const shared = new Set(termsOf(text.slice(start, end)).filter((term) => wanted.has(term)));
    return shared.size - (end - start) / LONG_SENTENCE;
  });
  const best = worth.indexOf(largest(worth));
  const isTelling = best >= 0 && worth[best]! > 0;
  return units[isTelling ? best : 0] ?? { start: 0, end: text.length };
}

/** Lines that are not empty, without the white space around them. */
function linesIn(text: string): Span[] {
  return linesOf(text).flatMap((line): Span[] => {
    const start = line.start + indentOf(line);
    return line.trimmed === '' ? [] : [{ start, end: line.start + line.text.trimEnd().length }];
  });
}
