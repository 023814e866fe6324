import type { Block } from '../block.js';
import { asItStands, type Parsed } from '../parsed.js';
import type { Field, TextRecord } from '../records.js';
import type { Span } from '../span.js';

/**
 * Tables of comma-, tab-, semicolon- or bar-separated values (RFC 4180). No library gives the ranges of cells, so this
 * scanner finds them. A quotation mark opens a quoted cell only at the cell's beginning. Another must close it before a
 * delimiter or a line's end, within so many units and lines, and the row must then have as many cells as the header.
 * Else it is a character like others: a stray mark glues no rows.
 */

const DELIMITERS = ['\t', ',', ';', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Units that a quoted cell may have. */
const LONGEST_CELL = 1 << 15;
/** Lines that tell the delimiter. */
const SAMPLE = 200;

export function parseDelimited(text: string): Parsed {
  const delimiter = delimiterOf(text) ?? ',';
  const blocks: Block[] = [];
  const records: TextRecord[] = [];
  let names: readonly string[] | undefined;
  for (const { start, end, cells } of rowsOf(text, delimiter)) {
    // A row of nothing but marks between empty cells says nothing.
    if (end - start < cells.length || cells.every((cell) => cell.end === cell.start)) continue;
    blocks.push({ kind: 'table', start, end });
    if (names === undefined) {
      const isHead = /\S/u.test(text.slice(end, end + 1000)) && isHeader(text, cells);
      names = isHead ? cells.map((cell) => contentOf(text, cell)) : [];
      if (isHead) continue;
    }
    const columns = names;
    const fields = cells.map((cell, i): Field => ({ ...unquoted(text, cell), name: columns[i] ?? '' }));
    records.push({ kind: 'row', start, end, fields });
  }
  return asItStands(text, blocks, records);
}

/** The delimiter of a text whose lines are rows, or undefined where they are none. */
export function delimiterOf(text: string): Delimiter | undefined {
  const lines = text
    .slice(0, 1 << 16)
    .split(/\r\n?|\n/u)
    .slice(0, SAMPLE);
  if (text.length > 1 << 16) lines.pop();
  const filled = lines.filter((line) => line.trim() !== '');
  if (filled.length < 2) return undefined;
  let best: { delimiter: Delimiter; cells: number } | undefined;
  for (const delimiter of DELIMITERS) {
    const counts = filled.map((line) => cellsIn(line, delimiter));
    const usual = counts[0]!;
    if (usual < 2 || (usual < 3 && delimiter !== '\t' && filled.length < 4)) continue;
    const alike = counts.filter((count) => count === usual).length;
    if (alike < filled.length * 0.8) continue;
    if (!best || usual > best.cells) best = { delimiter, cells: usual };
  }
  return best && isTabular(filled, best.delimiter) ? best.delimiter : undefined;
}

function cellsIn(line: string, delimiter: Delimiter): number {
  let cells = 1;
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"' && (isQuoted || at === 0 || line[at - 1] === delimiter)) isQuoted = !isQuoted;
    else if (line[at] === delimiter && !isQuoted) cells++;
  }
  return isQuoted ? line.split(delimiter).length : cells;
}

/** Prose with a comma in every line is no table: cells are short, and no sentence goes on behind a comma and a space. */
function isTabular(lines: readonly string[], delimiter: Delimiter): boolean {
  if (delimiter === '\t') return true;
  if (delimiter === '|' && lines.every((line) => /^\s*\|.*\|\s*$/u.test(line))) return false;
  const spaced = lines.filter((line) => line.includes(`${delimiter} `) && !line.includes('"')).length;
  const ends = lines.filter((line) => /[.!?]$/u.test(line.trim())).length;
  const stamped = lines.filter((line) => /^\S{0,3}\d[\d/:.-]{5,}[\sT,]/u.test(line)).length;
  if (delimiter === '|' && stamped > lines.length / 2) return false;
  return spaced < lines.length / 2 && ends < lines.length / 2;
}

interface Row extends Span {
  readonly cells: readonly Span[];
}

function* rowsOf(text: string, delimiter: Delimiter): Generator<Row, void, undefined> {
  let usual = 0;
  for (let at = 0; at < text.length;) {
    const quoted = scanRow(text, at, delimiter, true);
    const isWhole = usual === 0 || quoted.lines === 1 || quoted.cells.length === usual;
    const row = isWhole ? quoted : scanRow(text, at, delimiter, false);
    if (usual === 0 && row.end > row.start) usual = row.cells.length;
    yield row;
    at = row.next;
  }
}

/** One row from `start` on; with `quotes` a quoted cell may hold delimiters and line ends. */
function scanRow(
  text: string,
  start: number,
  delimiter: Delimiter,
  quotes: boolean,
): Row & { next: number; lines: number } {
  const cells: Span[] = [];
  let lines = 1;
  let at = start;
  for (;;) {
    const from = at;
    if (quotes && text[at] === '"') {
      const close = closingQuote(text, at, delimiter);
      if (close > 0) {
        lines += text.slice(at, close).split('\n').length - 1;
        at = close;
      }
    }
    while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++;
    cells.push({ start: from, end: at });
    if (text[at] === delimiter) {
      at++;
      continue;
    }
    const next = text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : at + 1;
    return { start, end: at, cells, next, lines };
  }
}

/** Behind the mark that closes a quoted cell, or 0 where none does. */
function closingQuote(text: string, open: number, delimiter: Delimiter): number {
  const limit = Math.min(text.length, open + LONGEST_CELL);
  for (let at = open + 1; at < limit; at++) {
    if (text[at] !== '"') continue;
    const next = text[at + 1];
    if (next === '"') at++;
    else if (next === undefined || next === delimiter || next === '\n' || next === '\r') return at + 1;
    else return 0;
  }
  return 0;
}

/** What a cell holds, without marks and white space around it. */
function unquoted(text: string, { start, end }: Span): Span {
  let from = start;
  let to = end;
  while (from < to && /\s/u.test(text[from]!)) from++;
  while (to > from && /\s/u.test(text[to - 1]!)) to--;
  const isOpen = text[from] === '"' && to > from;
  const isClosed = text[to - 1] === '"' && to - 1 > from;
  if (isOpen && isClosed) return { start: from + 1, end: to - 1 };
  // A stray mark at either end is no part of the value.
  const inner = text.slice(from + 1, to - 1);
  if (isOpen && !inner.includes('"')) from++;
  return { start: from, end: to };
}

function contentOf(text: string, cell: Span): string {
  const { start, end } = unquoted(text, cell);
  return text.slice(start, end).replaceAll('""', '"');
}

/** The first row names the columns: no number or date is in it, and no name stands there twice. */
function isHeader(text: string, cells: readonly Span[]): boolean {
  const names = cells.map((cell) => contentOf(text, cell).toLowerCase());
  const filled = names.filter((name) => name !== '');
  if (filled.length === 0 || new Set(filled).size < filled.length) return false;
  const isData = (value: string) =>
    /^[-+$€£]?[\d.,:/%-]+$|@|:\/\//u.test(value) && !/^(?:19|20)\d\d$/u.test(value);
  return !filled.some(isData) && filled.every((name) => name.length < 80);
}
