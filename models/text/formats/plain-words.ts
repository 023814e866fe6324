import { DecodedText, TextDecoding } from '../decoded-text.js';

/** A word that is divided at a line's end: letters, a hyphen, the rest in the next line. */
const DIVIDED = /(?<=\p{Ll}{2})[-\u2010][ \t]*\r?\n[ \t]*(?=\p{Ll}{2})/gu;
/** Longest half that is looked at. */
const HALF = 40;

/**
 * The words of running text: one that is divided at a line's end is read as one, unless the text has it with its hyphen
 * elsewhere and nowhere without.
 */
export function plainWords(text: string): DecodedText {
  const found = [...text.matchAll(DIVIDED)];
  if (found.length === 0) return DecodedText.same(text);
  const known = new Set(text.toLowerCase().match(/\p{L}+(?:-\p{L}+)*/gu) ?? []);
  const decoding = new TextDecoding(text);
  for (const { index, 0: gap } of found) {
    const end = index + gap.length;
    const before = /[\p{L}-]+$/u.exec(text.slice(Math.max(0, index - HALF), index))![0].toLowerCase();
    const behind = /^\p{L}+/u.exec(text.slice(end, end + HALF))![0].toLowerCase();
    const keeps = known.has(`${before}-${behind}`) && !known.has(before + behind);
    decoding.replace(index, end, keeps ? '-' : '');
  }
  return decoding.end();
}
