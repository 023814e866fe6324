import type { TokenIndex } from '../reading/token-index.js';

/**
 * Salience of a sentence by the model's sentence head: that of the token that holds its last character that is no white
 * space, the first of them where the character was cut into several tokens. By then the whole sentence was read.
 *
 * @param text where `slice` gives the sentence's words
 * @returns undefined where the model has no such head, or nothing stands in [start, end)
 */
export function salienceOfRange(
  tokens: TokenIndex,
  text: { slice(start: number, end: number): string },
  start: number,
  end: number,
): number | undefined {
  const last = start + text.slice(start, end).trimEnd().length;
  if (last <= start) return undefined;
  const { from, to } = tokens.overlapping(last - 1, last);
  return from < to ? tokens.salience(from) : undefined;
}
