import { DecodedText, TextDecoding } from '../decoded-text.js';
import type { Span } from '../span.js';

/** A word that is divided at a line's end: letters, a hyphen, the rest in the next line. */
const DIVIDED = /(?<=\p{Ll}{2})[-\u2010][ \t]*\r?\n[ \t]*(?=\p{Ll}{2})/gu;
/** Longest half that is looked at. */
const HALF = 40;

/**
 * The words of running text: one that is divided at a line's end is read as one, unless the text has it with its hyphen
 * elsewhere and nowhere without.
 *
 * @param gaps rising ranges that are left out, such as the border of two pages; the text goes on behind them
 */
export function plainWords(text: string, gaps: readonly Span[] = []): DecodedText {
  const found = [...text.matchAll(DIVIDED)];
  if (found.length === 0 && gaps.length === 0) return DecodedText.same(text);
  const known = found.length > 0 ? wordsOf(text) : new Set<string>();
  const edits = [
    ...gaps.map(({ start, end }) => ({ start, end, instead: ' ' })),
    ...found.map(({ index, 0: gap }) => {
      const end = index + gap.length;
      const before = /[\p{L}-]+$/u.exec(text.slice(Math.max(0, index - HALF), index))![0].toLowerCase();
      const behind = /^\p{L}+/u.exec(text.slice(end, end + HALF))![0].toLowerCase();
      const keeps = known.has(`${before}-${behind}`) && !known.has(before + behind);
      return { start: index, end, instead: keeps ? '-' : '' };
    }),
  ];
  const decoding = new TextDecoding(text);
  for (const { start, end, instead } of edits.sort((a, b) => a.start - b.start))
    decoding.replace(start, end, instead);
  return decoding.end();
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/\p{L}+(?:-\p{L}+)*/gu) ?? []);
}
