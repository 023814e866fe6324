import MiniSearch from 'minisearch';
import type { Layout } from '../reading/layout.js';
import { porterStem } from '../text/stems.js';
import { eachWord } from '../text/words.js';

/** A passage's number in the layout and its score. */
export interface Ranked {
  readonly passage: number;
  readonly score: number;
}

/** Shares of the scores of the passages one and two places away. */
const NEIGHBOURS = [0.2, 0.1];
/** Passages found first whose words are asked for too, how many words, and their weight beside the query's. */
const FEEDBACK_PASSAGES = 5;
const FEEDBACK_TERMS = 20;
const FEEDBACK_WEIGHT = 0.5;
/** Passages differ little in length: b of BM25 below the library's 0.7. */
const LENGTH_PENALTY = 0.4;

/**
 * The words of one document's passages: BM25+ by the library MiniSearch over stems by Porter's algorithm (library
 * `stemmer`). The constants of {@link searchWidely} were fitted on the validation split,
 * `npm run eval -- retrieval DATA --sets val-0 --pieces 24`.
 */
export class PassageIndex {
  readonly #layout: Layout;

  readonly #index: MiniSearch<{ id: number; terms: string }>;
  /** In how many passages a stem stands. */
  readonly #passagesWith = new Map<string, number>();
  /** Passages that are in the index. */
  #indexed = 0;

  constructor(layout: Layout) {
    this.#layout = layout;

    // The library gets stems, a line each.
    const lines = (terms: string) => terms.split('\n').filter(Boolean);
    this.#index = new MiniSearch({ fields: ['terms'], tokenize: lines, processTerm: (term) => term });
  }

  /**
   * Takes up to so many more passages into the index; a search takes those that are missing.
   *
   * @returns whether all are there
   */
  add(count: number): boolean {
    const { passages } = this.#layout;
    const to = Math.min(passages.length, this.#indexed + count);
    for (let id = this.#indexed; id < to; id++) {
      const terms = this.#termsOf(id);
      for (const term of new Set(terms))
        this.#passagesWith.set(term, (this.#passagesWith.get(term) ?? 0) + 1);
      this.#index.add({ id, terms: terms.join('\n') });
    }
    this.#indexed = to;
    return to === passages.length;
  }

  /** Plain BM25: passages that share a word with the query, best first. */
  search(query: string): Ranked[] {
    this.add(Infinity);
    return this.#index
      .search(stemsOf(query).join('\n'))
      .map(({ id, score }) => ({ passage: id as number, score }));
  }

  /**
   * BM25 that looks further, best first. A passage gets shares of its neighbours' scores: what a text is about stands
   * in more than one paragraph. Then the words that tell the first passages found apart from the document are asked
   * for as well (pseudo-relevance feedback, as in RM3 of Lavrenko and Croft 2001), which finds other words for the
   * same thing.
   */
  searchWidely(query: string): Ranked[] {
    this.add(Infinity);
    const direct = inContext(this.#scores(new Map(stemsOf(query).map((term) => [term, 1]))));
    const first = ranked(direct).slice(0, FEEDBACK_PASSAGES);
    const more = this.#scores(this.#tellingTerms(first));
    return ranked(direct.map((score, passage) => score + FEEDBACK_WEIGHT * more[passage]!));
  }

  /** (passages) Σ over the terms of weight · BM25. */
  #scores(weights: ReadonlyMap<string, number>): Float64Array {
    const scores = new Float64Array(this.#layout.passages.length);
    const bm25 = { k: 1.2, b: LENGTH_PENALTY, d: 0.5 };
    for (const [term, weight] of weights) {
      for (const { id, score } of this.#index.search(term, { bm25 })) scores[id as number]! += weight * score;
    }
    return scores;
  }

  /** Stems that are frequent in passages that were found and rare in the document; weights add up to 1. */
  #tellingTerms(found: readonly Ranked[]): Map<string, number> {
    const total = found.reduce((sum, { score }) => sum + score, 0);
    const weights = new Map<string, number>();
    for (const { passage, score } of found) {
      const terms = this.#termsOf(passage);
      for (const term of terms) {
        weights.set(term, (weights.get(term) ?? 0) + score / total / terms.length);
      }
    }
    const count = this.#layout.passages.length;
    const telling = [...weights]
      .map(([term, weight]) => {
        return [term, weight * Math.log(1 + count / (this.#passagesWith.get(term)! + 1))] as const;
      })
      .sort(([, a], [, b]) => b - a)
      .slice(0, FEEDBACK_TERMS);
    const sum = telling.reduce((all, [, weight]) => all + weight, 0);
    return new Map(telling.map(([term, weight]) => [term, weight / sum]));
  }

  #termsOf(passage: number): string[] {
    const { start, end } = this.#layout.passages[passage]!;
    return stemsOf(this.#layout.decoded.shown(start, end));
  }
}

/** Porter's stems of the words that carry meaning. */
function stemsOf(text: string): string[] {
  const stems: string[] = [];
  eachWord(text, (word) => {
    if (!word.isStop) stems.push((word.stem ??= porterStem(word.key)));
  });
  return stems;
}

/** Every score with the shares of its neighbours'. */
function inContext(scores: Float64Array): Float64Array {
  return scores.map((score, i) =>
    NEIGHBOURS.reduce(
      (sum, share, n) => sum + share * ((scores[i - n - 1] ?? 0) + (scores[i + n + 1] ?? 0)),
      score,
    ),
  );
}

/** What has a score, best first; of equal ones the earlier. */
function ranked(scores: Float64Array): Ranked[] {
  return Array.from(scores, (score, passage) => ({ passage, score }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.passage - b.passage);
}
