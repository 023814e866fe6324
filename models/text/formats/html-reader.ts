import type { Block, BlockKind } from '../block.js';
import type { Parsed } from '../parsed.js';
import type { TextRecord } from '../records.js';
import {
  headingLevelOf,
  INLINE_ELEMENTS,
  isFurniture,
  kindOfElement,
  UNSEEN_ELEMENTS,
  wholeKindOf,
} from './html-elements.js';
import { TableReader } from './html-table.js';
import { HtmlWords } from './html-words.js';

/** Tables that are open one in the other, at most; what is deeper is read as if no table were. */
const DEEPEST_TABLE = 50;
/** Units of an attribute's value that are looked at. */
const LONGEST_ATTRIBUTE = 400;
const NOTHING = (): void => undefined;

/** Takes what the tokenizer of `htmlparser2` finds. Its public methods are those that the tokenizer calls. */
export class HtmlReader {
  readonly #text: string;
  readonly #titleOf: (html: string) => string;

  readonly #blocks: Block[] = [];
  readonly #records: TextRecord[] = [];
  readonly #words: HtmlWords;
  #kind: BlockKind = 'prose';
  #level = 0;
  /** Where the contents of the open block begin, and where the last thing found ended. */
  #from = 0;
  #last = 0;
  /** The tag that is being read. */
  #tag = { name: '', start: 0, attribute: '', attributes: new Map<string, string>() };
  /** The element that is taken whole, and how many of its name are open in it. */
  #whole: { readonly name: string; depth: number } | undefined;
  readonly #tables: TableReader[] = [];
  #deeperTables = 0;
  /** A line break since the last word: only the next one says whether the paragraph ends there. */
  #break: { readonly from: number; readonly to: number } | undefined;

  /** @param titleOf the words of a heading's or a cell's source */
  constructor(text: string, titleOf: (html: string) => string) {
    this.#text = text;
    this.#titleOf = titleOf;

    this.#words = new HtmlWords(text);
  }

  readonly onattribentity = NOTHING;
  readonly onattribend = NOTHING;
  readonly oncdata = (start: number, end: number): void => this.#skip(start, end, 3);
  readonly onend = NOTHING;

