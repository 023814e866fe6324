import type { PoolEntry } from '../../models/document/types.js';

/** A note's stay at its place in the pool of its layer. */
export interface Placed {
  readonly entry: PoolEntry;
  /** From 0: a note that replaces another takes over its slot. */
  readonly slot: number;
}

/**
 * Gives every stay of one layer a slot, so that each slot is one row of a timeline: a note takes the slot of the
 * one that it replaced, or the lowest one that is free when it enters. Which note replaced which is paired by
 * the pool life; a slot is a way to draw that, the model knows of none.
 *
 * @param entries of one layer, in the order of entering
 */
export function slotsOf(entries: readonly PoolEntry[]): Placed[] {
  /** By the token of the successor. */
  const inherited = new Map<string, number>();
  const freeFrom: number[] = [];
  return entries.map((entry) => {
    const key = `${entry.token} ${entry.enteredAt}`;
    let slot = inherited.get(key);
    if (slot === undefined) {
      slot = freeFrom.findIndex((free) => free <= entry.enteredAt);
      if (slot < 0) slot = freeFrom.length;
    }
    freeFrom[slot] = entry.leftAt ?? Infinity;
    if (entry.leftAt !== null && entry.replacedBy !== null) {
      inherited.set(`${entry.replacedBy} ${entry.leftAt}`, slot);
      // Kept for the heir, who enters with the very chunk with which this one leaves.
      freeFrom[slot] = Infinity;
    }
    return { entry, slot };
  });
}

/** The notes that were in the pools after `position` tokens. */
export function poolAt(entries: readonly PoolEntry[], position: number): PoolEntry[] {
  return entries.filter(
    ({ enteredAt, leftAt }) => enteredAt <= position && (leftAt === null || leftAt > position),
  );
}

/** A word of the document with the notes that were taken of its tokens. */
export interface NotedWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly notes: number;
  readonly layers: readonly number[];
}

/** Notes by the word that they are of, in the order of the text: five digits of one key are one word. */
export function wordsOfNotes(entries: readonly PoolEntry[]): NotedWord[] {
  const words = new Map<number, PoolEntry[]>();
  for (const entry of entries) {
    const known = words.get(entry.wordStart);
    if (known) known.push(entry);
    else words.set(entry.wordStart, [entry]);
  }
  return [...words]
    .sort(([a], [b]) => a - b)
    .map(([start, notes]) => {
      const { word, line } = notes[0]!;
      const layers = [...new Set(notes.map(({ layer }) => layer))].sort((a, b) => a - b);
      return { word, start, end: start + word.length, line, notes: notes.length, layers };
    });
}

/** Tokens that a note stayed, up to the end of what was read where it is still there. */
export function stayOf({ enteredAt, leftAt }: PoolEntry, length: number): number {
  return (leftAt ?? length) - enteredAt;
}
