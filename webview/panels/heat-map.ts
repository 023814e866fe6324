import type { Span } from '../../models/text/span.js';
import type { TokenRetention } from '../../models/document/types.js';
import { formatShare } from '../../extension/protocol/format.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import { canvasTheme, onThemeChange } from '../elements/theme.js';
import { setSlider, sized, sliderCanvas } from './canvas.js';
import { sliderStep } from './line-chart.js';
import { MAX_UNDER_TEXT, strength, type Tint } from './tint.js';

/** A token with its text and the one number that the map shows of it. */
export interface HeatToken {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly value: number;
  /** Its note is in a pool now. */
  readonly noted: boolean;
}

interface Box {
  readonly token: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const LINE_HEIGHT = 1.75;
const PADDING = 8;
/** Height of the bar under a token that retains as much as the scale's end, in pixels. */
const BAR = 5;

/** Texts of tokens, cut from the part of the document that holds them. */
export function heatTokens(
  tokens: readonly TokenRetention[],
  text: string,
  textStart: number,
  read: (token: TokenRetention) => { readonly value: number; readonly noted: boolean },
): HeatToken[] {
  return tokens.map((token) => ({
    start: token.start,
    end: token.end,
    text: text.slice(Math.max(0, token.start - textStart), Math.max(0, token.end - textStart)),
    ...read(token),
  }));
}

/**
 * A stretch of text with each token's share in it: as a tint, and as the height of a bar under the token. Tokens
 * whose note is in a pool are framed, and those that are selected in the reader's text have a line above. A canvas,
 * since a screenful is a thousand tokens. To the keyboard it is a slider over the tokens: arrow keys walk, Enter and
 * clicks go to the text.
 */
export class HeatMap {
  readonly #onChoose: (token: HeatToken) => void;
  readonly element: HTMLElement;
  readonly #canvas = sliderCanvas('heat-map', 'horizontal');
  readonly #said = el('p', { id: 'heat-token', class: 'muted readout', 'aria-hidden': 'true' });
  #tokens: readonly HeatToken[] = [];
  #tint: Tint = { scale: 'whole', max: 1 };
  #selection: Span | undefined;
  #boxes: Box[] = [];
  #current = -1;

  constructor(onChoose: (token: HeatToken) => void) {
    this.#onChoose = onChoose;
    this.element = el('div', { class: 'heat' }, this.#canvas, this.#said);
    this.#canvas.addEventListener('pointermove', (event) => this.#select(this.#at(event)));
    this.#canvas.addEventListener('pointerleave', () => this.#select(-1));
    this.#canvas.addEventListener('click', (event) => {
      this.#select(this.#at(event));
      this.#choose();
    });
    this.#canvas.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#draw()).observe(this.element);
    onThemeChange(() => this.#draw());
  }

  /** @param tint gives the strength of a token's tint and the height of its bar */
  show(tokens: readonly HeatToken[], tint: Tint): void {
    this.#tokens = tokens;
    this.#tint = tint;
    this.#current = -1;
    this.#canvas.setAttribute(
      'aria-label',
      t('Retention of the {0} tokens in view; the same numbers are in the table below', tokens.length),
    );
    this.#say();
    this.#draw();
  }

  /** Marks what is selected in the reader's text. */
  mark(selection: Span | undefined): void {
    this.#selection = selection;
    this.#draw();
  }

  #draw(): void {
    const width = this.element.clientWidth;
    if (width === 0) return;
    const theme = canvasTheme();
    const font = `${theme.fontSize}px ${theme.font}`;
    const lineHeight = Math.round(theme.fontSize * LINE_HEIGHT);
    const measuring = this.#canvas.getContext('2d');
    if (!measuring) return;
    measuring.font = font;
    const context = sized(this.#canvas, width, this.#layout(measuring, width, lineHeight));
    if (!context) return;
    context.font = font;
    context.textBaseline = 'middle';
    for (const box of this.#boxes) {
      const token = this.#tokens[box.token];
      if (token) this.#drawToken(context, theme, box, token, lineHeight);
    }
  }

