import { LITERAL_CLASSES, mixed, type WordScanner } from './word-scanner.js';

/** Word counters: 2 ** 22 words; words that fall together count as more frequent than they are. */
const SLOTS = 1 << 22;
/** Words whose surprisals make the novelty of a stretch. */
const RAREST = 3;
/** Characters of a literal that may be a key. */
const SHORTEST_KEY = 4;

/** What the fast pass thinks of a stretch. */
export interface Judgement {
  /** Mean of its three highest surprisals, words that it lacks as 0. */
  readonly novelty: number;
  /** Surprisal of its rarest class of literals plus half of the novelty; 0 where it has no literal. */
  readonly literal: number;
  /** Equal for stretches of one template; 0 where it is mostly of rare words, and so of no template. */
  readonly family: number;
}

/**
 * How often each word and each class of literals stands in a document. A word w of n in all has the surprisal
 * ln(n / count(w)).
 */
export class WordCounts {
  readonly #words = new Uint32Array(SLOTS);
  readonly #literals = new Uint32Array(LITERAL_CLASSES);
  #total = 0;
  /** About how many tokens were counted. */
  tokens = 0;

  add(words: WordScanner): void {
    for (let i = 0; i < words.count; i++) {
      const literal = words.classes[i]!;
      if (literal > 0) this.#literals[literal]!++;
      else this.#words[words.hashes[i]! & (SLOTS - 1)]!++;
    }
    this.#total += words.count;
    this.tokens += words.tokens;
  }

  judge(words: WordScanner): Judgement {
    // From this count on a word is frequent: one of ten thousand, and at least ten.
    const frequent = Math.max(10, this.#total / 10_000);
    // Counts of the three rarest words, rising, and which words they are: a word counts once.
    let [count0, count1, count2] = [this.#total, this.#total, this.#total];
    let [word0, word1, word2] = [-1, -1, -1];
    let rarestLiteral = Infinity;
    let family = 0;
    let frequentWords = 0;
    const { count: length, hashes, classes, lengths } = words;
    for (let i = 0; i < length; i++) {
      const hash = hashes[i]!;
      const literal = classes[i]!;
      const count = literal > 0 ? this.#literals[literal]! : this.#words[hash & (SLOTS - 1)]!;
      if (literal > 0 && lengths[i]! >= SHORTEST_KEY && count < rarestLiteral) rarestLiteral = count;
      if (count >= frequent) {
        family = mixed(Math.imul(family, 31) ^ hash);
        frequentWords++;
      }
      if (count >= count2 || hash === word0 || hash === word1 || hash === word2) continue;
      count2 = count;
      word2 = hash;
      if (count2 < count1) {
        [count1, count2] = [count2, count1];
        [word1, word2] = [word2, word1];
      }
      if (count1 < count0) {
        [count0, count1] = [count1, count0];
        [word0, word1] = [word1, word0];
      }
    }
    // A word of all words, or none, has the surprisal 0.
    const surprisal = (count: number) => Math.log(this.#total / Math.max(1, count));
    const novelty = (surprisal(count0) + surprisal(count1) + surprisal(count2)) / RAREST;
    return {
      novelty,
      literal: rarestLiteral === Infinity ? 0 : surprisal(rarestLiteral) + novelty / 2,
      family: frequentWords * 2 >= words.count ? family : 0,
    };
  }
}
