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
/** Running lines stand apart from the text, by this many leadings. */
const APART = 1.3;

interface Row {
  readonly page: number;
  readonly pieces: readonly Piece[];
  /** Side and height. */
  readonly place: string;
  readonly size: number;
  /** To the next row, inwards. */
  readonly gap: number;
  /** One of the next few rows stands apart. */
  readonly isApart: boolean;
}

interface Body {
  readonly size: number;
  readonly leading: number;
}

/**
 * The pieces of running headers, footers and page numbers. Such a row stands outermost on its page, and its pieces come
 * again at the same height on three pages or more, or are the number of the page. Where most pages have such a row apart
 * from the text, its other pieces are left out too, such as the title of a section. A piece whose words come again with
 * another number each time stays, such as the number of an invoice.
 */
export function marginsOf(pages: readonly RawPage[], body: Body): Set<Piece> {
  const taken = new Set<Piece>();
  // What stands behind a running line may be one too.
  for (let depth = 0; depth < DEPTH; depth++) {
    const before = taken.size;
    for (const side of [1, -1] as const) {
      const rows = pages.flatMap(({ pieces }, page) => outerRow(pieces, taken, page, side, body) ?? []);
      for (const piece of runningPieces(rows, pages.length, body)) taken.add(piece);
    }
    if (taken.size === before) break;
  }
  return taken;
}

function outerRow(
  pieces: readonly Piece[],
  taken: ReadonlySet<Piece>,
  page: number,
  side: 1 | -1,
  { leading }: Body,
): Row | undefined {
  const rows = rowsOf(pieces.filter((piece) => !taken.has(piece)));
  if (side < 0) rows.reverse();
  const row = rows[0];
  // What stands alone on a page is its text, unless it is a number.
  if (!row || (rows.length === 1 && !row.every(({ text }) => keyOf(text) === '#'))) return undefined;
  const gaps: number[] = [];
  for (let i = 0; i < DEPTH; i++) {
    const next = rows[i + 1];
    if (!next) break;
    gaps.push(Math.abs(next[0]!.y - rows[i]![0]!.y));
  }
  return {
    page,
    pieces: row,
    place: `${side} ${Math.round(row[0]!.y / GRID)}`,
    size: row.reduce((size, piece) => Math.max(size, piece.size), 0),
    gap: gaps[0] ?? Infinity,
    isApart: gaps.length === 0 || gaps.some((gap) => gap > APART * leading),
  };
}

function runningPieces(rows: readonly Row[], pages: number, body: Body): Piece[] {
  const repeats = new Repeats(rows);
  const places = grouped(rows, ({ place }) => place);
  const running = new Set(
    [...places].filter(([, at]) => isRunning(at, pages, repeats, body)).map(([place]) => place),
  );
  return rows.flatMap((row) => {
    const { pieces, isApart, place, size } = row;
    if (
      pieces.every((piece) => repeats.isSame(row, piece) || (isApart && repeats.isPageNumber(row, piece)))
    ) {
      return pieces;
    }
    if (!running.has(place) || size > 1.15 * body.size) return [];
    return pieces.filter((piece) => !repeats.isData(row, piece));
  });
}

/** True of a height at which most pages have a row apart from the text, many of them with a piece that comes again. */
function isRunning(rows: readonly Row[], pages: number, repeats: Repeats, { leading }: Body): boolean {
  if (rows.length < Math.max(FEWEST, 0.4 * pages)) return false;
  const gaps = rows.map(({ gap }) => gap).sort((a, b) => a - b);
  if (gaps[gaps.length >> 1]! < APART * leading) return false;
  const again = rows.filter((row) =>
    row.pieces.some((piece) => /\p{L}/u.test(piece.text) && repeats.isSame(row, piece)),
  );
  return again.length >= 0.3 * rows.length;
}

/** What comes again among the outer rows of all pages. */
class Repeats {
  /** Pages by place and text, and by place and text with every number as one sign. */
  readonly #same = new Map<string, number>();
  readonly #alike = new Map<string, { pages: number; shifts: Map<number, number> }>();

  constructor(rows: readonly Row[]) {
    for (const { place, pieces, page } of rows) {
      for (const { text } of pieces) {
        const same = `${place} ${text}`;
        this.#same.set(same, (this.#same.get(same) ?? 0) + 1);
        const alike = this.#alike.get(`${place} ${keyOf(text)}`) ?? {
          pages: 0,
          shifts: new Map<number, number>(),
        };
        this.#alike.set(`${place} ${keyOf(text)}`, alike);
        alike.pages++;
        for (const number of new Set(numbersOf(text))) {
          alike.shifts.set(number - page, (alike.shifts.get(number - page) ?? 0) + 1);
        }
      }
    }
  }

  /** The same words stand at the same height on enough pages. */
  isSame({ place }: Row, { text }: Piece): boolean {
    return this.#same.get(`${place} ${text}`)! >= FEWEST;
  }

  /** A number in it counts the pages: it is as far from the page's place as on another page. */
  isPageNumber({ place, page }: Row, { text }: Piece): boolean {
    const { shifts } = this.#alike.get(`${place} ${keyOf(text)}`)!;
    return numbersOf(text).some((number) => shifts.get(number - page)! >= 2);
  }

  /** The same words with another number each time, which does not count the pages. */
  isData(row: Row, piece: Piece): boolean {
    const isAlike = this.#alike.get(`${row.place} ${keyOf(piece.text)}`)!.pages >= FEWEST;
    return isAlike && !this.isSame(row, piece) && !this.isPageNumber(row, piece);
  }
}

/** Numbers in digits, and Roman ones that stand alone. */
const NUMBER = /\d{1,9}|(?<![\p{L}\d])[mdclxvi]+(?![\p{L}\d])/giu;

function numbersOf(text: string): number[] {
  const found = text.match(NUMBER) ?? [];
  return found
    .map((number) => (/\d/u.test(number) ? Number(number) : romanValue(number.toLowerCase())))
    .filter((number) => number !== undefined);
}

/** Words with every number as `#`. */
const keyOf = (text: string) => text.replace(NUMBER, '#');

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
