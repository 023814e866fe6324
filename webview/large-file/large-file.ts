import type { Span } from '../../models/text/span.js';
import type {
  LargeFileHostMethods,
  LargeFilePageMethods,
  ShownRow,
} from '../../extension/protocol/large-file.js';
import { dispatch, Peer, type Message, type Remote } from '../../extension/protocol/rpc.js';
import { addStyles, el } from '../elements/dom.js';
import { setStrings, t } from '../elements/l10n.js';
import styles from './large-file.css';

declare function acquireVsCodeApi(): { postMessage(message: Message): void };

/** Rows asked for at a time, and how many such blocks are kept. */
const BLOCK = 200;
const BLOCKS = 12;
/** The pointer rests for so long before a hover is asked for. */
const REST_MS = 350;
/** UTF-16 units around a word that a hover computes at most. */
const MAX_VIEW = 8_000;
const WORD = /[\p{L}\p{N}_'’-]+/gu;

/**
 * Draws the rows that are in view and nothing else, so that the file's size makes no difference. The scroll bar
 * is our own: no element can be as high as three million lines.
 */
class LargeFileView {
  readonly #main: HTMLElement;
  readonly #host: Remote<LargeFileHostMethods>;
  readonly #rows = el('div', { class: 'rows', role: 'document', tabindex: 0, 'aria-label': t('Text') });
  readonly #thumb = el('div', { class: 'thumb' });
  readonly #bar = el(
    'div',
    { class: 'scrollbar', role: 'scrollbar', 'aria-orientation': 'vertical' },
    this.#thumb,
  );
  readonly #tooltip = el('div', { class: 'tooltip', role: 'tooltip', hidden: true });
  readonly #status = el('div', { class: 'quiet', role: 'status' });
  readonly #blocks = new Map<number, Promise<readonly ShownRow[]>>();
  #shown: readonly ShownRow[] = [];
  #count = 0;
  #first = 0;
  #selection: Span | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawing = 0;
  #hovering = 0;

  constructor(main: HTMLElement, host: Remote<LargeFileHostMethods>) {
    this.#main = main;
    this.#host = host;
    main.append(this.#rows, this.#bar, this.#tooltip, this.#status);
    this.#rows.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    this.#rows.addEventListener('keydown', (event) => this.#key(event));
    this.#rows.addEventListener('mousemove', (event) => this.#rest(event));
    this.#rows.addEventListener('mouseleave', () => clearTimeout(this.#timer));
    this.#bar.addEventListener('pointerdown', (event) => this.#drag(event));
    new ResizeObserver(() => void this.#draw()).observe(main);
  }

  open(rows: number, error: string | undefined): void {
    if (error !== undefined) {
      this.#main.replaceChildren(
        el(
          'div',
          { class: 'message', role: 'alert' },
          el('h1', {}, t('This file cannot be shown')),
          el('p', {}, error),
        ),
      );
      return;
    }
    this.#count = rows;
    void this.#draw();
  }

  async select(range: Span, row: number, line: number, focus: boolean): Promise<void> {
    this.#selection = range;
    this.#first = Math.max(0, row - Math.floor(this.#visible / 3));
    await this.#draw();
    const marked = this.#rows.querySelector('mark');
    const { clientWidth } = this.#rows;
    // Sideways only as far as needed: the line numbers are worth seeing.
    this.#rows.scrollLeft =
      marked && marked.offsetLeft > clientWidth * 0.8 ? marked.offsetLeft - clientWidth / 3 : 0;
    this.#status.textContent = t('Line {0}', line);
    if (!focus) return;
    this.#rows.focus();
    const mark = this.#rows.querySelector('mark');
    const last = [...this.#rows.querySelectorAll('mark')].at(-1);
    if (mark?.firstChild && last?.lastChild)
      getSelection()?.setBaseAndExtent(mark.firstChild, 0, last.lastChild, last.textContent.length);
  }

  get #height(): number {
    return this.#rows.querySelector('.row')?.getBoundingClientRect().height ?? 18;
  }

  get #visible(): number {
    return Math.max(1, Math.floor(this.#rows.clientHeight / this.#height));
  }

  get #last(): number {
    return Math.max(0, this.#count - this.#visible);
  }

  #scrollTo(first: number): void {
    this.#first = Math.max(0, Math.min(this.#last, Math.round(first)));
    void this.#draw();
  }

  /** Draws what is in view, once it is there; a later call overtakes. */
  async #draw(): Promise<void> {
    const drawing = ++this.#drawing;
    const first = this.#first;
    const wanted = this.#visible + 1;
    const blocks: Promise<readonly ShownRow[]>[] = [];
    for (
      let block = Math.floor(first / BLOCK);
      block * BLOCK < Math.min(first + wanted, this.#count);
      block++
    )
      blocks.push(this.#block(block));
    const rows = (await Promise.all(blocks)).flat();
    if (drawing !== this.#drawing) return;
    this.#hide();
    const skipped = first % BLOCK;
    this.#shown = rows.slice(skipped, skipped + wanted);
    this.#rows.replaceChildren(...this.#shown.map((row) => this.#row(row)));
    const share = Math.min(1, this.#visible / Math.max(1, this.#count));
    const height = this.#bar.clientHeight;
    const thumb = Math.max(24, share * height);
    this.#thumb.style.height = `${thumb}px`;
    this.#thumb.style.top = `${(height - thumb) * (first / Math.max(1, this.#last))}px`;
    this.#bar.setAttribute('aria-valuemax', String(this.#last));
    this.#bar.setAttribute('aria-valuenow', String(first));
  }

  #block(index: number): Promise<readonly ShownRow[]> {
    const known =
      this.#blocks.get(index) ?? this.#host.request('rows', { from: index * BLOCK, count: BLOCK });
    this.#blocks.delete(index);
    this.#blocks.set(index, known);
    known.catch(() => this.#blocks.delete(index));
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= BLOCKS) break;
      this.#blocks.delete(oldest);
    }
    return known;
  }

  #row({ text, start, line, startsLine }: ShownRow): HTMLElement {
    const number = el('span', { class: 'number', 'aria-hidden': true }, startsLine ? String(line) : '');
    const words = el('span', { class: 'text', 'data-start': start });
    const { start: from, end: to } = this.#selection ?? { start: 0, end: 0 };
    const a = Math.max(0, Math.min(text.length, from - start));
    const b = Math.max(a, Math.min(text.length, to - start));
    words.append(text.slice(0, a));
    if (b > a) words.append(el('mark', {}, text.slice(a, b)));
    words.append(text.slice(b));
    return el('div', { class: 'row' }, number, words);
  }

  #wheel(event: WheelEvent): void {
    if (event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    const rows = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY / this.#height : event.deltaY;
    this.#scrollTo(this.#first + (Math.abs(rows) < 1 ? Math.sign(rows) : rows));
  }

  #key(event: KeyboardEvent): void {
    const { key, ctrlKey, metaKey } = event;
    const page = this.#visible - 1;
    const to: Partial<Record<string, number>> = {
      ArrowDown: this.#first + 1,
      ArrowUp: this.#first - 1,
      PageDown: this.#first + page,
      PageUp: this.#first - page,
      Home: ctrlKey || metaKey ? 0 : undefined,
      End: ctrlKey || metaKey ? this.#last : undefined,
    };
    if (key === 'Escape') this.#hide();
    // The keyboard's way to a hover: that of the passage that was gone to.
    if (key === 'Enter' && this.#selection) void this.#hoverMark();
    const target = to[key];
    if (target === undefined) return;
    event.preventDefault();
    this.#scrollTo(target);
  }

  #drag(event: PointerEvent): void {
    const { top, height } = this.#bar.getBoundingClientRect();
    const half = this.#thumb.clientHeight / 2;
    const move = ({ clientY }: PointerEvent) =>
      this.#scrollTo(((clientY - top - half) / Math.max(1, height - 2 * half)) * this.#last);
    this.#bar.setPointerCapture(event.pointerId);
    this.#bar.addEventListener('pointermove', move);
    this.#bar.addEventListener('pointerup', () => this.#bar.removeEventListener('pointermove', move), {
      once: true,
    });
    move(event);
  }

  #rest({ clientX, clientY }: MouseEvent): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const word = wordAt(clientX, clientY);
      if (word) void this.#hover(word.range, word.box);
      else this.#hide();
    }, REST_MS);
  }

  async #hoverMark(): Promise<void> {
    const mark = this.#rows.querySelector('mark');
    const [word] = mark?.textContent.matchAll(WORD) ?? [];
    if (!mark || !word || !this.#selection) return;
    const start = this.#selection.start + word.index;
    await this.#hover({ start, end: start + word[0].length }, mark.getBoundingClientRect());
  }

  async #hover(word: Span, box: DOMRect): Promise<void> {
    const hovering = ++this.#hovering;
    const first = this.#shown[0];
    const last = this.#shown.at(-1);
    if (!first || !last) return;
    const view = {
      start: Math.max(first.start, word.start - MAX_VIEW / 2),
      end: Math.min(last.start + last.text.length, word.start + MAX_VIEW / 2),
    };
    const html = await this.#host.request('hover', { ...word, view }).catch(() => null);
    if (hovering !== this.#hovering) return;
    this.#hide();
    if (html === null) return;
    // VS Code's Markdown engine made it of our own words.
    this.#tooltip.innerHTML = html;
    this.#tooltip.hidden = false;
    const { clientHeight, clientWidth } = this.#main;
    const below = box.bottom + this.#tooltip.offsetHeight < clientHeight;
    this.#tooltip.style.top = `${below ? box.bottom : Math.max(0, box.top - this.#tooltip.offsetHeight)}px`;
    this.#tooltip.style.left = `${Math.max(0, Math.min(box.left, clientWidth - this.#tooltip.offsetWidth))}px`;
  }

  #hide(): void {
    this.#tooltip.hidden = true;
  }
}

