import { Tokenizer } from 'htmlparser2';
import type { Block, BlockKind } from '../block.js';
import { TextDecoding } from '../decoded-text.js';
import type { Parsed } from '../parsed.js';
import type { Field, TextRecord } from '../records.js';
import type { Span } from '../span.js';

/** Elements whose contents are a block of their own. */
const KINDS: Readonly<Record<string, BlockKind>> = {
  h1: 'heading',
  h2: 'heading',
  h3: 'heading',
  h4: 'heading',
  h5: 'heading',
  h6: 'heading',
  li: 'item',
  dd: 'item',
  dt: 'item',
  pre: 'code',
  table: 'table',
  script: 'boilerplate',
  style: 'boilerplate',
  template: 'boilerplate',
  nav: 'boilerplate',
  footer: 'boilerplate',
  head: 'boilerplate',
  svg: 'boilerplate',
  math: 'code',
};
/** Elements whose contents are taken whole, whatever stands in them. */
const WHOLE = new Set([
  'pre',
  'table',
  'script',
  'style',
  'template',
  'nav',
  'footer',
  'head',
  'svg',
  'math',
]);
/** Elements whose contents nobody reads. */
const UNREAD = new Set(['script', 'style', 'template', 'head', 'svg']);
/** Elements that stand within a line of text and do not end it. */
const INLINE =
  /^(?:a|abbr|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|label|mark|q|ruby|rb|rp|rt|s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr)$/u;
/** Names of what only asks for consent. */
const CONSENT = /\bcookie|consent|gdpr/iu;

/**
 * HTML by the tokenizer of `htmlparser2`: it reads tags, entities and comments with their places, in one pass whatever
 * stands in them. Blocks are the contents of block elements; text between them is prose. No tree is built, so a page
 * that closes nothing still has its paragraphs, and no nesting is too deep.
 */
export function parseHtml(text: string): Parsed {
  return htmlBlocks(text);
}

export function htmlBlocks(text: string): Parsed {
  const reader = new HtmlReader(text);
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, reader);
  tokenizer.write(text);
  tokenizer.end();
  return reader.result();
}

const NOTHING = (): void => undefined;

/** Takes what the tokenizer finds. Its methods are those that the tokenizer calls. */
class HtmlReader {
  readonly #blocks: Block[] = [];
  readonly #records: TextRecord[] = [];
  readonly #decoding: TextDecoding;
  #kind: BlockKind = 'prose';
  #level = 0;
  /** Where the contents of the open block begin, and where the last thing found ended. */
  #from = 0;
  #last = 0;
  /** The tag that is being read. */
  #tag = { name: '', start: 0, attributes: '' };
  /** The element that is taken whole, and how many of its name are open in it. */
  #whole: { readonly name: string; depth: number } | undefined;
  #table: TableReader | undefined;
  /** What was read last ends with a space, or nothing was. */
  #isSpaced = true;

  constructor(private readonly text: string) {
    this.#decoding = new TextDecoding(text);
  }

  readonly onattribentity = NOTHING;
  readonly onattribend = NOTHING;
  readonly oncdata = (start: number, end: number): void => this.#skip(start, end, 3);
  readonly onend = NOTHING;

