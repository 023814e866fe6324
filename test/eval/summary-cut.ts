import { sentencesOf } from '../../models/text/sentences.js';
import { rougeWords } from './rouge.js';

/** Sentences taken in the given order until there are `words` words, the last one cut there; in text order. */
export function cutToWords(sentences: readonly string[], order: Iterable<number>, words: number): string[] {
  const taken: { readonly i: number; readonly text: string }[] = [];
  let left = words;
  for (const i of order) {
    if (left <= 0) break;
    const all = rougeWords(sentences[i]!);
    if (all.length === 0) continue;
    taken.push({ i, text: all.slice(0, left).join(' ') });
    left -= all.length;
  }
  return taken.sort((a, b) => a.i - b.i).map(({ text }) => text);
}

/** A reference's sentences; an empty line ends one too. */
export function sentencesOfReference(reference: string): string[] {
  return reference
    .split(/\n\s*\n/u)
    .flatMap((paragraph) => sentencesOf(paragraph).map(({ start, end }) => paragraph.slice(start, end)));
}
