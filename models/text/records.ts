import type { Span } from './span.js';

/** Where something stands in a tree of keys, headings or folders; `undefined` is the root. */
export interface PathNode {
  readonly name: string;
  readonly parent: PathNode | undefined;
}

/** A named value: a cell below its header, a leaf beside its key, an item of a list. Offsets are of the source. */
export interface Field extends Span {
  /** The header or key; empty where there is none. */
  readonly name: string;
  /** The value with its name, where they stand beside each other: what is selected. */
  readonly whole?: Span;
}

/**
 * What belongs together in a document that is no prose: a row of a table knows its header, a leaf of a configuration
 * its path, a list the line above it. Offsets are of the source.
 */
export interface TextRecord extends Span {
  readonly kind: 'row' | 'keys' | 'list' | 'message';
  readonly fields: readonly Field[];
  /** Keys above it, from the nearest up. */
  readonly path?: PathNode | undefined;
  /** What announces it: the line above a list, the caption of a table. */
  readonly lead?: Span;
}

/** The names of a path, from the root on. */
export function namesOf(path: PathNode | undefined): string[] {
  const names: string[] = [];
  for (let node = path; node; node = node.parent) names.push(node.name);
  return names.reverse();
}
