import type { Flow, Paragraph } from '../flow.js';
import { LINE_BREAK } from '../text-builder.js';
import {
  ANNOTATIONS,
  BLOCK_ELEMENTS,
  headingLevelOf,
  UNSEEN_ELEMENTS,
} from '../../text/formats/html-elements.js';
import type { XmlHandler } from '../xml.js';

const PICTURES = new Set(['img', 'image', 'svg']);
/** What `epub:type` or `role` says of a list of places. */
const CONTENTS = /(?:^|\s)(?:toc|landmarks|page-list|lot|loi)(?:\s|$)/u;

const NOTES = /(?:^|\s)(?:footnotes?|endnotes?|rearnotes?)(?:\s|$)/u;
/** Elements that may hold notes. */
const NOTED = new Set(['aside', 'section', 'div', 'li', 'p', 'ol', 'dl']);

/** What an element says of its place in the book, in EPUB's words. */
const typeOf = (attributes: Readonly<Record<string, string>>) =>
  `${attributes['epub:type'] ?? ''} ${attributes.role?.replace('doc-', '') ?? ''}`;

const isUnseen = (name: string) => UNSEEN_ELEMENTS.has(name) || ANNOTATIONS.has(name);

interface List {
  readonly isNumbered: boolean;
  next: number;
  isMarkDue: boolean;
}

/** Reads a page of XHTML or HTML into a flow of paragraphs, list items and rows. */
export class XhtmlReader implements XmlHandler {
  readonly #flow: Flow;
  /** Where each `id` stands: the number of the block that is being written. */
  readonly ids = new Map<string, number>();
  hasPictures = false;
  readonly #lists: List[] = [];
  #pieces: string[] = [];
  #unseen = 0;
  #heading = 0;
  #quotes = 0;
  #code = 0;
  /** Of each open element that may hold notes, whether it does. */
  readonly #noted: boolean[] = [];
  #notes = 0;
  /** `nav` elements that are open, and how many of them from the outermost one that lists the contents. */
  #navs = 0;
  #contentsFrom = 0;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (PICTURES.has(name)) this.hasPictures = true;
    // The way back from a note is a sign for the finger, not for the reader.
    if (this.#unseen > 0 || isUnseen(name) || (attributes.role ?? '').includes('backlink')) {
      this.#unseen++;
      return;
    }
    if (BLOCK_ELEMENTS.has(name)) this.#flush();
    if (NOTED.has(name)) {
      this.#noted.push(NOTES.test(typeOf(attributes)));
      if (this.#noted.at(-1)) this.#notes++;
    }
    const { id } = attributes;
    if (id !== undefined && !this.ids.has(id)) this.ids.set(id, this.#flow.text.blocks);
    if (name === 'br') this.#pieces.push(this.#code > 0 ? '\n' : LINE_BREAK);
    else if (name === 'nav') this.#openNav(attributes);
    else if (!this.#openTable(name, attributes)) this.#enter(name, attributes);
  }

  text(text: string): void {
    if (this.#unseen === 0) this.#pieces.push(text);
  }

  close(name: string): void {
    if (this.#unseen > 0) {
      this.#unseen--;
      return;
    }
    if (BLOCK_ELEMENTS.has(name)) this.#flush();
    if (NOTED.has(name) && this.#noted.pop()) this.#notes--;
    if (name === 'tr') this.#flow.closeRow();
    else if (name === 'table') this.#flow.closeTable();
    else if (name === 'nav' && this.#navs-- === this.#contentsFrom) this.#contentsFrom = 0;
    else this.#leave(name);
  }

  /** Ends what is open. */
  finish(): void {
    this.#flush();
  }

  #openNav(attributes: Readonly<Record<string, string>>): void {
    this.#navs++;
    if (this.#contentsFrom === 0 && CONTENTS.test(typeOf(attributes))) this.#contentsFrom = this.#navs;
  }

  #openTable(name: string, attributes: Readonly<Record<string, string>>): boolean {
    if (name === 'table') this.#flow.openTable();
    else if (name === 'tr') this.#flow.openRow();
    else if (name === 'td' || name === 'th') {
      this.#flow.openCell();
      if (name === 'th' && attributes.scope !== 'row') this.#flow.markHeader();
      if (name === 'td') this.#flow.markData();
    } else return false;
    return true;
  }

  #enter(name: string, attributes: Readonly<Record<string, string>>): void {
    const list = this.#lists.at(-1);
    const level = headingLevelOf(name);
    if (level !== undefined) this.#heading = level;
    else if (name === 'pre') this.#code++;
    else if (name === 'blockquote') this.#quotes++;
    else if (name === 'ul' || name === 'ol') {
      const start = Number(attributes.start ?? 1);
      this.#lists.push({
        isNumbered: name === 'ol',
        next: Number.isSafeInteger(start) ? start : 1,
        isMarkDue: false,
      });
    } else if (name === 'li' && list) {
      list.isMarkDue = true;
      const value = Number(attributes.value);
      if (Number.isSafeInteger(value)) list.next = value;
    }
  }

  #leave(name: string): void {
    if (headingLevelOf(name) !== undefined) this.#heading = 0;
    else if (name === 'pre') this.#code = Math.max(0, this.#code - 1);
    else if (name === 'blockquote') this.#quotes--;
    else if (name === 'ul' || name === 'ol') this.#lists.pop();
    else if (name === 'li') {
      const list = this.#lists.at(-1);
      // An item without text has its number all the same.
      if (list?.isMarkDue) list.next++;
      if (list) list.isMarkDue = false;
    }
  }

  #flush(): void {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.#pieces = [];
    const text = pieces.join('');
    if (text.trim() !== '') this.#flow.paragraph({ ...this.#kind(), text });
  }

  #kind(): Omit<Paragraph, 'text'> {
    if (this.#contentsFrom > 0) return { kind: 'contents' };
    if (this.#heading > 0) return { kind: 'heading', level: this.#heading };
    if (this.#code > 0) return { kind: 'code' };
    if (this.#lists.length > 0) {
      const item = this.#item();
      return this.#notes > 0 ? { ...item, kind: 'note' } : item;
    }
    if (this.#notes > 0) return { kind: 'note' };
    if (this.#quotes > 0) return { kind: 'quote' };
    return { kind: 'paragraph' };
  }

  #item(): Omit<Paragraph, 'text'> {
    const level = this.#lists.length;
    const list = this.#lists.at(-1)!;
    if (!list.isMarkDue) return { kind: 'item', level };
    list.isMarkDue = false;
    return { kind: 'item', level, marker: list.isNumbered ? `${list.next++}.` : '•' };
  }
}
