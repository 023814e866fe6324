import type { TextBuilder } from '../text-builder.js';
import { localName, type XmlHandler } from '../xml.js';
import { dateOf, type DateStyle } from './dates.js';

export interface Workbook {
  readonly strings: readonly string[];
  /** By the number of the cell's style. */
  readonly dates: ReadonlyMap<number, DateStyle>;
  readonly is1904: boolean;
}

/** Columns that a sheet can have. */
const MOST_COLUMNS = 16_384;
/** Empty columns in a row beyond this say nothing. */
const MOST_EMPTY = 64;

/** Reads `sheetData` of a worksheet. */
export class SheetReader implements XmlHandler {
  readonly #text: TextBuilder;
  readonly #book: Workbook;
  #type = '';
  #style = 0;
  #value = '';
  #isValue = false;
  #isHidden = false;
  /** Columns written of the open row. */
  #columns = 0;
  #column = 0;

  constructor(text: TextBuilder, book: Workbook) {
    this.#text = text;
    this.#book = book;
  }

  open(qualified: string, attributes: Readonly<Record<string, string>>): void {
    const name = localName(qualified);
    if (name === 'row') {
      this.#columns = 0;
      this.#column = 0;
      this.#isHidden = /^(?:1|true)$/u.test(attributes.hidden ?? '');
      this.#text.open({ kind: 'row' });
    } else if (name === 'c') {
      this.#type = attributes.t ?? 'n';
      this.#style = Number(attributes.s ?? 0);
      this.#value = '';
      this.#column = columnOf(attributes.r) ?? this.#column + 1;
    } else if (name === 'v' || name === 't') this.#isValue = true;
  }

  text(text: string): void {
    if (this.#isValue) this.#value += text;
  }

  close(qualified: string): void {
    const name = localName(qualified);
    if (name === 'v' || name === 't') this.#isValue = false;
    else if (name === 'c') this.#closeCell();
    else if (name === 'row') this.#text.close();
  }

  #closeCell(): void {
    const value = this.#shown();
    if (value === '' || this.#isHidden || this.#column > MOST_COLUMNS) return;
    const empty = Math.min(MOST_EMPTY, this.#column - 1 - this.#columns);
    for (let i = 0; i < empty; i++) this.#text.endCell();
    this.#text.append(value);
    this.#text.endCell();
    this.#columns = this.#column;
  }

  #shown(): string {
    switch (this.#type) {
      case 's':
        return this.#book.strings[Number(this.#value)] ?? '';
      case 'b':
        return this.#value === '1' ? 'TRUE' : this.#value === '0' ? 'FALSE' : this.#value;
      case 'n':
        return this.#number();
      default:
        return this.#value;
    }
  }

  #number(): string {
    const value = this.#value.trim();
    const style = this.#book.dates.get(this.#style);
    if (value === '') return '';
    if (style) return dateOf(Number(value), style, this.#book.is1904) ?? value;
    // 0.1 + 0.2 is stored with 17 digits; a cell shows no more than 15.
    return /\d{16}|e/iu.test(value.replace('.', '')) ? String(Number(Number(value).toPrecision(15))) : value;
  }
}

/** The number of a column from a reference such as `AB12`; A is 1. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^[A-Z]{1,3}/u.exec(reference ?? '')?.[0];
  if (letters === undefined) return undefined;
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}
