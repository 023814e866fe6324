import { cleaned, flat, type TextBuilder } from '../text-builder.js';
import { columnsOf } from './columns.js';
import { headingsOf, type TextBlock } from './headings.js';
import { joinLines, seamOf, Vocabulary } from './hyphens.js';
import { rowsOf, textOf, type Line, type Piece } from './lines.js';
import { marginsOf } from './margins.js';
import type { OutlineEntry } from './outline.js';
import { blocksOfColumn, type PdfBlock } from './paragraphs.js';

/** The pieces of a page: those at the usual angle, and the others. */
export interface PdfPage {
  readonly pieces: readonly Piece[];
  readonly turned: readonly Piece[];
  readonly label: string;
}

/** A block that may run over pages. */
interface Written extends TextBlock {
  /** Offsets in its text from which it stands on another page. */
  readonly turns: { readonly at: number; readonly page: number }[];
  isFull: boolean;
  text: string;
}

const SENTENCE_END = /[.!?:;。！？：；…][»”"')\]」』]*$/u;
/** A note stands at the foot of its page, in smaller type, and begins with its mark. */
const NOTE = /^(?:\d{1,3}|[*†‡§]{1,2}|\[\d{1,3}\])\s*\S/u;
const NOTE_SIZE = 0.93;
/** Units; what goes on for longer is no paragraph. */
const LONGEST_PARAGRAPH = 20_000;

/** Writes the pages as one text: columns in reading order, without running lines, paragraphs whole. */
export function assemble(
  pages: readonly PdfPage[],
  outline: readonly OutlineEntry[],
  text: TextBuilder,
): void {
  const body = bodyOf(pages);
  const margins = marginsOf(pages, body);
  const vocabulary = new Vocabulary();
  for (const { pieces } of pages) for (const piece of pieces) vocabulary.add(piece.text);
  const blocks: Written[] = [];
  for (const [page, { pieces, turned }] of pages.entries()) {
    const kept = pieces.filter((piece) => !margins.has(piece));
    const columns = columnsOf(kept).flatMap((lines) => blocksOfColumn(lines, page));
    const { main, notes } = withoutNotes(columns, body.size);
    append(blocks, main, vocabulary);
    for (const block of notes) blocks.push(written(block, vocabulary));
    for (const row of rowsOf(turned)) {
      const [block] = blocksOfColumn([{ ...row[0]!, pieces: row }], page);
      if (block) blocks.push(written(block, vocabulary));
    }
  }
  write(text, pages, blocks, headingsOf(blocks, outline, body), body.size);
}

/** Size, font and leading of most of the text. */
function bodyOf(pages: readonly PdfPage[]): { size: number; font: string; leading: number } {
  const units = new Map<string, { units: number; size: number; font: string }>();
  const gaps = new Map<number, number>();
  for (const { pieces } of pages) {
    for (const { text, size, font } of pieces) {
      const key = `${font} ${size.toFixed(1)}`;
      const known = units.get(key) ?? { units: 0, size, font };
      known.units += text.length;
      units.set(key, known);
    }
    const rows = rowsOf(pieces);
    for (let i = 1; i < rows.length; i++) {
      const gap = Math.round((rows[i]![0]!.y - rows[i - 1]![0]!.y) * 2) / 2;
      gaps.set(gap, (gaps.get(gap) ?? 0) + 1);
    }
  }
  const most = [...units.values()].sort((a, b) => b.units - a.units)[0] ?? { size: 10, font: '' };
  const leadings = [...gaps].filter(([gap]) => gap > 0.8 * most.size && gap < 2.5 * most.size);
  const leading = leadings.sort((a, b) => b[1] - a[1])[0]?.[0] ?? 1.2 * most.size;
  return { size: most.size, font: most.font, leading };
}

/** The notes at the foot of a page are set apart, so that a paragraph can run on to the next page. */
function withoutNotes(blocks: readonly PdfBlock[], size: number): { main: PdfBlock[]; notes: PdfBlock[] } {
  const isNote = (block: PdfBlock, i: number) =>
    i > 0 && block.kind !== 'row' && block.size <= NOTE_SIZE * size && NOTE.test(textOf(block.lines[0]!));
  const first = blocks.findIndex(
    (block, i) => isNote(block, i) && blocks.slice(i).every((later) => later.size <= NOTE_SIZE * size),
  );
  if (first < 0) return { main: [...blocks], notes: [] };
  return { main: blocks.slice(0, first), notes: blocks.slice(first) };
}

/** Adds the blocks of a page; a paragraph that the page or column before left open goes on. */
function append(blocks: Written[], next: readonly PdfBlock[], vocabulary: Vocabulary): void {
  for (const block of next) {
    const own = written(block, vocabulary);
    const last = blocks.findLast(({ kind, size }) => kind !== 'paragraph' || size > NOTE_SIZE * own.size);
    if (last && goesOn(last, own)) {
      const { cut, between } = seamOf(last.text, own.text, vocabulary);
      const start = last.text.slice(0, last.text.length - cut) + between;
      last.text = start + own.text;
      if (own.page !== (last.turns.at(-1)?.page ?? last.page)) {
        last.turns.push({ at: start.length, page: own.page });
      }
      last.isFull = own.isFull;
    } else blocks.push(own);
  }
}

/** True if a block at the top of a column or page goes on with what the last one ended with. */
function goesOn(last: Written, own: Written): boolean {
  const isElsewhere = own.page !== last.page || own.lines[0]!.y < last.lines.at(-1)!.y;
  if (!isElsewhere || own.kind !== 'paragraph') return false;
  if (last.kind !== 'paragraph' && last.kind !== 'item') return false;
  if (Math.abs(last.size - own.size) > 0.06 * own.size || last.font !== own.font) return false;
  if (last.text.length > LONGEST_PARAGRAPH || SENTENCE_END.test(last.text.slice(-20))) return false;
  return /^[\p{Ll}\d(]/u.test(own.text) || /[,\-\u2010\u00ad，、]$/u.test(last.text.slice(-1)) || last.isFull;
}

function written(block: PdfBlock, vocabulary: Vocabulary): Written {
  const text = block.kind === 'code' ? codeOf(block.lines) : proseOf(block.lines, vocabulary);
  return { ...block, text, turns: [] };
}

function proseOf(lines: readonly Line[], vocabulary: Vocabulary): string {
  return joinLines(
    lines.map((line) => flat(cleaned(textOf(line)))),
    vocabulary,
  );
}

/** Lines of code stay lines, indented as they stand. */
function codeOf(lines: readonly Line[]): string {
  const left = lines.reduce((x, line) => Math.min(x, line.x0), Infinity);
  return lines
    .map((line, i) => {
      const before = lines[i - 1];
      const isApart = before && line.y - before.y > 1.7 * line.size;
      let text = '';
      for (const piece of line.pieces) {
        const width = (piece.x1 - piece.x0) / piece.text.length || piece.size / 2;
        const column = Math.min(200, Math.round((piece.x0 - left) / width));
        text += ' '.repeat(Math.max(text === '' ? 0 : 1, column - text.length)) + piece.text;
      }
      return (isApart ? '\n' : '') + cleaned(text);
    })
    .join('\n');
}

function write(
  text: TextBuilder,
  pages: readonly PdfPage[],
  blocks: readonly Written[],
  headings: ReadonlyMap<number, number>,
  size: number,
): void {
  let page = -1;
  const turn = (to: number) => {
    page = to;
    return { kind: 'page', number: to + 1, label: pages[to]!.label } as const;
  };
  for (const [i, block] of blocks.entries()) {
    if (block.page !== page) text.anchor(turn(block.page));
    const level = headings.get(i);
    if (block.kind === 'row' && level === undefined) {
      text.open({ kind: 'row' });
      for (const piece of block.lines[0]!.pieces) {
        text.append(piece.text);
        text.endCell();
      }
      text.close();
      continue;
    }
    const isNote = block.size <= NOTE_SIZE * size && block.kind !== 'code' && NOTE.test(block.text);
    const kind = level !== undefined ? 'heading' : isNote ? 'note' : block.kind;
    const start = text.write({ kind, ...(level !== undefined && { level }) }, block.text);
    for (const { at, page: next } of block.turns) {
      if (start !== undefined) text.mark({ ...turn(next), start: start + at });
    }
  }
}
