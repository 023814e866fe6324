import type { Span } from './span.js';

/** UTF-16 units of a piece without a sentence's end, at most. */
export const LONGEST_PIECE = 400;
/** Where a long piece is cut, the best first: lines, fields and clauses, words. */
const CUTS: readonly RegExp[] = [/[\r\n]/u, /[;；|\t。！？]/u, /[,，、:：}\]]/u, /\s/u];
/** A piece ends no sooner, so that few are needed. */
const SHORTEST = 120;

/**
 * Cuts a text that has no sentences into pieces of no more than {@link LONGEST_PIECE} units, white space around them left
 * out. A text that is short enough is one piece.
 *
 * @param base offset of the text
 */
export function piecesOf(text: string, base = 0): Span[] {
  const pieces: Span[] = [];
  let at = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  if (end - at <= LONGEST_PIECE) return end > at ? [{ start: base + at, end: base + end }] : [];
  while (at < end) {
    const cut = end - at <= LONGEST_PIECE ? end : cutBefore(text, at, at + LONGEST_PIECE);
    let to = cut;
    while (to > at && /\s/u.test(text[to - 1]!)) to--;
    if (to > at) pieces.push({ start: base + at, end: base + to });
    at = cut;
    while (at < end && /\s/u.test(text[at]!)) at++;
  }
  return pieces;
}

/** The last good place to cut before `limit`, behind the mark; else the limit, between two characters. */
function cutBefore(text: string, from: number, limit: number): number {
  for (const mark of CUTS) {
    for (let at = limit - 1; at >= from + SHORTEST; at--) if (mark.test(text[at]!)) return at + 1;
  }
  const isHalf = /[\ud800-\udbff]/u.test(text[limit - 1]!) && /[\udc00-\udfff]/u.test(text[limit] ?? '');
  return isHalf ? limit - 1 : limit;
}
