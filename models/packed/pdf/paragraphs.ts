import { textOf, type Line } from './lines.js';

export type PdfBlockKind = 'paragraph' | 'item' | 'row' | 'code' | 'contents';

/** Lines that belong together. */
export interface PdfBlock {
  readonly kind: PdfBlockKind;
  readonly lines: readonly Line[];
  readonly page: number;
  /** In points, of its first line. */
  readonly size: number;
  readonly font: string;
  /** The last line reaches the right edge of its column, so that the text may go on elsewhere. */
  readonly isFull: boolean;
}

const BULLET = /^(?:[•‣▪▫■□●○◦∙◆◇➢➤✓✔]\s*\S|[·*–—-]\s+\S|[–—](?=[“„«]))/u;
const NUMBERED = /^(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\(\d{1,3}\)|\d{1,2}(?:\.\d{1,2}){1,4}\.?)\s+\S/iu;
const SENTENCE_END = /[.!?:;。！？：；…»”"')\]]$/u;
/** A line of a table of contents: dots, then a page. */
const LINE_END = 120;
const LEADERS = /(?:[.·…‥]\s?){4,}\s*(?:\d+|[ivxlc]+)$/iu;
/** Points by which cells of a column may differ. */
const ALIGNED = 3;
const FEWEST_ROWS = 3;
/** Code has empty lines in it: leadings between two lines of one listing. */
const CODE_GAP = 3.2;
/** Lines of contents on a page of them. */
const FEWEST_CONTENTS = 4;

/** Cuts a column into blocks. */
export function blocksOfColumn(lines: readonly Line[], page: number): PdfBlock[] {
  const edges = edgesOf(lines);
  const rows = rowsOfTables(lines);
  const blocks: PdfBlock[] = [];
  let open: Line[] = [];
  let kind: PdfBlockKind = 'paragraph';
  const close = () => {
    if (open.length > 0) blocks.push(blockOf(open, kind, page, edges));
    open = [];
  };
  for (const [i, line] of lines.entries()) {
    const text = textOf(line);
    const own = rows.has(line)
      ? 'row'
      : LEADERS.test(text.slice(-LINE_END))
        ? 'contents'
        : line.isMono
          ? 'code'
          : undefined;
    if (own === 'row' || own === 'contents') {
      close();
      blocks.push(blockOf([line], own, page, edges));
      continue;
    }
    const before = lines[i - 1];
    const isCode = own === 'code';
    if (
      !before ||
      open.length === 0 ||
      isCode !== (kind === 'code') ||
      isBorder(open, before, line, text, edges)
    ) {
      close();
      kind = isCode ? 'code' : isMarked(text) ? 'item' : 'paragraph';
    }
    open.push(line);
  }
  close();
  return withContents(blocks);
}

/** Beside lines with leaders, short ones that end with a number are lines of the contents too. */
function withContents(blocks: readonly PdfBlock[]): PdfBlock[] {
  const lines = blocks.filter(({ kind }) => kind === 'contents').length;
  if (lines < FEWEST_CONTENTS || lines < 0.5 * blocks.length) return [...blocks];
  return blocks.map((block) => {
    const isEntry =
      block.lines.length === 1 && /\s(?:\d+|[ivxlc]+)$/u.test(textOf(block.lines[0]!).slice(-12));
    return isEntry ? { ...block, kind: 'contents' } : block;
  });
}

interface Edges {
  readonly left: number;
  readonly right: number;
  /** The usual distance of baselines. */
  readonly leading: number;
}

function blockOf(lines: readonly Line[], kind: PdfBlockKind, page: number, { right }: Edges): PdfBlock {
  const last = lines.at(-1)!;
  const { size, font } = lines[0]!;
  return { kind, lines, page, size, font, isFull: last.x1 > right - 3 * last.size };
}

function edgesOf(lines: readonly Line[]): Edges {
  const left = lines.reduce((x, line) => Math.min(x, line.x0), Infinity);
  const ends = lines.map(({ x1 }) => x1).sort((a, b) => a - b);
  const gaps: number[] = [];
  for (let i = 1; i < lines.length; i++) {
    const gap = lines[i]!.y - lines[i - 1]!.y;
    if (gap > 0.5 * lines[i]!.size && gap < 3 * lines[i]!.size) gaps.push(gap);
  }
  gaps.sort((a, b) => a - b);
  return {
    left,
    right: ends[Math.floor((ends.length - 1) * 0.95)]!,
    // Of what is set tight and what is not, the tight one: most paragraphs have several lines.
    leading: gaps[Math.floor(gaps.length * 0.3)] ?? 1.2 * (lines[0]?.size ?? 10),
  };
}

const isMarked = (text: string) => BULLET.test(text) || NUMBERED.test(text);

/** True if `line` begins a block of its own rather than going on with the `open` one. */
function isBorder(open: readonly Line[], before: Line, line: Line, text: string, edges: Edges): boolean {
  const size = Math.max(before.size, line.size);
  if (Math.abs(before.size - line.size) > 0.12 * size) return true;
  const gap = line.y - before.y;
  const most = line.isMono ? CODE_GAP : 1.35;
  if (gap < 0 || gap > Math.max(most * edges.leading, 1.1 * size) + 1) return true;
  if (line.isMono) return false;
  const isShort = before.x1 < edges.right - 0.18 * (edges.right - edges.left);
  const last = textOf(before);
  if (isMarked(text) && (BULLET.test(text) || isShort || SENTENCE_END.test(last.slice(-1)))) return true;
  const indent = line.x0 - before.x0;
  const first = open[0]!;
  const isFirst = open.length === 1;
  // A hanging indent goes on under its first line, as do items under their mark.
  if (indent > 0.8 * size)
    return !isFirst || (!isMarked(textOf(first)) && (isShort || SENTENCE_END.test(last.slice(-1))));
  if (indent < -0.8 * size) return !isFirst || isMarked(textOf(first));
  if (isShort && SENTENCE_END.test(last.slice(-1))) return true;
  return line.font !== before.font && isShort && line.font !== first.font;
}

/** Lines of three or more in a row that have pieces apart from each other at the same places. */
function rowsOfTables(lines: readonly Line[]): Set<Line> {
  const rows = new Set<Line>();
  let run: Line[] = [];
  const close = () => {
    if (run.length >= FEWEST_ROWS) for (const line of run) rows.add(line);
    run = [];
  };
  for (const line of lines) {
    const isRow = line.pieces.length > 1 && !line.isMono && !LEADERS.test(textOf(line).slice(-LINE_END));
    const before = run.at(-1);
    if (!isRow || (before && !areAligned(before, line))) close();
    if (isRow) run.push(line);
  }
  close();
  return rows;
}

function areAligned(before: Line, line: Line): boolean {
  let shared = 0;
  for (let i = 0, j = 0; i < before.pieces.length && j < line.pieces.length;) {
    const a = before.pieces[i]!;
    const b = line.pieces[j]!;
    if (Math.abs(a.x0 - b.x0) <= ALIGNED || Math.abs(a.x1 - b.x1) <= ALIGNED) shared++;
    if (a.x0 <= b.x0) i++;
    else j++;
    if (a.x0 === b.x0) j++;
  }
  return shared >= 2;
}
