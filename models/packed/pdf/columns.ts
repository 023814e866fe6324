import { lineOf, rowsOf, type Line, type Piece } from './lines.js';
import { append, largest, smallest } from '../../text/lists.js';

/** Fewer pieces on a side are no column. */
const FEWEST = 4;
/** Units that a line of running text has at least, in the middle of a column. */
const SHORTEST = 14;
const DEEPEST = 8;
/** Places that are looked at as gutters. */
const MOST_LOOKS = 24;

/** The columns of a page in reading order, each a list of lines from top to bottom. */
export function columnsOf(pieces: readonly Piece[], depth = 0): Line[][] {
  if (pieces.length === 0) return [];
  const gutter = depth < DEEPEST && pieces.length >= 2 * FEWEST ? gutterOf(pieces) : undefined;
  if (gutter === undefined) return [rowsOf(pieces).map(lineOf)];
  const columns: Line[][] = [];
  let left: Piece[] = [];
  let right: Piece[] = [];
  const close = () => {
    append(columns, columnsOf(left, depth + 1));
    append(columns, columnsOf(right, depth + 1));
    left = [];
    right = [];
  };
  // What reaches over the gutter parts what stands above it from what stands below.
  for (const row of rowsOf(pieces)) {
    const across = row.filter((piece) => piece.x0 < gutter - 1 && piece.x1 > gutter + 1);
    if (across.length > 0) {
      close();
      columns.push([lineOf(row)]);
      continue;
    }
    for (const piece of row) (piece.x0 >= gutter - 1 ? right : left).push(piece);
  }
  close();
  return joined(columns);
}

/** Lines that reach over all columns and follow each other are one column. */
function joined(columns: readonly Line[][]): Line[][] {
  const out: Line[][] = [];
  let wasSingle = false;
  for (const column of columns) {
    const isSingle = column.length === 1;
    if (isSingle && wasSingle) append(out.at(-1)!, column);
    else out.push([...column]);
    wasSingle = isSingle;
  }
  return out;
}

/**
 * Where a white strip parts two columns of running text, or undefined. At the left edge of the right column few pieces
 * reach over; both sides have lines that fill their width, and stand beside each other. Columns of a table do not: their
 * cells are short.
 */
function gutterOf(pieces: readonly Piece[]): number | undefined {
  const starts = pieces.map(({ x0 }) => x0).sort((a, b) => a - b);
  const ends = pieces.map(({ x1 }) => x1).sort((a, b) => a - b);
  const found: { x: number; across: number }[] = [];
  let ended = 0;
  for (let i = 0; i < starts.length; i++) {
    const x = starts[i]!;
    if (i > 0 && x - starts[i - 1]! < 0.5) continue;
    while (ended < ends.length && ends[ended]! <= x + 1) ended++;
    const right = starts.length - i;
    const across = i - ended;
    if (ended < FEWEST || right < FEWEST || across > 0.34 * Math.min(ended, right)) continue;
    found.push({ x, across });
  }
  // Each look costs a pass over the page, so that a drawing with a thousand labels gets no more than a few.
  const likely = found.sort((a, b) => a.across - b.across).slice(0, MOST_LOOKS);
  return likely.find(({ x }) => areColumns(pieces, x))?.x;
}

function areColumns(pieces: readonly Piece[], x: number): boolean {
  const left = pieces.filter(({ x1 }) => x1 <= x + 1);
  const right = pieces.filter(({ x0 }) => x0 >= x - 0.5);
  return isText(left) && isText(right) && areSideBySide(left, right);
}

function isText(side: readonly Piece[]): boolean {
  const units = side.map(({ text }) => text.length).sort((a, b) => a - b);
  if (units[units.length >> 1]! < SHORTEST) return false;
  const x0 = smallest(side.map((piece) => piece.x0));
  const x1 = largest(side.map((piece) => piece.x1));
  const filled = side.filter((piece) => piece.x1 - piece.x0 > 0.75 * (x1 - x0)).length;
  return filled >= 0.4 * side.length;
}

function areSideBySide(left: readonly Piece[], right: readonly Piece[]): boolean {
  const range = (side: readonly Piece[]) =>
    side.reduce((found, { y }) => ({ top: Math.min(found.top, y), bottom: Math.max(found.bottom, y) }), {
      top: Infinity,
      bottom: -Infinity,
    });
  const a = range(left);
  const b = range(right);
  const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return shared > 0.5 * Math.min(a.bottom - a.top, b.bottom - b.top) && shared > 0;
}
