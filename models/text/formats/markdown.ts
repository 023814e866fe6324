import { GFM, parser, type MarkdownConfig } from '@lezer/markdown';
import type { SyntaxNode } from '@lezer/common';
import type { Block, BlockKind } from '../block.js';
import { DecodedText, TextDecoding } from '../decoded-text.js';
import type { Parsed } from '../parsed.js';
import type { Field, TextRecord } from '../records.js';
import type { Span } from '../span.js';
import { ENTITY, entityOf } from './character-entities.js';
import { frontMatterOf } from './front-matter.js';
import { htmlBlocks } from './html.js';
import { markdownPieces } from './markdown-pieces.js';
import { boundedNesting } from './nesting.js';

/**
 * Markdown with GFM's tables and task lists, front matter, footnotes, formulas and directives, by `@lezer/markdown`. Its
 * rules for emphasis and links are left out: they take quadratic time in one long paragraph, and no offset depends on
 * them.
 */
const EXTRAS: MarkdownConfig = {
  defineNodes: [
    { name: 'Directive', block: true },
    { name: 'Formula', block: true },
  ],
  parseBlock: [
    {
      name: 'Directive',
      before: 'FencedCode',
      parse(context, line) {
        if (!/^:{3,}/u.test(line.text.slice(line.pos))) return false;
        const from = context.lineStart + line.pos;
        context.addElement(context.elt('Directive', from, context.lineStart + line.text.length));
        context.nextLine();
        return true;
      },
      endLeaf: (_, line) => /^:{3,}/u.test(line.text.slice(line.pos)),
    },
    {
      name: 'Formula',
      before: 'FencedCode',
      parse(context, line) {
        if (!line.text.slice(line.pos).startsWith('$$')) return false;
        const from = context.lineStart + line.pos;
        let end = context.lineStart + line.text.length;
        let closes = /\$\$.*\$\$\s*$/u.test(line.text);
        while (!closes && context.nextLine()) {
          end = context.lineStart + line.text.length;
          closes = line.text.trimEnd().endsWith('$$');
        }
        if (closes) context.nextLine();
        context.addElement(context.elt('Formula', from, end));
        return true;
      },
    },
  ],
  remove: ['Emphasis', 'Strikethrough', 'Link', 'Image', 'LinkEnd', 'Autolink', 'HardBreak'],
};
const markdown = parser.configure([GFM, EXTRAS]);

const KINDS: Readonly<Record<string, BlockKind>> = {
  Paragraph: 'prose',
  FencedCode: 'code',
  CodeBlock: 'code',
  Formula: 'code',
  Table: 'table',
  LinkReference: 'boilerplate',
};

/** The name of a note before its words. */
const NOTES = /^\[\^[^\]\s]{1,40}\]:/u;
const EACH_NOTE = /^ {0,3}\[\^[^\]\s]{1,40}\]:\s*/gmu;

export function parseMarkdown(text: string): Parsed {
  const reader = new MarkdownReader(text);
  const front = frontMatterOf(text);
  if (front > 0) reader.add('boilerplate', 0, front);
  let pieces = 0;
  for (const { start, end } of markdownPieces(text, front)) {
    reader.read(start, end);
    pieces++;
  }
  return { ...reader.end(), ...(pieces > 1 && { pieces }) };
}

/** Reads the pieces of a text one after another. */
class MarkdownReader {
  readonly #text: string;

  readonly #blocks: Block[] = [];
  readonly #records: TextRecord[] = [];
  readonly #decoding: TextDecoding;
  /** Whether anything in the text has to be decoded. */
  readonly #isMarked: boolean;

  constructor(text: string) {
    this.#text = text;

    this.#decoding = new TextDecoding(text);
    this.#isMarked = /[&\\<]/u.test(text);
  }

