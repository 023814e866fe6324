import type { TextLine } from './lines.js';
import type { Span } from './span.js';

/**
 * What the parts of a document are: headings, prose, list items, code, tables, log lines, turns of speakers, and
 * what no summary should take from (contents, licences, markup).
 */
export type BlockKind = 'heading' | 'prose' | 'item' | 'turn' | 'log' | 'code' | 'table' | 'boilerplate';

/** A part of a document, white space around it left out. */
export interface Block extends Span {
  readonly kind: BlockKind;
  /** Headings: 1 is the highest. */
  readonly level?: number;
  /** Headings: the words without marks. */
  readonly title?: string;
  /** Turns: where, behind the speaker's name, what was said begins. */
  readonly said?: number;
  /** Turns: seconds since the beginning, where the transcript says so. */
  readonly time?: number;
  /** Messages: the day, as the text has it. */
  readonly day?: string;
}

/** The block from the first to the last of some lines, or undefined where they are empty. */
export function blockOf(lines: readonly TextLine[], kind: BlockKind): Block | undefined {
  const first = lines[0];
  const last = lines.at(-1);
  if (!first || !last) return undefined;
  const start = first.start + first.text.length - first.text.trimStart().length;
  const end = last.start + last.text.trimEnd().length;
  return end > start ? { kind, start, end } : undefined;
}
