import type { Block } from '../block.js';
import type { Field, TextRecord } from '../records.js';
import type { Span } from '../span.js';

/** Longest cell, in UTF-16 units, of a table of few cells that holds data. */
const LONGEST_CELL = 1200;
/** Cells of a table, at least, that holds data whatever stands in them. */
const MANY_CELLS = 8;

interface Cell extends Span {
  readonly isHead: boolean;
}

/** Gathers the cells of a table, row by row. */
export class TableReader {
  readonly #text: string;

  readonly #rows: { start: number; end: number; cells: Cell[] }[] = [];
  #cell: { start: number; isHead: boolean } | undefined;
  #isNested = false;

  /**
   * @param start where its contents begin
   * @param firstBlock number of the first block in it
   * @param firstRecord number of the first record in it
   */
  constructor(
    text: string,
    readonly start: number,
    readonly firstBlock: number,
    readonly firstRecord: number,
  ) {
    this.#text = text;
  }

  /** Another table stands in it. */
  nest(): void {
    this.#isNested = true;
  }

  open(name: string, from: number, to: number): void {
    if (name === 'tr') {
      this.#endCell(from);
      this.#rows.push({ start: to, end: to, cells: [] });
    }
    if (name !== 'td' && name !== 'th') return;
    this.#endCell(from);
    // A cell without a row begins one.
    if (this.#rows.length === 0) this.#rows.push({ start: from, end: to, cells: [] });
    this.#cell = { start: to, isHead: name === 'th' };
  }

  close(name: string, from: number): void {
    if (['td', 'th', 'tr', 'table', 'tbody', 'thead', 'tfoot'].includes(name)) this.#endCell(from);
  }

  /**
   * Whether the table only places what stands in it.
   *
   * @param blocks that stand in it
   */
  isLayout(blocks: readonly Block[]): boolean {
    if (this.#isNested || blocks.some(({ kind }) => kind === 'heading')) return true;
    const cells = this.#rows.flatMap((row) => row.cells);
    if (cells.length >= MANY_CELLS) return false;
    const isLong = cells.some(({ start, end }) => end - start > LONGEST_CELL);
    return isLong || blocks.some(({ kind }) => kind === 'code');
  }

  /**
   * Rows with their header: the first row where it is marked so, or where all others have as many cells.
   *
   * @param nameOf the words of a range
   */
  rows(nameOf: (span: Span) => string): TextRecord[] {
    const filled = this.#rows.filter(({ cells }) => cells.length > 0);
    const [head, ...rest] = filled;
    if (!head || rest.length === 0) return [];
    const names = head.cells.map(nameOf);
    const isHead =
      head.cells.every(({ isHead: th }) => th) ||
      (head.cells.length > 1 &&
        !head.cells.some(({ isHead: th }) => th) &&
        rest.every((row) => row.cells.length === head.cells.length && !row.cells[0]!.isHead));
    return (isHead ? rest : filled).map(({ start, end, cells }): TextRecord => {
      // A row that is headed at its side: what stands there names its cells.
      const side = !isHead && cells[0]!.isHead && cells.length > 1 ? nameOf(cells[0]!) : '';
      const fields = cells.map((cell, i): Field => ({
        start: cell.start,
        end: cell.end,
        name: isHead ? (names[i] ?? '') : i > 0 ? side : '',
      }));
      return { kind: 'row', start: cells[0]?.start ?? start, end, fields };
    });
  }

  #endCell(to: number): void {
    const row = this.#rows.at(-1);
    if (!this.#cell || !row) return;
    const raw = this.#text.slice(this.#cell.start, to);
    const start = this.#cell.start + raw.length - raw.trimStart().length;
    const end = Math.max(start, start + raw.trim().length);
    row.cells.push({ start, end, isHead: this.#cell.isHead });
    row.end = end;
    this.#cell = undefined;
  }
}
