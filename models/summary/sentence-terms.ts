import { eachWord } from '../text/words.js';

/** The terms of every sentence, as numbers: they are counted and compared many times. */
export interface SentenceTerms {
  /** By sentence, its terms as they follow each other. Terms are numbered in the order of their first occurrence. */
  readonly lists: readonly Int32Array[];
  /** (sentences) words, those that carry no meaning among them. */
  readonly words: Int32Array;
  /** Different terms. */
  readonly count: number;
}

export function termsOfSentences(texts: readonly string[]): SentenceTerms {
  const numbers = new Map<string, number>();
  const words = new Int32Array(texts.length);
  const lists = texts.map((text, i) => {
    const list: number[] = [];
    eachWord(text, ({ term }) => {
      words[i]!++;
      if (term === undefined) return;
      let number = numbers.get(term);
      if (number === undefined) numbers.set(term, (number = numbers.size));
      list.push(number);
    });
    return new Int32Array(list);
  });
  return { lists, words, count: numbers.size };
}

/** By sentence its different terms, in the order of their first occurrence in it. */
export function distinct({ lists, count }: SentenceTerms): Int32Array[] {
  /** The sentence, from 1, that had a term last. */
  const last = new Int32Array(count);
  return lists.map((list, i) =>
    list.filter((term) => {
      const isNew = last[term] !== i + 1;
      last[term] = i + 1;
      return isNew;
    }),
  );
}

/** (terms) in how many sentences each term stands. */
export function sentencesWith(sets: readonly Int32Array[], count: number): Int32Array {
  const frequency = new Int32Array(count);
  for (const set of sets) for (const term of set) frequency[term]!++;
  return frequency;
}