  readonly ontext = (start: number, end: number): void => {
    this.#last = end;
    if (this.#isUnread()) {
      this.#decoding.replace(start, end, '');
      return;
    }
    if (this.#whole?.name === 'pre') {
      this.#isSpaced = false;
      return;
    }
    // Runs of white space are one space.
    const space = /[ \t\r\n\f]+/gu;
    const part = this.text.slice(start, end);
    let reached = 0;
    for (let found = space.exec(part); found; found = space.exec(part)) {
      if (found.index > reached) this.#isSpaced = false;
      if (this.#isSpaced) this.#decoding.replace(start + found.index, start + space.lastIndex, '');
      else if (found[0] !== ' ') this.#decoding.replace(start + found.index, start + space.lastIndex, ' ');
      this.#isSpaced = true;
      reached = space.lastIndex;
    }
    if (reached < part.length) this.#isSpaced = false;
  };

  readonly ontextentity = (codepoint: number, end: number): void => {
    const character = codepoint === 0xa0 ? ' ' : String.fromCodePoint(codepoint);
    this.#decoding.replace(this.#last, end, this.#isUnread() ? '' : character);
    this.#isSpaced = character === ' ';
    this.#last = end;
  };

  readonly onopentagname = (start: number, end: number): void => {
    const name = this.text.slice(start, end).toLowerCase();
    this.#tag = { name, start: start - 1, attributes: '' };
    this.#last = end;
  };

  readonly onattribname = (start: number, end: number): void => {
    const name = this.text.slice(start, end).toLowerCase();
    this.#tag.attributes += ` ${name}=`;
  };

  readonly onattribdata = (start: number, end: number): void => {
    if (end - start < 200) this.#tag.attributes += this.text.slice(start, end);
  };

  readonly onopentagend = (end: number): void => this.#open(end + 1);
  readonly onselfclosingtag = (end: number): void => {
    const { name } = this.#tag;
    this.#open(end + 1);
    if (this.#whole?.name === name && --this.#whole.depth === 0) this.#closeWhole(this.#from, end + 1);
  };

  readonly onclosetag = (start: number, end: number): void => {
    const name = this.text.slice(start, end).toLowerCase();
    const from = start - 2;
    const close = this.text.indexOf('>', end);
    const to = close < 0 ? this.text.length : close + 1;
    this.#last = to;
    if (this.#whole) {
      if (this.#whole.name === 'table') this.#table?.close(name, from);
      if (this.#whole.name === name && --this.#whole.depth === 0) this.#closeWhole(from, to);
      else this.#drop(from, to, !INLINE.test(name));
      return;
    }
    this.#border(name, from, to);
    if (!INLINE.test(name)) this.#kind = 'prose';
  };

  readonly oncomment = (start: number, end: number, offset: number): void => this.#skip(start, end, offset);
  readonly ondeclaration = (start: number, end: number): void => this.#skip(start, end, 0);
  readonly onprocessinginstruction = (start: number, end: number): void => this.#skip(start, end, 0);

  result(): Parsed {
    if (this.#whole) this.#closeWhole(this.text.length, this.text.length);
    this.#cut(this.text.length);
    return { blocks: this.#blocks, records: this.#records, decoded: this.#decoding.end() };
  }

  /** A comment or declaration is nothing; it ends no block. */
  #skip(start: number, end: number, offset: number): void {
    const from = Math.max(this.#decoding.reached, this.text.lastIndexOf('<', start));
    const close = this.text.indexOf('>', Math.max(start, end - offset));
    const to = close < 0 ? this.text.length : close + 1;
    const isDeclaration = offset === 0 && !this.#whole;
    if (isDeclaration) this.#cut(from);
    this.#decoding.replace(from, to, '');
    this.#last = to;
    if (isDeclaration) this.#from = to;
  }

  #open(to: number): void {
    const { name, start, attributes } = this.#tag;
    this.#last = to;
    if (this.#whole) {
      if (this.#whole.name === name) this.#whole.depth++;
      if (this.#whole.name === 'table') this.#table?.open(name, to);
      this.#drop(start, to, !INLINE.test(name));
      return;
    }
    this.#border(name, start, to);
    if (INLINE.test(name)) return;
    const isHidden = / (?:id|class|role)=[^=]*/u.test(attributes) && CONSENT.test(attributes);
    this.#kind = isHidden && name !== 'body' ? 'boilerplate' : (KINDS[name] ?? 'prose');
    if (this.#kind === 'heading') this.#level = Number(name[1]);
    if (!WHOLE.has(name) && !(isHidden && name !== 'body' && name !== 'html')) return;
    this.#whole = { name, depth: 1 };
    if (name === 'table') this.#table = new TableReader(this.text);
  }

  /** A tag of a block ends the block before it; one of a line is left out of it. */
  #border(name: string, from: number, to: number): void {
    const isInline = INLINE.test(name);
    if (!isInline) {
      this.#cut(from);
      this.#from = to;
    }
    this.#drop(from, to, !isInline);
  }

  #drop(from: number, to: number, isBorder: boolean): void {
    const isLine = isBorder && !this.#isUnread();
    this.#decoding.replace(from, to, isLine ? '\n' : '');
    if (isLine) this.#isSpaced = true;
  }

  #closeWhole(from: number, to: number): void {
    const table = this.#table;
    this.#table = undefined;
    const cells = table?.layout();
    if (cells) {
      // A table that only places text: every cell is a block.
      for (const cell of cells) this.#push('prose', cell.start, cell.end);
    } else {
      this.#cut(from);
      for (const row of table?.rows() ?? []) this.#records.push(row);
    }
    this.#whole = undefined;
    this.#kind = 'prose';
    this.#from = to;
    this.#drop(from, to, true);
  }

  #isUnread(): boolean {
    return this.#whole !== undefined && UNREAD.has(this.#whole.name);
  }

  /** Takes the text up to `to` as a block. */
  #cut(to: number): void {
    this.#push(this.#kind, this.#from, to);
  }

  #push(kind: BlockKind, from: number, to: number): void {
    const raw = this.text.slice(from, to);
    const start = from + raw.length - raw.trimStart().length;
    const end = start + raw.trim().length;
    if (end <= start) return;
    const heading =
      kind === 'heading' ? { level: this.#level, title: titleOf(this.text.slice(start, end)) } : {};
    if (kind === 'heading' && heading.title === '') return;
    this.#blocks.push({ kind, start, end, ...heading });
  }
}

function titleOf(html: string): string {
  const { decoded } = htmlBlocks(html.slice(0, 2000));
  return decoded.text.replace(/\s+/gu, ' ').trim();
}

/** Longest cell, in UTF-16 units, of a table that is one. */
const LONGEST_CELL = 400;

/** Gathers the cells of a table, row by row. */
class TableReader {
  readonly #rows: { start: number; end: number; cells: (Span & { isHead: boolean })[] }[] = [];
  #cell: { start: number; isHead: boolean } | undefined;
  #isNested = false;

  constructor(private readonly text: string) {}

  open(name: string, to: number): void {
    if (name === 'table') this.#isNested = true;
    if (name === 'tr') {
      this.#endCell(to);
      this.#rows.push({ start: to, end: to, cells: [] });
    }
    if (name !== 'td' && name !== 'th') return;
    this.#endCell(this.text.lastIndexOf('<', to - 1));
    this.#cell = { start: to, isHead: name === 'th' };
  }

  close(name: string, from: number): void {
    if (['td', 'th', 'tr', 'table', 'tbody', 'thead'].includes(name)) this.#endCell(from);
  }

  /** The cells as blocks, where the table only places text. */
  layout(): Span[] | undefined {
    const cells = this.#rows.flatMap((row) => row.cells);
    const isLong = cells.some(({ start, end }) => end - start > LONGEST_CELL * 3);
    return this.#isNested || (isLong && cells.length < 8) ? cells : undefined;
  }

  /** Rows with their header: the first row where it is marked so, or where all others have as many cells. */
  rows(): TextRecord[] {
    const filled = this.#rows.filter(({ cells }) => cells.length > 0);
    const [head, ...rest] = filled;
    if (!head || rest.length === 0) return [];
    const names = head.cells.map(({ start, end }) => titleOf(this.text.slice(start, end)));
    const isHead =
      head.cells.every(({ isHead: th }) => th) || rest.every((row) => row.cells.length === head.cells.length);
    return (isHead ? rest : filled).map(({ start, end, cells }): TextRecord => {
      const fields = cells.map((cell, i): Field => ({
        start: cell.start,
        end: cell.end,
        name: isHead ? (names[i] ?? '') : '',
      }));
      return { kind: 'row', start: cells[0]?.start ?? start, end, fields };
    });
  }

  #endCell(to: number): void {
    const row = this.#rows.at(-1);
    if (!this.#cell || !row) return;
    const raw = this.text.slice(this.#cell.start, to);
    const start = this.#cell.start + raw.length - raw.trimStart().length;
    const end = Math.max(start, start + raw.trim().length);
    row.cells.push({ start, end, isHead: this.#cell.isHead });
    row.end = end;
    this.#cell = undefined;
  }
}
