import type { Flow, Paragraph } from '../flow.js';
import { LINE_BREAK } from '../text-builder.js';
import { localName, type XmlHandler } from '../xml.js';
import type { Numbering } from './numbering.js';
import type { Style } from './styles.js';

export interface WordParts {
  readonly styles: ReadonlyMap<string, Style>;
  readonly numbering: Numbering;
  /** By kind and id: `footnote 2`. */
  readonly notes: ReadonlyMap<string, string>;
}

/**
 * Elements whose text no reader sees: deletions, moves away, field codes, properties as they were before a change, and
 * the second of two ways to draw a thing.
 */
const UNSEEN = new Set([
  'del',
  'moveFrom',
  'instrText',
  'delText',
  'delInstrText',
  'pPrChange',
  'rPrChange',
  'Fallback',
]);
const TITLE = /^(?:title|subtitle)$/u;
const CONTENTS = /^(?:toc \d|table of figures|table of authorities)$/u;
const QUOTE = /quote|block text/u;
const CODE = /^(?:source code|html preformatted|macro text|plain text|code)$/u;

interface OpenParagraph {
  style: Style | undefined;
  outline: number | undefined;
  listId: string | undefined;
  listLevel: number | undefined;
  readonly pieces: string[];
  readonly notes: string[];
}

/** Reads `w:body`. Of names only the local part counts, so that strict and transitional files are read alike. */
export class BodyReader implements XmlHandler {
  readonly #flow: Flow;
  readonly #parts: WordParts;
  /** A text box stands within a paragraph and has paragraphs of its own. */
  readonly #paragraphs: OpenParagraph[] = [];
  #unseen = 0;
  #isText = false;
  #isHidden = false;
  #isInProperties = 0;
  #noteNumber = 0;
  title: string | undefined;

  constructor(flow: Flow, parts: WordParts) {
    this.#flow = flow;
    this.#parts = parts;
  }

  open(qualified: string, attributes: Readonly<Record<string, string>>): void {
    const name = localName(qualified);
    if (this.#unseen > 0 || UNSEEN.has(name)) {
      this.#unseen++;
      return;
    }
    if (this.#isInProperties > 0 || name === 'pPr' || name === 'rPr') this.#property(name, attributes);
    else if (name === 'p') this.#openParagraph();
    else if (name === 'r') this.#isHidden = false;
    else if (name === 't') this.#isText = true;
    else if (name === 'footnoteReference' || name === 'endnoteReference') {
      this.#note(name.slice(0, -'Reference'.length), attributes['w:id'] ?? '');
    } else this.#sign(name, attributes);
    this.#table(name);
  }

  text(text: string): void {
    if (this.#unseen === 0 && this.#isText && !this.#isHidden) this.#add(text);
  }

  close(qualified: string): void {
    const name = localName(qualified);
    if (this.#unseen > 0) {
      this.#unseen--;
      return;
    }
    if (this.#isInProperties > 0) {
      this.#isInProperties--;
      return;
    }
    if (name === 't') this.#isText = false;
    else if (name === 'p') this.#closeParagraph();
    else if (name === 'tr') this.#flow.closeRow();
    else if (name === 'tbl') this.#flow.closeTable();
  }

  #table(name: string): void {
    if (name === 'tbl') this.#flow.openTable();
    else if (name === 'tr') this.#flow.openRow();
    else if (name === 'tc') this.#flow.openCell();
    else if (name === 'tblHeader') this.#flow.markHeader();
  }

  #openParagraph(): void {
    this.#paragraphs.push({
      style: undefined,
      outline: undefined,
      listId: undefined,
      listLevel: undefined,
      pieces: [],
      notes: [],
    });
  }

  /** Properties of a paragraph or a run, and what stands within them. */
  #property(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#isInProperties++;
    const paragraph = this.#paragraphs.at(-1);
    const value = attributes['w:val'];
    if (name === 'vanish') this.#isHidden = value !== '0' && value !== 'false';
    if (!paragraph || value === undefined) return;
    if (name === 'pStyle') paragraph.style = this.#parts.styles.get(value);
    else if (name === 'outlineLvl') paragraph.outline = Number(value) + 1;
    else if (name === 'numId') paragraph.listId = value;
    else if (name === 'ilvl') paragraph.listLevel = Number(value);
  }

  /** Elements that stand for a character. */
  #sign(name: string, attributes: Readonly<Record<string, string>>): void {
    switch (name) {
      case 'tab':
      case 'ptab':
        this.#add(' ');
        break;
      case 'br':
      case 'cr':
        this.#add(LINE_BREAK);
        break;
      case 'noBreakHyphen':
        this.#add('\u2011');
        break;
      case 'sym':
        this.#add(symbol(attributes['w:char']));
        break;
    }
  }

  #add(text: string): void {
    this.#paragraphs.at(-1)?.pieces.push(text);
  }

  #note(kind: string, id: string): void {
    const note = this.#parts.notes.get(`${kind} ${id}`);
    const paragraph = this.#paragraphs.at(-1);
    if (!note || !paragraph) return;
    const mark = `[${++this.#noteNumber}]`;
    paragraph.pieces.push(mark);
    paragraph.notes.push(`${mark} ${note}`);
  }

  #closeParagraph(): void {
    const open = this.#paragraphs.pop();
    if (!open) return;
    const text = open.pieces.join('');
    this.#isHidden = false;
    if (text.trim() === '') return;
    const name = open.style?.name ?? '';
    if (name === 'title') this.title ??= text.trim();
    this.#flow.paragraph({ ...this.#kindOf(open, name), text, notes: open.notes });
  }

  #kindOf(open: OpenParagraph, name: string): Omit<Paragraph, 'text' | 'notes'> {
    if (CONTENTS.test(name)) return { kind: 'contents' };
    const outline = open.outline ?? open.style?.outline;
    const id = open.listId ?? open.style?.list?.id;
    const level = open.listLevel ?? open.style?.list?.level ?? 0;
    // Id 0 takes a paragraph out of the list of its style.
    const marker = id === undefined || id === '0' ? undefined : this.#parts.numbering.next(id, level);
    const marked = marker === undefined || marker === '' ? {} : { marker };
    if (TITLE.test(name)) return { kind: 'heading', level: name === 'title' ? 1 : 2 };
    if (outline !== undefined && outline >= 1 && outline <= 9) {
      return { kind: 'heading', level: outline, ...marked };
    }
    if (marker !== undefined) return { kind: 'item', level: level + 1, ...marked };
    if (QUOTE.test(name)) return { kind: 'quote' };
    return { kind: CODE.test(name) ? 'code' : 'paragraph' };
  }
}

/** A sign of a symbol font; those of the private area say nothing without the font. */
function symbol(code: string | undefined): string {
  const value = Number.parseInt(code ?? '', 16);
  if (!(value > 0x20 && value <= 0xffff)) return '';
  return value >= 0xf000 && value <= 0xf0ff ? '▪' : String.fromCharCode(value);
}
