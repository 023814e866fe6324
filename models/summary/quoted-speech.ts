import type { Span } from '../text/span.js';

/**
 * Quotations of a paragraph: in double marks, straight or curved, and in single ones where they hold what is said. One
 * that is not closed reaches to the paragraph's end, as where a speech goes on in the next.
 */
const QUOTATIONS =
  /“[^”]*(?:”|$)|"[^"]*(?:"|$)|(?<=^|[\s—(-])['‘](?=[\p{Lu}…—-])(?:[^'’]|['’](?=\p{L}))*?(?<=[\p{P}])['’](?!\p{L})/gu;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;

/** [start, end) of each quotation, rising. */
export function quotationsOf(paragraph: string, base = 0): Span[] {
  return Array.from(paragraph.matchAll(QUOTATIONS), ({ index, 0: { length } }) => ({
    start: base + index,
    end: base + index + length,
  }));
}

/** Words of [start, end) inside and outside of the quotations. */
export function wordsBySpeech(
  text: { slice(start: number, end: number): string },
  { start, end }: Span,
  quotations: readonly Span[],
): { readonly inside: number; readonly outside: number } {
  let inside = 0;
  let outside = 0;
  for (const { index } of text.slice(start, end).matchAll(WORD)) {
    const at = start + index;
    if (quotations.some((quotation) => quotation.start <= at && at < quotation.end)) inside++;
    else outside++;
  }
  return { inside, outside };
}