/** The word under a point: where it is in the document, and on the screen. */
function wordAt(x: number, y: number): { range: Span; box: DOMRect } | undefined {
  const caret = document.caretPositionFromPoint(x, y);
  const element = caret?.offsetNode.parentElement?.closest<HTMLElement>('.text');
  if (!caret || !element || caret.offsetNode.nodeType !== Node.TEXT_NODE) return undefined;
  // Offset within the row: the text may be in several nodes, where a part is marked.
  const before = document.createRange();
  before.setStart(element, 0);
  before.setEnd(caret.offsetNode, caret.offset);
  const at = before.toString().length;
  for (const word of element.textContent.matchAll(WORD)) {
    const end = word.index + word[0].length;
    if (at < word.index || at > end) continue;
    const start = Number(element.dataset.start) + word.index;
    return { range: { start, end: start + word[0].length }, box: new DOMRect(x, y - 8, 0, 20) };
  }
  return undefined;
}

setStrings(JSON.parse(document.getElementById('l10n')?.textContent ?? '{}') as Record<string, string>);
addStyles(styles);
const vscode = acquireVsCodeApi();
const peer: Peer<LargeFileHostMethods> = new Peer<LargeFileHostMethods>(
  (message) => vscode.postMessage(message),
  dispatch<LargeFilePageMethods>({
    open: ({ rows, error }) => view.open(rows, error),
    select: ({ start, end, row, line, focus }) => view.select({ start, end }, row, line, focus),
  }),
);
const view = new LargeFileView(document.getElementById('file') ?? document.body, peer);
window.addEventListener('message', ({ data }: MessageEvent<Message>) => peer.receive(data));
void peer.request('ready', {});