  read(from: number, to: number): void {
    const tree = markdown.parse(boundedNesting(this.#text.slice(from, to)));
    for (let node = tree.topNode.firstChild; node; node = node.nextSibling) this.#visit(node, from, from);
  }

  add(kind: BlockKind, start: number, end: number, more: Partial<Block> = {}): void {
    const raw = this.#text.slice(start, end);
    const lead = raw.length - raw.trimStart().length;
    const length = raw.trim().length;
    if (length > 0) this.#blocks.push({ kind, start: start + lead, end: start + lead + length, ...more });
  }

  end(): Parsed {
    const decoded = this.#isMarked ? this.#decoding.end() : DecodedText.same(this.#text);
    return { blocks: this.#blocks, records: this.#records, decoded };
  }

  /** @param begin where the item began that the node is the first block of; else the node's own beginning */
  #visit(node: SyntaxNode, base: number, begin: number, inItem = false): void {
    const start = base + node.from;
    const end = base + node.to;
    const { name } = node;
    if (name === 'BulletList' || name === 'OrderedList') {
      for (let item = node.firstChild; item; item = item.nextSibling)
        if (item.name === 'ListItem') this.#children(item, base, base + item.from);
    } else if (name === 'Blockquote') this.#children(node, base, start);
    else if (/^(?:ATX|Setext)Heading[1-6]$/u.test(name)) this.#heading(node, start, end);
    else if (name === 'HTMLBlock') this.#html(start, end);
    else if (name === 'Paragraph' || name === 'Task') {
      this.#inline(node, base);
      this.#paragraph(inItem ? begin : start, start, end, inItem);
    } else if (name === 'Table') {
      this.#inline(node, base);
      this.#table(node, base);
      this.add('table', start, end);
    } else if (KINDS[name]) this.add(KINDS[name], inItem && this.#isFirst(begin) ? begin : start, end);
  }

  /** A paragraph, of which lines may be notes: `[^1]: words`. */
  #paragraph(begin: number, start: number, end: number, inItem: boolean): void {
    const notes = NOTES.test(this.#text.slice(start, start + 60))
      ? [...this.#text.slice(start, end).matchAll(EACH_NOTE)]
      : [];
    if (notes.length === 0) this.add(inItem ? 'item' : 'prose', begin, end);
    for (const [i, { index, 0: mark }] of notes.entries()) {
      const from = start + index;
      const to = i + 1 < notes.length ? start + notes[i + 1]!.index : end;
      this.add('item', i === 0 ? begin : from, to, { said: from + mark.length });
    }
  }

  #isFirst(begin: number): boolean {
    return (this.#blocks.at(-1)?.end ?? 0) <= begin;
  }

  #children(parent: SyntaxNode, base: number, begin: number): void {
    const isItem = parent.name === 'ListItem';
    let isFirst = true;
    for (let node = parent.firstChild; node; node = node.nextSibling) {
      if (node.name.endsWith('Mark')) continue;
      this.#visit(node, base, isFirst ? begin : base + node.from, isItem);
      isFirst = false;
    }
  }

  #heading(node: SyntaxNode, start: number, end: number): void {
    this.#inline(node, start - node.from);
    const raw = this.#text.slice(start, end);
    const bare = node.name.startsWith('Setext')
      ? raw.replace(/\n[ \t]*(?:=+|-+)[ \t]*$/u, '')
      : raw.replace(/^#{1,6}[ \t]*/u, '').replace(/[ \t]#+[ \t]*$/u, '');
    const title = plainTitle(bare);
    if (title !== '') this.add('heading', start, end, { level: Number(node.name.at(-1)), title });
  }

  /** HTML of its own: its elements are blocks, a comment is nothing. */
  #html(start: number, end: number): void {
    const html = this.#text.slice(start, end);
    const { blocks, records, decoded } = htmlBlocks(html);
    for (let i = 0; i < decoded.edits; i++) {
      const edit = decoded.edit(i);
      this.#decoding.replace(start + edit.start, start + edit.end, edit.instead);
    }
    for (const block of blocks)
      this.#blocks.push({ ...block, start: block.start + start, end: block.end + start });
    const moved = ({ start: from, end: to }: Span) => ({ start: from + start, end: to + start });
    for (const record of records) {
      const fields = record.fields.map((field) => ({ ...field, ...moved(field) }));
      this.#records.push({ ...record, ...moved(record), fields });
    }
  }

  /** Entities and escapes stand for their characters; tags and comments within a line are left out. */
  #inline(node: SyntaxNode, base: number): void {
    if (!this.#isMarked || !/[&\\<]/u.test(this.#text.slice(base + node.from, base + node.to))) return;
    const cursor = node.cursor();
    do {
      if (cursor.to > node.to || cursor.from < node.from) break;
      const start = base + cursor.from;
      const end = base + cursor.to;
      if (cursor.name === 'Entity')
        this.#decoding.replace(start, end, entityOf(this.#text.slice(start, end)));
      else if (cursor.name === 'Escape') this.#decoding.replace(start, start + 1, '');
      else if (
        cursor.name === 'Comment' ||
        cursor.name === 'HTMLTag' ||
        cursor.name === 'ProcessingInstruction'
      )
        this.#decoding.replace(start, end, '');
    } while (cursor.next());
  }

  /** Rows of a table, each with the header above it. */
  #table(table: SyntaxNode, base: number): void {
    const cellsOf = (row: SyntaxNode): Span[] => cellSpans(this.#text, base + row.from, base + row.to);
    let names: readonly string[] = [];
    for (let row = table.firstChild; row; row = row.nextSibling) {
      if (row.name === 'TableHeader')
        names = cellsOf(row).map(({ start, end }) => plainTitle(this.#text.slice(start, end)));
      if (row.name !== 'TableRow') continue;
      const fields = cellsOf(row).map((cell, i): Field => ({ ...cell, name: names[i] ?? '' }));
      this.#records.push({ kind: 'row', start: base + row.from, end: base + row.to, fields });
    }
  }
}

/** The cells of a row, white space and bars around them left out; an escaped bar is none. */
function cellSpans(text: string, start: number, end: number): Span[] {
  const cells: Span[] = [];
  let from = start;
  if (text[from] === '|') from++;
  for (let at = from; at <= end; at++) {
    if (at < end && (text[at] !== '|' || text[at - 1] === '\\')) continue;
    if (at === end && text.slice(from, at).trim() === '') break;
    let first = from;
    let last = at;
    while (first < last && /\s/u.test(text[first]!)) first++;
    while (last > first && /\s/u.test(text[last - 1]!)) last--;
    cells.push({ start: first, end: last });
    from = at + 1;
  }
  return cells;
}

/** A title without marks of emphasis, links, images, code, anchors and comments. */
export function plainTitle(raw: string): string {
  const title = raw.length > 2000 ? raw.slice(0, 2000) : raw;
  if (!/[&<[\]*_`~\\{]|\s\s/u.test(title)) return title.trim();
  return title
    .replace(/<!--(?:[^-]|-(?!->))*-->|<\/?[a-z][^<>]*>/giu, '')
    .replace(/!\[[^\]]*\]\([^)]*\)/gu, '')
    .replace(/\[([^[\]]*)\](?:\([^)]*\)|\[[^\]]*\])/gu, '$1')
    .replace(/\s*\{#?[.\w: -]+\}\s*$/u, '')
    .replace(/(`+)([^`]*)\1/gu, '$2')
    .replace(/(?<![\p{L}\p{N}])(\*{1,3}|_{1,3}|~~)(?=\S)([^*_~]*\S)\1(?![\p{L}\p{N}])/gu, '$2')
    .replace(/\\([!-/:-@[-`{-~])/gu, '$1')
    .replace(ENTITY, entityOf)
    .replace(/\s+/gu, ' ')
    .trim();
}
