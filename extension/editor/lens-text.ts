import type { PoolEntry, SummarySection } from '../../models/document/types.js';

/** UTF-16 code units of a sentence above a heading: what follows it fits into the same line. */
const LENGTH = 72;

/** A sentence in one line, cut between words where it is long. */
export function lensTitle(sentence: string): string {
  const line = sentence.replace(/\s+/g, ' ').trim();
  if (line.length <= LENGTH) return line;
  const cut = line.lastIndexOf(' ', LENGTH - 1);
  return `${line.slice(0, cut > LENGTH / 2 ? cut : LENGTH - 1)}…`;
}

/**
 * How many words of each section have notes in a pool. A section reaches to the next one's beginning; a word with
 * notes in several layers counts once.
 *
 * @param sections in the order of the text
 */
export function notesBySection(
  sections: readonly Pick<SummarySection, 'start'>[],
  notes: readonly Pick<PoolEntry, 'wordStart'>[],
): number[] {
  const counts = sections.map(() => 0);
  for (const start of new Set(notes.map(({ wordStart }) => wordStart))) {
    const section = sections.findLastIndex((candidate) => candidate.start <= start);
    if (section >= 0) counts[section]! += 1;
  }
  return counts;
}