  #drawToken(
    context: CanvasRenderingContext2D,
    theme: ReturnType<typeof canvasTheme>,
    { token: index, x, y, width }: Box,
    token: HeatToken,
    lineHeight: number,
  ): void {
    const share = strength(token.value, this.#tint);
    const height = lineHeight - 3;
    context.globalAlpha = MAX_UNDER_TEXT * share;
    context.fillStyle = theme.accent;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
    context.fillRect(x, y + height - BAR * share, width, BAR * share);
    context.fillStyle = theme.foreground;
    context.fillText(
      x === PADDING ? visible(token.text).trimStart() : visible(token.text),
      x,
      y + height / 2 - 1,
    );
    if (this.#isSelected(token)) context.fillRect(x, y - 2, width, 2);
    if (token.noted) {
      context.fillStyle = theme.mark;
      this.#frame(context, index, { x, y, width, height });
    }
    if (index === this.#current) {
      context.strokeStyle = theme.focus;
      context.lineWidth = 2;
      context.strokeRect(x, y, width, height);
      context.lineWidth = 1;
    }
  }

  /** A frame around a token, open to its neighbours in the line that have one too. */
  #frame(
    context: CanvasRenderingContext2D,
    index: number,
    { x, y, width, height }: { x: number; y: number; width: number; height: number },
  ): void {
    const isJoined = (other: number) => this.#tokens[other]?.noted === true && this.#boxes[other]?.y === y;
    context.fillRect(x, y, width, 1);
    context.fillRect(x, y + height - 1, width, 1);
    if (!isJoined(index - 1)) context.fillRect(x, y, 1.5, height);
    if (!isJoined(index + 1)) context.fillRect(x + width - 1.5, y, 1.5, height);
  }

  #isSelected({ start, end }: HeatToken): boolean {
    const selection = this.#selection;
    return selection !== undefined && selection.start < end && selection.end > start;
  }

  /** Places the tokens in lines, broken where the text breaks them and between words at the right edge. */
  #layout(context: CanvasRenderingContext2D, width: number, lineHeight: number): number {
    this.#boxes = [];
    const widths = this.#tokens.map(({ text }) => Math.max(2, context.measureText(visible(text)).width));
    let x = PADDING;
    let y = PADDING;
    this.#tokens.forEach(({ text }, token) => {
      const advance = widths[token] ?? 0;
      const right = width - PADDING;
      const word = startsWord(this.#tokens, token) ? this.#wordWidth(widths, token) : advance;
      if (x > PADDING && x + (word <= right - PADDING ? word : advance) > right) {
        x = PADDING;
        y += lineHeight;
      }
      // A blank at the start of a line would look like an indent of the text.
      const lead = x === PADDING ? advance - context.measureText(visible(text).trimStart()).width : 0;
      const shown = Math.max(2, advance - lead);
      this.#boxes.push({ token, x, y, width: shown });
      x += shown;
      if (/[\r\n]/.test(text)) {
        x = PADDING;
        y += lineHeight;
      }
    });
    return y + lineHeight + PADDING;
  }

  /** Width of the word that begins with a token. */
  #wordWidth(widths: readonly number[], first: number): number {
    let width = widths[first] ?? 0;
    for (let i = first + 1; i < widths.length && !startsWord(this.#tokens, i); i++) width += widths[i] ?? 0;
    return width;
  }

  #at(event: MouseEvent): number {
    const { left, top } = this.#canvas.getBoundingClientRect();
    const x = event.clientX - left;
    const y = event.clientY - top;
    const lineHeight = Math.round(canvasTheme().fontSize * LINE_HEIGHT);
    const hit = this.#boxes.find(
      (box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + lineHeight,
    );
    return hit?.token ?? -1;
  }

  #key(event: KeyboardEvent): void {
    const next = sliderStep(event.key, this.#current, this.#tokens.length - 1);
    if (next !== undefined) this.#select(next);
    else if (event.key === 'Enter') this.#choose();
    else return;
    event.preventDefault();
  }

  #select(token: number): void {
    if (token === this.#current) return;
    this.#current = token;
    this.#say();
    this.#draw();
  }

  #choose(): void {
    const token = this.#tokens[this.#current];
    if (token) this.#onChoose(token);
  }

  #say(): void {
    const token = this.#tokens[this.#current];
    const said = token
      ? [
          t('“{0}”: {1} retained', token.text.trim() || visible(token.text), formatShare(token.value)),
          ...(token.noted ? [t('its note is in the pool')] : []),
        ].join(', ')
      : t('Point at a token, or walk through them with the arrow keys; Enter goes to the text.');
    this.#said.textContent = said;
    setSlider(this.#canvas, this.#current, this.#tokens.length - 1, said);
  }
}

/** True for a token that begins with white space or follows some: a line may break before it. */
function startsWord(tokens: readonly HeatToken[], index: number): boolean {
  return /^\s/.test(tokens[index]?.text ?? '') || /\s$/.test(tokens[index - 1]?.text ?? ' ');
}

/** Line ends have no glyph of their own. */
function visible(text: string): string {
  return text.replace(/\r?\n|\r/g, '⏎').replace(/\t/g, '  ');
}
