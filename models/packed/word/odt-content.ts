import type { Flow, Paragraph } from '../flow.js';
import { LINE_BREAK } from '../text-builder.js';
import type { XmlHandler } from '../xml.js';

/** Elements whose text no reader sees in the body, or that are a list of what stands elsewhere. */
const UNSEEN = new Set([
  'text:tracked-changes',
  'office:annotation',
  'office:forms',
  'svg:title',
  'svg:desc',
]);
/** A repeat count is a number that the file chooses; more empty columns or spaces than this mean nothing. */
const MOST_REPEATS = 64;
const TITLE = /^(?:Title|Subtitle)$/u;

type Kind = Omit<Paragraph, 'text' | 'notes'>;

interface OpenParagraph {
  readonly kind: Kind;
  readonly pieces: string[];
  readonly notes: string[];
}

interface OpenNote {
  citation: string;
  body: string[];
  isCitation: boolean;
}

interface List {
  readonly isNumbered: boolean;
  items: number;
  /** The next paragraph is the first of its item, and has the mark. */
  isMarkDue: boolean;
}

/** Reads `office:body` of `content.xml`. */
export class OdtReader implements XmlHandler {
  readonly #flow: Flow;
  readonly #paragraphs: OpenParagraph[] = [];
  readonly #lists: List[] = [];
  /** List styles that begin with a number, by name. */
  readonly #numbered = new Set<string>();
  /** Paragraph styles that the document made of another one. */
  readonly #parents = new Map<string, string>();
  #listStyle: string | undefined;
  #unseen = 0;
  #isInBody = false;
  #contents = 0;
  #headerRows = 0;
  #note: OpenNote | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#unseen > 0 || UNSEEN.has(name)) this.#unseen++;
    else if (name === 'office:body') this.#isInBody = true;
    else if (!this.#isInBody) this.#style(name, attributes);
    else if (name.startsWith('table:')) this.#openTable(name, attributes);
    else this.#openText(name, attributes);
  }

  text(text: string): void {
    if (this.#unseen > 0) return;
    // A line break in the file is white space.
    if (!this.#note) this.#paragraphs.at(-1)?.pieces.push(text);
    else if (this.#note.isCitation) this.#note.citation += text;
    else this.#note.body.push(text);
  }

  close(name: string): void {
    if (this.#unseen > 0) {
      this.#unseen--;
      return;
    }
    if (!this.#isInBody) {
      if (name === 'text:list-style') this.#listStyle = undefined;
      return;
    }
    switch (name) {
      case 'text:p':
      case 'text:h':
        if (this.#note) this.#note.body.push(' ');
        else this.#closeParagraph();
        break;
      case 'text:list':
        this.#lists.pop();
        break;
      case 'text:table-of-content':
      case 'text:illustration-index':
      case 'text:alphabetical-index':
        this.#contents--;
        break;
      case 'text:note-citation':
        if (this.#note) this.#note.isCitation = false;
        break;
      case 'text:note':
        this.#closeNote();
        break;
      case 'table:table-header-rows':
        this.#headerRows--;
        break;
      case 'table:table-row':
        this.#flow.closeRow();
        break;
      case 'table:table':
        this.#flow.closeTable();
        break;
    }
  }

  #style(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'text:list-style') this.#listStyle = attributes['style:name'];
    else if (name === 'text:list-level-style-number' && attributes['text:level'] === '1') {
      if (this.#listStyle !== undefined) this.#numbered.add(this.#listStyle);
    } else if (name === 'style:style' && attributes['style:family'] === 'paragraph') {
      this.#parents.set(attributes['style:name'] ?? '', attributes['style:parent-style-name'] ?? '');
    }
  }

  #openTable(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'table:table') this.#flow.openTable();
    else if (name === 'table:table-header-rows') this.#headerRows++;
    else if (name === 'table:table-row') this.#flow.openRow(this.#headerRows > 0);
    else if (name === 'table:table-cell' || name === 'table:covered-table-cell') {
      this.#flow.openCell(repeats(attributes['table:number-columns-repeated']));
    }
  }

  #openText(name: string, attributes: Readonly<Record<string, string>>): void {
    switch (name) {
      case 'text:h':
      case 'text:p':
        if (!this.#note) this.#openParagraph(name, attributes);
        break;
      case 'text:list':
        this.#openList(attributes['text:style-name']);
        break;
      case 'text:list-item':
        this.#openItem();
        break;
      case 'text:s':
        this.text(' '.repeat(repeats(attributes['text:c'])));
        break;
      case 'text:tab':
        this.text(' ');
        break;
      case 'text:line-break':
        this.text(LINE_BREAK);
        break;
      case 'text:table-of-content':
      case 'text:illustration-index':
      case 'text:alphabetical-index':
        this.#contents++;
        break;
      case 'text:note':
        this.#note = { citation: '', body: [], isCitation: false };
        break;
      case 'text:note-citation':
        if (this.#note) this.#note.isCitation = true;
        break;
    }
  }

  #openList(style: string | undefined): void {
    const outer = this.#lists.at(-1);
    const isNumbered = style === undefined ? (outer?.isNumbered ?? false) : this.#numbered.has(style);
    this.#lists.push({ isNumbered, items: 0, isMarkDue: false });
  }

  #openItem(): void {
    const list = this.#lists.at(-1);
    if (!list) return;
    list.items++;
    list.isMarkDue = true;
  }

  #openParagraph(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#paragraphs.push({ kind: this.#kindOf(name, attributes), pieces: [], notes: [] });
  }

  #kindOf(name: string, attributes: Readonly<Record<string, string>>): Kind {
    if (this.#contents > 0) return { kind: 'contents' };
    const style = this.#namedStyle(attributes['text:style-name'] ?? '');
    if (name === 'text:h') {
      const level = Number(attributes['text:outline-level'] ?? 1);
      return { kind: 'heading', level: level >= 1 && level <= 10 ? level : 1 };
    }
    if (TITLE.test(style)) return { kind: 'heading', level: style === 'Title' ? 1 : 2 };
    if (this.#lists.length > 0) return this.#item();
    if (style === 'Quotations') return { kind: 'quote' };
    return { kind: style === 'Preformatted_20_Text' ? 'code' : 'paragraph' };
  }

  #item(): Kind {
    const level = this.#lists.length;
    const list = this.#lists.at(-1)!;
    if (!list.isMarkDue) return { kind: 'item', level };
    list.isMarkDue = false;
    return { kind: 'item', level, marker: list.isNumbered ? `${list.items}.` : '•' };
  }

  /** The style that a reader of the document would name, behind those that an editor makes for each format. */
  #namedStyle(name: string): string {
    let style = name;
    for (let i = 0; i < 8 && /^P\d+$/u.test(style); i++) style = this.#parents.get(style) ?? '';
    return style;
  }

  #closeParagraph(): void {
    const open = this.#paragraphs.pop();
    if (open) this.#flow.paragraph({ ...open.kind, text: open.pieces.join(''), notes: open.notes });
  }

  #closeNote(): void {
    const note = this.#note;
    const paragraph = this.#paragraphs.at(-1);
    this.#note = undefined;
    if (!note || !paragraph) return;
    const mark = `[${note.citation.trim()}]`;
    paragraph.pieces.push(mark);
    paragraph.notes.push(`${mark} ${note.body.join('')}`);
  }
}

function repeats(count: string | undefined): number {
  const value = Number(count ?? 1);
  return value >= 1 && value <= MOST_REPEATS ? value : 1;
}
