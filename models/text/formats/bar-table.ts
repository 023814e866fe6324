import type { Block } from '../block.js';
import type { TextLine } from '../lines.js';
import type { Field, TextRecord } from '../records.js';

/**
 * A row of a table that is drawn with bars: `| a | b |`. Rules such as `|---+---|` and `+---+---+` are none.
 *
 * @param header names of the columns, once the first row was read
 * @returns the names of the columns
 */
export function barRow(
  line: TextLine,
  block: Block,
  header: readonly string[] | undefined,
  blocks: Block[],
  records: TextRecord[],
): readonly string[] | undefined {
  if (/^[|+][-=+:| ]*$/u.test(line.trimmed)) return header;
  const cells: { start: number; end: number }[] = [];
  let from = line.text.indexOf('|') + 1;
  for (let bar = line.text.indexOf('|', from); bar >= 0; bar = line.text.indexOf('|', from)) {
    const raw = line.text.slice(from, bar);
    const start = line.start + from + raw.length - raw.trimStart().length;
    cells.push({ start, end: Math.max(start, start + raw.trim().length) });
    from = bar + 1;
  }
  blocks.push(block);
  if (!header) return cells.map(({ start, end }) => line.text.slice(start - line.start, end - line.start));
  const fields = cells.map((cell, i): Field => ({ ...cell, name: header[i] ?? '' }));
  records.push({ kind: 'row', start: block.start, end: block.end, fields });
  return header;
}
