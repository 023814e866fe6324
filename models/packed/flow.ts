import type { TextBuilder } from './text-builder.js';
import type { PackedBlockKind } from './types.js';

export interface Paragraph {
  readonly kind: Exclude<PackedBlockKind, 'row'>;
  readonly text: string;
  readonly level?: number;
  /** A bullet or number, written before the text. */
  readonly marker?: string;
  /** Notes that are called in it. */
  readonly notes?: readonly string[];
}

interface Row {
  readonly cells: Paragraph[][];
  isHeader: boolean;
  /** A cell of it is marked as none of a header, so that the row is none. */
  hasData: boolean;
}

interface Table {
  row: Row | undefined;
}

/** A cell with more than this many units or paragraphs is no field of a record but a part of a page. */
const LONGEST_CELL = 2000;
const MOST_PARAGRAPHS = 8;

/**
 * Writes paragraphs and tables as they come. A row is a line with a tab between cells; a table that is there for the
 * layout alone gives its paragraphs one by one. A table in a cell is part of that cell.
 */
export class Flow {
  readonly #tables: Table[] = [];

  constructor(readonly text: TextBuilder) {}

  get isInTable(): boolean {
    return this.#tables.length > 0;
  }

  paragraph(paragraph: Paragraph): void {
    const row = this.#tables.at(-1)?.row;
    if (!row) {
      this.#write(paragraph);
      return;
    }
    if (row.cells.length === 0) row.cells.push([]);
    if (paragraph.text.trim() !== '') row.cells.at(-1)!.push(paragraph);
  }

  openTable(): void {
    this.#tables.push({ row: undefined });
  }

  openRow(isHeader = false): void {
    const table = this.#tables.at(-1);
    if (table) table.row = { cells: [], isHeader, hasData: false };
  }

  /** Begins a cell, and `repeat - 1` empty ones before it. */
  openCell(repeat = 1): void {
    const row = this.#tables.at(-1)?.row;
    for (let i = 0; row && i < repeat; i++) row.cells.push([]);
  }

  markHeader(): void {
    const row = this.#tables.at(-1)?.row;
    if (row) row.isHeader = true;
  }

  /** A row with data is no header, even if its first cell is marked as one. */
  markData(): void {
    const row = this.#tables.at(-1)?.row;
    if (row) row.hasData = true;
  }

  closeRow(): void {
    const table = this.#tables.at(-1);
    const row = table?.row;
    if (!table || !row) return;
    table.row = undefined;
    const outer = this.#tables.at(-2)?.row;
    if (outer) this.#intoCell(row);
    else if (isLayout(row)) for (const paragraph of row.cells.flat()) this.#write(paragraph);
    else this.#writeRow(row);
  }

  closeTable(): void {
    this.closeRow();
    this.#tables.pop();
  }

  /** A row of a table within a cell is a paragraph of that cell. */
  #intoCell(row: Row): void {
    const text = row.cells.map(textOf).filter(Boolean).join(' ');
    const notes = row.cells.flat().flatMap((paragraph) => paragraph.notes ?? []);
    const table = this.#tables.pop()!;
    this.paragraph({ kind: 'paragraph', text, notes });
    this.#tables.push(table);
  }

  #writeRow({ cells, isHeader, hasData }: Row): void {
    this.text.open({ kind: 'row', isHeader: isHeader && !hasData });
    for (const cell of cells) {
      this.text.append(textOf(cell));
      this.text.endCell();
      for (const note of cell.flatMap((paragraph) => paragraph.notes ?? [])) this.text.note(note);
    }
    this.text.close();
  }

  #write({ kind, text, level, marker, notes }: Paragraph): void {
    if (text.trim() === '') return;
    this.text.open({ kind, ...(level !== undefined && { level }), ...(marker && { marker }) });
    this.text.append(text);
    for (const note of notes ?? []) this.text.note(note);
    this.text.close();
  }
}

const textOf = (cell: readonly Paragraph[]) =>
  cell.map(({ marker, text }) => (marker ? `${marker} ${text}` : text)).join(' ');

function isLayout({ cells }: Row): boolean {
  const filled = cells.filter((cell) => cell.length > 0);
  if (filled.length === 1 && cells.length === 1 && filled[0]!.length > 1) return true;
  return filled.some(
    (cell) =>
      cell.length > MOST_PARAGRAPHS ||
      cell.reduce((sum, paragraph) => sum + paragraph.text.length, 0) > LONGEST_CELL,
  );
}