  readonly ontext = (start: number, end: number): void => {
    this.#last = end;
    if (this.#isUnread()) this.#words.drop(start, end, false);
    else if (this.#whole?.name === 'pre') this.#words.verbatim();
    else {
      this.#settleBreak(start, end);
      this.#words.flow(start, end);
    }
  };

  readonly ontextentity = (codepoint: number, end: number): void => {
    const character = codepoint === 0xa0 ? ' ' : String.fromCodePoint(codepoint);
    this.#words.character(this.#last, end, this.#isUnread() ? '' : character);
    this.#last = end;
  };

  readonly onopentagname = (start: number, end: number): void => {
    const name = this.#text.slice(start, end).toLowerCase();
    this.#tag = { name, start: start - 1, attribute: '', attributes: new Map<string, string>() };
    this.#last = end;
  };

  readonly onattribname = (start: number, end: number): void => {
    this.#tag.attribute = this.#text.slice(start, end).toLowerCase();
    this.#tag.attributes.set(this.#tag.attribute, '');
  };

  readonly onattribdata = (start: number, end: number): void => {
    const value = this.#text.slice(start, Math.min(end, start + LONGEST_ATTRIBUTE));
    this.#tag.attributes.set(this.#tag.attribute, value);
  };

  readonly onopentagend = (end: number): void => this.#open(end + 1);
  readonly onselfclosingtag = (end: number): void => {
    const { name } = this.#tag;
    this.#open(end + 1);
    if (this.#whole?.name === name && --this.#whole.depth === 0) this.#closeWhole(this.#from, end + 1);
  };

  readonly onclosetag = (start: number, end: number): void => {
    const name = this.#text.slice(start, end).toLowerCase();
    const from = start - 2;
    const close = this.#text.indexOf('>', end);
    const to = close < 0 ? this.#text.length : close + 1;
    this.#last = to;
    if (this.#whole) {
      if (this.#whole.name === name && --this.#whole.depth === 0) this.#closeWhole(from, to);
      else this.#drop(from, to, !INLINE_ELEMENTS.has(name));
      return;
    }
    this.#border(name, from, to);
    this.#tables.at(-1)?.close(name, from);
    if (name === 'table') this.#closeTable(from);
    if (!INLINE_ELEMENTS.has(name)) this.#kind = 'prose';
  };

  readonly oncomment = (start: number, end: number, offset: number): void => this.#skip(start, end, offset);
  readonly ondeclaration = (start: number, end: number): void => this.#skip(start, end, 0);
  readonly onprocessinginstruction = (start: number, end: number): void => this.#skip(start, end, 0);

  result(): Parsed {
    const { length } = this.#text;
    if (this.#whole) this.#closeWhole(length, length);
    this.#cut(length);
    while (this.#tables.length > 0) this.#closeTable(length);
    return { blocks: this.#blocks, records: this.#records, decoded: this.#words.decoding.end() };
  }

  /** A comment or declaration is nothing; it ends no block. */
  #skip(start: number, end: number, offset: number): void {
    const from = Math.max(this.#words.decoding.reached, this.#text.lastIndexOf('<', start));
    const close = this.#text.indexOf('>', Math.max(start, end - offset));
    const to = close < 0 ? this.#text.length : close + 1;
    const isDeclaration = offset === 0 && !this.#whole;
    if (isDeclaration) this.#cut(from);
    this.#words.drop(from, to, false);
    this.#last = to;
    if (isDeclaration) this.#from = to;
  }

  #open(to: number): void {
    const { name, start, attributes } = this.#tag;
    this.#last = to;
    if (this.#whole) {
      if (this.#whole.name === name) this.#whole.depth++;
      this.#drop(start, to, !INLINE_ELEMENTS.has(name));
      return;
    }
    if (name === 'br' && !this.#break && this.#kind !== 'boilerplate') {
      this.#break = { from: start, to };
      this.#drop(start, to, true);
      return;
    }
    this.#border(name, start, to);
    if (name === 'table') this.#openTable(to);
    else this.#tables.at(-1)?.open(name, start, to);
    if (INLINE_ELEMENTS.has(name) || name === 'br') return;
    const isLeft = isFurniture(name, attributes);
    const whole = isLeft ? 'boilerplate' : wholeKindOf(name);
    this.#kind = whole ?? kindOfElement(name);
    this.#level = headingLevelOf(name) ?? 0;
    if (whole !== undefined && !isVoid(name)) this.#whole = { name, depth: 1 };
  }

  /** A tag of a block ends the block before it; one of a line is left out of it. */
  #border(name: string, from: number, to: number): void {
    const isInline = INLINE_ELEMENTS.has(name);
    if (!isInline) {
      this.#cut(from);
      this.#from = to;
      this.#break = undefined;
    }
    this.#drop(from, to, !isInline);
  }

  /** Behind a line break a paragraph goes on where a sentence does: in small letters. */
  #settleBreak(start: number, end: number): void {
    if (!this.#break) return;
    const next = /\S/u.exec(this.#text.slice(start, Math.min(end, start + 400)))?.[0];
    if (next === undefined) return;
    if (!/[\p{Ll}\p{N}(]/u.test(next) && this.#kind !== 'heading') {
      this.#cut(this.#break.from);
      this.#from = this.#break.to;
    }
    this.#break = undefined;
  }

  #drop(from: number, to: number, isBorder: boolean): void {
    this.#words.drop(from, to, isBorder && !this.#isUnread());
  }

  #openTable(to: number): void {
    this.#tables.at(-1)?.nest();
    if (this.#tables.length < DEEPEST_TABLE)
      this.#tables.push(new TableReader(this.#text, to, this.#blocks.length, this.#records.length));
    else this.#deeperTables++;
  }

  /** What a table of data holds is one block; of a table that only places, the blocks stay. */
  #closeTable(to: number): void {
    if (this.#deeperTables > 0) {
      this.#deeperTables--;
      return;
    }
    const table = this.#tables.pop();
    if (!table || table.isLayout(this.#blocks.slice(table.firstBlock))) return;
    this.#blocks.length = table.firstBlock;
    this.#records.length = table.firstRecord;
    this.#push('table', table.start, to);
    const rows = table.rows(({ start, end }) => this.#titleOf(this.#text.slice(start, end)));
    for (const row of rows) this.#records.push(row);
  }

  #closeWhole(from: number, to: number): void {
    this.#cut(from);
    this.#whole = undefined;
    this.#kind = 'prose';
    this.#from = to;
    this.#drop(from, to, true);
  }

  #isUnread(): boolean {
    return this.#whole !== undefined && UNSEEN_ELEMENTS.has(this.#whole.name);
  }

  /** Takes the text up to `to` as a block. */
  #cut(to: number): void {
    this.#push(this.#kind, this.#from, to);
  }

  #push(kind: BlockKind, from: number, to: number): void {
    const raw = this.#text.slice(from, to);
    const start = from + raw.length - raw.trimStart().length;
    const end = start + raw.trim().length;
    if (end <= start) return;
    if (kind !== 'heading') {
      this.#blocks.push({ kind, start, end });
      return;
    }
    const title = this.#titleOf(this.#text.slice(start, end));
    if (title !== '') this.#blocks.push({ kind, start, end, level: this.#level, title });
  }
}

/** Elements that no tag closes. */
function isVoid(name: string): boolean {
  return /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/u.test(name);
}
