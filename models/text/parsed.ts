import type { Block } from './block.js';
import { DecodedText, TextDecoding } from './decoded-text.js';
import type { TextRecord } from './records.js';
import type { Span } from './span.js';

/** A document as the parser of its format sees it. Offsets are of the source. */
export interface Parsed {
  /** In order, apart from each other. */
  readonly blocks: readonly Block[];
  /** In the order of their beginnings. */
  readonly records: readonly TextRecord[];
  readonly decoded: DecodedText;
  /** In how many pieces the text was parsed, where it is longer than its parser bears at once. */
  readonly pieces?: number;
}

export type Parser = (text: string) => Parsed;

/** What is read as it stands. */
export function asItStands(
  text: string,
  blocks: readonly Block[],
  records: readonly TextRecord[] = [],
): Parsed {
  return { blocks, records, decoded: DecodedText.same(text) };
}

/** A part of a decoded text with the parser that reads it. */
export interface Inner extends Span {
  readonly parse: Parser;
  /** What stands before its blocks, in units of the decoded text. */
  readonly before?: readonly Block[];
}

/**
 * Parses parts of what was decoded: the cells of a notebook, the bodies of messages. What comes back has the offsets of
 * the source of `outer`.
 *
 * @param parts in order
 */
export function parsedWithin(outer: DecodedText, parts: readonly Inner[]): Parsed {
  const decoding = new TextDecoding(outer.text, outer);
  const blocks: Block[] = [];
  const records: TextRecord[] = [];
  let pieces = 1;
  for (const { start, end, parse, before = [] } of parts) {
    const inner = parse(outer.text.slice(start, end));
    pieces += (inner.pieces ?? 1) - 1;
    for (let i = 0; i < inner.decoded.edits; i++) {
      const edit = inner.decoded.edit(i);
      decoding.replace(start + edit.start, start + edit.end, edit.instead);
    }
    for (const block of before) blocks.push(movedBlock(block, outer, 0));
    for (const block of inner.blocks) blocks.push(movedBlock(block, outer, start));
    for (const record of inner.records) records.push(movedRecord(record, outer, start));
  }
  const decoded = decoding.end();
  const parsed = { blocks, records, decoded: decoded.edits === 0 ? outer : decoded };
  return pieces > 1 ? { ...parsed, pieces } : parsed;
}

/** A block of a decoded text in its source. */
export function movedBlock(block: Block, outer: DecodedText, by: number): Block {
  const span = outer.toSource(block.start + by, block.end + by);
  if (block.said === undefined) return { ...block, ...span };
  return { ...block, ...span, said: outer.toSource(block.said + by, block.end + by).start };
}

function movedRecord(record: TextRecord, outer: DecodedText, by: number): TextRecord {
  const moved = ({ start, end }: Span) => outer.toSource(start + by, end + by);
  return {
    ...record,
    ...moved(record),
    fields: record.fields.map((field) => ({
      ...field,
      ...moved(field),
      ...(field.whole && { whole: moved(field.whole) }),
    })),
    ...(record.lead && { lead: moved(record.lead) }),
  };
}
