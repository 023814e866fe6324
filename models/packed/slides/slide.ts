import type { Flow, Paragraph } from '../flow.js';
import { LINE_BREAK } from '../text-builder.js';
import { localName, type XmlHandler } from '../xml.js';

const TITLES = new Set(['title', 'ctrTitle']);
/** Placeholders that hold what stands on every slide. */
const REPEATED = new Set(['dt', 'ftr', 'sldNum', 'hdr', 'sldImg']);

/** Reads the shapes of one slide, or of the notes to one. */
export class SlideReader implements XmlHandler {
  readonly #flow: Flow;
  readonly #isNotes: boolean;
  /** The kind of placeholder that the open shape is. */
  #placeholder: string | undefined;
  #pieces: string[] | undefined;
  #level = 0;
  #hasBullet = false;
  #isText = false;
  #unseen = 0;

  constructor(flow: Flow, isNotes: boolean) {
    this.#flow = flow;
    this.#isNotes = isNotes;
  }

  open(qualified: string, attributes: Readonly<Record<string, string>>): void {
    const name = localName(qualified);
    if (this.#unseen > 0 || name === 'Fallback') this.#unseen++;
    else if (name === 'sp') this.#placeholder = undefined;
    else if (name === 'ph') this.#placeholder = attributes.type ?? 'body';
    else if (name === 'p') {
      this.#pieces = [];
      this.#level = 0;
      this.#hasBullet = this.#placeholder === 'body';
    } else if (name === 'pPr') this.#level = Math.min(9, Math.max(0, Number(attributes.lvl ?? 0) || 0));
    else if (name === 'buNone') this.#hasBullet = false;
    else if (name === 'buChar' || name === 'buAutoNum') this.#hasBullet = true;
    else if (name === 't') this.#isText = true;
    else if (name === 'br') this.#pieces?.push(LINE_BREAK);
    else if (name === 'tbl') this.#flow.openTable();
    else if (name === 'tr') this.#flow.openRow();
    else if (name === 'tc') this.#flow.openCell();
  }

  text(text: string): void {
    if (this.#isText && this.#unseen === 0) this.#pieces?.push(text);
  }

  close(qualified: string): void {
    const name = localName(qualified);
    if (this.#unseen > 0) this.#unseen--;
    else if (name === 't') this.#isText = false;
    else if (name === 'p') this.#closeParagraph();
    else if (name === 'tr') this.#flow.closeRow();
    else if (name === 'tbl') this.#flow.closeTable();
  }

  #closeParagraph(): void {
    const text = this.#pieces?.join('') ?? '';
    this.#pieces = undefined;
    if (text.trim() === '' || REPEATED.has(this.#placeholder ?? '')) return;
    this.#flow.paragraph({ ...this.#kind(), text });
  }

  #kind(): Omit<Paragraph, 'text'> {
    if (this.#isNotes) return { kind: 'note' };
    if (TITLES.has(this.#placeholder ?? '')) return { kind: 'heading', level: 1 };
    if (this.#placeholder === 'subTitle') return { kind: 'heading', level: 2 };
    if (!this.#hasBullet || this.#flow.isInTable) return { kind: 'paragraph' };
    return { kind: 'item', level: this.#level + 1, marker: '•' };
  }
}
