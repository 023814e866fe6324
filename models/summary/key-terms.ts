import type { DocumentText } from '../reading/document-text.js';
import type { Layout } from '../reading/layout.js';
import type { KeyTerm } from './types.js';
import { eachWord, type KnownWord } from '../text/words.js';
import { stem } from '../text/stems.js';

/** Terms of a summary. */
const COUNT = 12;

/** A word, or a pair of words: how often it stands in the text, in which spellings. */
class Candidate {
  readonly #spelling: string;

  count = 0;
  #first = 0;
  /** Those that differ from the first, which most never do. */
  #others: Map<string, number> | undefined;

  /** @param words keys of its words */
  constructor(
    readonly words: readonly string[],
    spelling: string,
    readonly start: number,
  ) {
    this.#spelling = spelling;
  }

  get end(): number {
    return this.start + this.#spelling.length;
  }

  add(spelling: string): void {
    this.count++;
    if (spelling === this.#spelling) this.#first++;
    else {
      this.#others ??= new Map();
      this.#others.set(spelling, (this.#others.get(spelling) ?? 0) + 1);
    }
  }

  /** The spelling that is most frequent, of several the one that came first. */
  get usual(): string {
    let [usual, most] = [this.#spelling, this.#first];
    for (const [spelling, count] of this.#others ?? []) if (count > most) [usual, most] = [spelling, count];
    return usual;
  }

  /** The stems of its words. */
  get key(): string {
    return this.words.map(stem).join(' ');
  }
}

/** The words and pairs that were met, by their stems. */
class Candidates {
  readonly all: Candidate[] = [];
  readonly #words = new Map<string, Candidate>();
  readonly #pairs = new Map<string, Map<string, Candidate>>();

  addWord({ key, term, text }: KnownWord, start: number): void {
    this.#add(this.#words, term!, [key], text, start);
  }

  addPair(before: KnownWord, word: KnownWord, spelling: string, start: number): void {
    let pairs = this.#pairs.get(before.term!);
    if (!pairs) this.#pairs.set(before.term!, (pairs = new Map<string, Candidate>()));
    this.#add(pairs, word.term!, [before.key, word.key], spelling, start);
  }

  #add(known: Map<string, Candidate>, term: string, words: string[], spelling: string, start: number): void {
    let candidate = known.get(term);
    if (!candidate) {
      candidate = new Candidate(words, spelling, start);
      known.set(term, candidate);
      this.all.push(candidate);
    }
    candidate.add(spelling);
  }
}

/**
 * What the document speaks of more than English does: single words and pairs of neighbouring words, by
 * count · ln(count / expected), the main term of the log-likelihood keyness of corpus linguistics
 * (Dunning 1993). How often English would use a word is not looked up but read off the vocabulary: byte-pair
 * merges come in the order of frequency in the training corpus. So by Zipf's law the word of rank r is
 * expected about N / (10 r) times among N words.
 *
 * @param rankOf rank of a word in the vocabulary, or undefined where it is no single token
 * @param unknownRank rank taken for those
 */
export function keyTermsOf(
  text: DocumentText,
  layout: Layout,
  rankOf: (word: string) => number | undefined,
  unknownRank: number,
): KeyTerm[] {
  const candidates = new Candidates();
  let total = 0;
  for (const { start, end } of layout.sentences) {
    const place = layout.decoded.fromSource(start, end);
    const sentence = layout.decoded.text.slice(place.start, place.end);
    let before: KnownWord | undefined;
    let beforeAt = 0;
    eachWord(sentence, (word, at) => {
      total++;
      const isTerm = !word.isStop && word.key.length > 2 && word.isLettered;
      if (isTerm) {
        candidates.addWord(word, place.start + at);
        if (before && isGap(sentence, beforeAt + before.text.length, at)) {
          const spelling = sentence.slice(beforeAt, at + word.text.length);
          candidates.addPair(before, word, spelling, place.start + beforeAt);
        }
      }
      before = isTerm ? word : undefined;
      beforeAt = at;
    });
  }
  const expected = (word: string) => total / (10 * (rankOf(word) ?? unknownRank));
  const scored = candidates.all.map((candidate) => {
    const { count, words } = candidate;
    const chance = words.reduce((product, word) => product * (expected(word) / total), 1) * total;
    // Two words that English never pairs by chance say more than either; a pair seen once is an accident.
    const score = count < 2 && total > 200 ? 0 : (count * Math.log(count / chance)) / words.length;
    return { candidate, score };
  });
  const best = scored.filter(({ score }) => score > 0);
  best.sort((a, b) => b.score - a.score || a.candidate.start - b.candidate.start);
  return withoutCovered(best.map(({ candidate }) => candidate)).map((candidate) => {
    const { start, end } = layout.decoded.toSource(candidate.start, candidate.end);
    const term = candidate.usual.replace(/\s+/gu, ' ');
    return { term, count: candidate.count, start, end, line: text.lines.lineOf(start) };
  });
}

/** The first candidates that say something new. */
function withoutCovered(best: readonly Candidate[]): Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of best) {
    if (chosen.length === COUNT) break;
    const { key, count } = candidate;
    // “Carmen Ariza” and “Carmen” once each, not three times.
    const isCovered = chosen.some(
      (other) =>
        (` ${other.key} `.includes(` ${key} `) && other.count * 2 > count) ||
        (` ${key} `.includes(` ${other.key} `) && count * 2 < other.count),
    );
    if (!isCovered) chosen.push(candidate);
  }
  return chosen;
}

/** True if [from, to) holds nothing but spaces and line ends, one at least. */
function isGap(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d) return false;
  }
  return to > from;
}
