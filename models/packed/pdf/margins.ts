import { romanValue } from '../numerals.js';
import { rowsOf, type Piece } from './lines.js';

/** A page before its lines are put in order. */
export interface RawPage {
  readonly pieces: readonly Piece[];
}

/** Rows at the top and at the bottom among which a running header or footer is looked for. */
const DEPTH = 3;
/** Pages on which the same words make a running line. */
const FEWEST = 3;
/** Points by which a running line may stand higher or lower. */
const GRID = 3;

interface Row {
  readonly page: number;
  readonly pieces: readonly Piece[];
  readonly place: string;
  /** Its words with every number as one sign. */
  readonly key: string;
  readonly size: number;
  /** To the next row, inwards. */
  readonly gap: number;
}

/**
 * The pieces of running headers, footers and page numbers. Such a row stands outermost on its page, and either its
 * words, numbers apart, come again at the same height on three pages or more, or most pages have a row at that height,
 * apart from the text, and many of those rows come again in part.
 */
export function marginsOf(pages: readonly RawPage[], body: { size: number; leading: number }): Set<Piece> {
  const taken = new Set<Piece>();
  // What stands behind a running line may be one too.
  for (let depth = 0; depth < DEPTH; depth++) {
    const found = [...outermost(pages, taken, 1, body), ...outermost(pages, taken, -1, body)];
    if (found.length === 0) break;
    for (const row of found) for (const piece of row.pieces) taken.add(piece);
  }
  return taken;
}

function outermost(
  pages: readonly RawPage[],
  taken: ReadonlySet<Piece>,
  side: 1 | -1,
  body: { size: number; leading: number },
): Row[] {
  const rows = pages.flatMap(({ pieces }, page) => {
    const row = outerRow(pieces, taken, page, side);
    return row ? [row] : [];
  });
  const count = countsOf(rows.map(({ key, place }) => `${place} ${key}`));
  const parts = countsOf(rows.flatMap(({ pieces }) => pieces.map(({ text }) => keyOf(text))));
  const places = new Map<string, Row[]>();
  for (const row of rows) {
    const at = places.get(row.place);
    if (at) at.push(row);
    else places.set(row.place, [row]);
  }
  const running = new Set(
    [...places].filter(([, at]) => isRunning(at, pages.length, parts, body)).map(([place]) => place),
  );
  return rows.filter(
    (row) =>
      count.get(`${row.place} ${row.key}`)! >= FEWEST ||
      (running.has(row.place) && row.size <= 1.15 * body.size) ||
      isPageNumber(row, pages.length, body),
  );
}

function outerRow(
  pieces: readonly Piece[],
  taken: ReadonlySet<Piece>,
  page: number,
  side: 1 | -1,
): Row | undefined {
  const rows = rowsOf(pieces.filter((piece) => !taken.has(piece)));
  if (side < 0) rows.reverse();
  const [row, next] = rows;
  if (!row) return undefined;
  const y = row[0]!.y;
  return {
    page,
    pieces: row,
    place: `${side} ${Math.round(y / GRID)}`,
    key: keyOf(row.map(({ text }) => text).join(' ')),
    size: row.reduce((size, piece) => Math.max(size, piece.size), 0),
    gap: next ? Math.abs(next[0]!.y - y) : Infinity,
  };
}

function isRunning(
  rows: readonly Row[],
  pages: number,
  parts: ReadonlyMap<string, number>,
  { leading }: { leading: number },
): boolean {
  if (rows.length < Math.max(FEWEST, 0.4 * pages)) return false;
  const gaps = rows.map(({ gap }) => gap).sort((a, b) => a - b);
  if (gaps[gaps.length >> 1]! < 1.3 * leading) return false;
  const again = rows.filter(({ pieces }) =>
    pieces.some(({ text }) => /\p{L}/u.test(text) && parts.get(keyOf(text))! >= FEWEST),
  );
  return again.length >= 0.3 * rows.length;
}

/** A number alone, apart from the text, that may be this page's. */
function isPageNumber(
  { key, gap, page, pieces }: Row,
  pages: number,
  { leading }: { leading: number },
): boolean {
  if (!/^[-–—\s]*#[-–—\s]*$/u.test(key) || gap < 1.3 * leading || pages < 2) return false;
  const value = Number(/\d+/u.exec(pieces[0]!.text)?.[0]);
  return Number.isNaN(value) || Math.abs(value - page) <= pages;
}

/** Words with each number, also a Roman one that stands alone, as `#`. */
function keyOf(text: string): string {
  return text
    .replace(/\d+/gu, '#')
    .replace(/[mdclxvi]+/giu, (letters, at: number, whole: string) => {
      const isAlone = !/\p{L}/u.test(whole[at - 1] ?? '') && !/\p{L}/u.test(whole[at + letters.length] ?? '');
      return isAlone && romanValue(letters.toLowerCase()) !== undefined ? '#' : letters;
    })
    .trim();
}

function countsOf(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
