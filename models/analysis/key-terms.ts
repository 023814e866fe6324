import type { DocumentText } from './document-text.js';
import type { Layout } from './layout.js';
import type { KeyTerm } from './types.js';
import { isStopWord, stem, wordsOf } from './words.js';

/** Terms of a summary. */
const COUNT = 12;

interface Candidate {
  /** How often each spelling stands in the text. */
  readonly spellings: Map<string, number>;
  count: number;
  readonly start: number;
  readonly end: number;
  readonly words: readonly string[];
}

/**
 * What the document speaks of more than English does: single words and pairs of neighbouring words, by
 * count · ln(count / expected), the main term of the log-likelihood keyness of corpus linguistics
 * (Dunning 1993). How often English would use a word is not looked up but read off the vocabulary: byte-pair
 * merges come in the order of frequency in the training corpus, so by Zipf's law the word of rank r is
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
  const candidates = new Map<string, Candidate>();
  const add = (words: readonly string[], spelling: string, start: number) => {
    const key = words.map(stem).join(' ');
    let known = candidates.get(key);
    if (!known) {
      known = { spellings: new Map(), count: 0, start, end: start + spelling.length, words };
      candidates.set(key, known);
    }
    known.count++;
    known.spellings.set(spelling, (known.spellings.get(spelling) ?? 0) + 1);
  };
  let total = 0;
  for (const { start, end } of layout.sentences) {
    const sentence = layout.markup.blanked(text.slice(start, end));
    let before: { key: string; text: string; start: number } | undefined;
    for (const word of wordsOf(sentence)) {
      total++;
      const isTerm = !isStopWord(word.key) && word.key.length > 2 && /^\p{L}/u.test(word.key);
      if (isTerm) {
        add([word.key], word.text, start + word.start);
        const between = before ? sentence.slice(before.start + before.text.length, word.start) : '';
        if (before && /^[ \r\n]+$/u.test(between)) {
          add(
            [before.key, word.key],
            sentence.slice(before.start, word.start + word.text.length),
            start + before.start,
          );
        }
      }
      before = isTerm ? word : undefined;
    }
  }
  const expected = (word: string) => total / (10 * (rankOf(word) ?? unknownRank));
  const scored = [...candidates].map(([key, candidate]) => {
    const { count, words } = candidate;
    const chance = words.reduce((product, word) => product * (expected(word) / total), 1) * total;
    // Two words that English never pairs by chance say more than either; a pair seen once is an accident.
    const score = count < 2 && total > 200 ? 0 : (count * Math.log(count / chance)) / words.length;
    return { key, candidate, score };
  });
  scored.sort((a, b) => b.score - a.score || a.candidate.start - b.candidate.start);
  const chosen: typeof scored = [];
  for (const term of scored) {
    if (chosen.length === COUNT || term.score <= 0) break;
    // “Carmen Ariza” and “Carmen” once each, not three times.
    const isCovered = chosen.some(
      ({ key, candidate }) =>
        (` ${key} `.includes(` ${term.key} `) && candidate.count * 2 > term.candidate.count) ||
        (` ${term.key} `.includes(` ${key} `) && term.candidate.count * 2 < candidate.count),
    );
    if (!isCovered) chosen.push(term);
  }
  return chosen.map(({ candidate: { spellings, count, start, end } }) => {
    const [spelling] = [...spellings].sort(([, a], [, b]) => b - a)[0]!;
    return { term: spelling.replace(/\s+/gu, ' '), count, start, end, line: text.lines.lineOf(start) };
  });
}
