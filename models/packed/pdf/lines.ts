import { largest } from '../../text/lists.js';
import type { Run } from './runs.js';

/** Runs that stand side by side with no more than the space of a word between them. */
export interface Piece extends Omit<Run, 'size' | 'isRtl' | 'isSpaced'> {
  /** Of most of its text, in points. */
  readonly size: number;
}

/** Pieces on one baseline, from left to right. */
export interface Line extends Omit<Piece, 'text'> {
  readonly pieces: readonly Piece[];
}

/** Space, in shares of the size: between words at least; within a piece at most, in the order of the file and else. */
const WORD_SPACE = 0.15;
const WIDEST_SPACE = 1.6;
const NEIGHBOURS = 0.5;

/** Joins runs into pieces: first in the order in which they were written, then those that touch. */
export function piecesOf(runs: readonly Run[]): Piece[] {
  const groups: Run[][] = [];
  for (const run of runs) {
    const open = groups.at(-1);
    const last = open?.at(-1);
    if (open && last && follows(last, run, WIDEST_SPACE)) open.push(run);
    else groups.push([run]);
  }
  const rows = rowsOf(groups.map(pieceOf));
  return rows.flatMap(merged);
}

function follows(last: Run, run: Run, widest: number): boolean {
  const size = Math.max(last.size, run.size);
  // A raised or lowered sign is smaller; what is of the same size stands on the same line.
  const isSmaller = Math.min(last.size, run.size) < 0.85 * size;
  if (Math.abs(last.y - run.y) > (isSmaller ? 0.6 : 0.25) * size) return false;
  const gap = run.isRtl && last.isRtl ? last.x0 - run.x1 : run.x0 - last.x1;
  return gap > -0.5 * size && gap < widest * size;
}

function pieceOf(runs: readonly Run[]): Piece {
  const first = runs[0]!;
  const units = new Map<string, number>();
  for (const { font, size, text } of runs) {
    const key = `${font} ${size.toFixed(1)}`;
    units.set(key, (units.get(key) ?? 0) + text.length);
  }
  const [most] = [...units].sort((a, b) => b[1] - a[1])[0]!;
  const main = runs.find(({ font, size }) => `${font} ${size.toFixed(1)}` === most)!;
  let text = first.text;
  for (let i = 1; i < runs.length; i++) {
    const run = runs[i]!;
    text += (isApart(runs[i - 1]!, run) ? ' ' : '') + run.text;
  }
  return {
    text,
    x0: runs.reduce((x, run) => Math.min(x, run.x0), first.x0),
    x1: runs.reduce((x, run) => Math.max(x, run.x1), first.x1),
    y: main.y,
    size: main.size,
    font: main.font,
    isMono: runs.every((run) => run.isMono),
  };
}

function isApart(last: Run, run: Run): boolean {
  const gap = run.isRtl && last.isRtl ? last.x0 - run.x1 : run.x0 - last.x1;
  return run.isSpaced || gap > WORD_SPACE * Math.max(last.size, run.size);
}

/** Pieces by baseline, each row from left to right. Pieces less than a third of their size apart share one. */
export function rowsOf(pieces: readonly Piece[]): Piece[][] {
  const rows: Piece[][] = [];
  let top: Piece | undefined;
  for (const piece of [...pieces].sort((a, b) => a.y - b.y)) {
    if (top && piece.y - top.y <= 0.3 * Math.min(top.size, piece.size)) rows.at(-1)!.push(piece);
    else {
      rows.push([piece]);
      top = piece;
    }
  }
  for (const row of rows) row.sort((a, b) => a.x0 - b.x0);
  return rows;
}

/** Neighbours of a row that touch are one piece, also where they were written at other times. */
function merged(row: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of row) {
    const last = out.at(-1);
    const gap = last ? piece.x0 - last.x1 : Infinity;
    const size = last ? Math.max(last.size, piece.size) : 0;
    if (!last || gap > NEIGHBOURS * size || gap < -0.5 * size) {
      out.push(piece);
      continue;
    }
    const larger = last.text.length >= piece.text.length ? last : piece;
    out[out.length - 1] = {
      ...larger,
      text: last.text + (gap > WORD_SPACE * size ? ' ' : '') + piece.text,
      x0: last.x0,
      x1: Math.max(last.x1, piece.x1),
      isMono: last.isMono && piece.isMono,
    };
  }
  return out;
}

export function lineOf(pieces: readonly Piece[]): Line {
  const main = pieces.reduce((best, piece) => (piece.text.length > best.text.length ? piece : best));
  return {
    pieces,
    x0: pieces[0]!.x0,
    x1: largest(pieces.map((piece) => piece.x1)),
    y: main.y,
    size: main.size,
    font: main.font,
    isMono: pieces.every(({ isMono }) => isMono),
  };
}

export const textOf = ({ pieces }: Pick<Line, 'pieces'>) => pieces.map(({ text }) => text).join(' ');
