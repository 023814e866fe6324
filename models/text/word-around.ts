import type { Span } from './span.js';

/** UTF-16 units to each side of a token that may belong to its word; longer ones are shown cut. */
const REACH = 40;
/** Marks that join the parts of one word, between letters or digits. */
const JOINER = /['’_.-]/u;
const LETTER = /[\p{L}\p{N}\p{M}]/u;
/** Scripts without spaces: a run of letters is no word there, so the token stands for itself. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * The word that the token at [start, end) is part of, white space around it left out: `48213` for its digit
 * `2`, `don't` for `'t`. A token without letters and digits, or of white space alone, is its own word.
 *
 * @param slice the document's text in a range, clipped to what there is
 */
export function wordAround(slice: (start: number, end: number) => string, start: number, end: number): Span {
  const token = slice(start, end);
  const lead = token.length - token.trimStart().length;
  if (lead === token.length) return { start, end };
  let from = start + lead;
  let to = end - (token.length - token.trimEnd().length);
  if (UNSPACED.test(token)) return { start: from, end: to };
  const base = Math.max(0, from - REACH);
  const around = slice(base, to + REACH);
  const isPart = (at: number): boolean => {
    const unit = around[at - base] ?? '';
    if (LETTER.test(unit)) return !UNSPACED.test(unit);
    // Half of a character outside the basic plane counts as a letter: it must not be torn from the other.
    if (/[\ud800-\udfff]/u.test(unit)) return true;
    return (
      JOINER.test(unit) &&
      LETTER.test(around[at - base - 1] ?? '') &&
      LETTER.test(around[at - base + 1] ?? '')
    );
  };
  if (isPart(from)) while (from > base && isPart(from - 1)) from--;
  if (isPart(to - 1)) while (to < base + around.length && isPart(to)) to++;
  return { start: from, end: to };
}
