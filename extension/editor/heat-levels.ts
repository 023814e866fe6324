import type { Span } from '../../models/text/span.js';
import type { TokenRetention } from '../../models/document/types.js';

/** Share of the words in view below which each step of tint begins: most text stays as it is, a few words stand out. */
const STEPS = [0.5, 0.7, 0.85, 0.95];
/** Steps of tint. */
export const LEVELS = STEPS.length;

const WORD = /\S+/g;

/** The words of a stretch of text that begins at `start`, as ranges of the document. */
export function wordsOf(text: string, start: number): Span[] {
  return Array.from(text.matchAll(WORD), ({ index, 0: word }) => ({
    start: start + index,
    end: start + index + word.length,
  }));
}

/**
 * The words in view by how much of them is retained (the best of their tokens), in steps by rank: LEVELS lists of
 * ranges, the faintest first; neighbours of one step become one range. Words and not tokens: a tint that begins
 * within a word cannot be read. Ranks and not values: retention falls by powers of ten, and a tint by value would
 * show one word.
 *
 * @param words in the order of the text
 * @param tokens in the order of the text; a word that none of them touches has no tint
 */
export function heatLevels(words: readonly Span[], tokens: readonly TokenRetention[]): Span[][] {
  const known: { readonly word: Span; readonly value: number }[] = [];
  let at = 0;
  for (const word of words) {
    while (at < tokens.length && tokens[at]!.end <= word.start) at++;
    let value = -1;
    for (let i = at; i < tokens.length && tokens[i]!.start < word.end; i++) {
      value = Math.max(value, tokens[i]!.retention);
    }
    if (value >= 0) known.push({ word, value });
  }
  const ranked = known.map(({ value }) => value).sort((a, b) => a - b);
  const rank = new Map<number, number>();
  // Of equal values the first counts, so that they have one tint.
  for (const [i, value] of ranked.entries()) if (!rank.has(value)) rank.set(value, i / ranked.length);
  const levels: { start: number; end: number }[][] = STEPS.map(() => []);
  let before = -1;
  for (const { word, value } of known) {
    const level = STEPS.findLastIndex((step) => (rank.get(value) ?? 0) >= step);
    const list = levels[level];
    const last = list?.at(-1);
    // Words that follow each other are one stretch, the space between them too.
    if (last && level === before) last.end = word.end;
    else list?.push({ ...word });
    before = level;
  }
  return levels;
}
