import type { TokenRetention } from '../../models/analysis/types.js';
import { formatShare } from '../../extension/protocol.js';
import { el } from '../dom.js';
import { t } from '../l10n.js';
import { canvasTheme, onThemeChange } from '../theme.js';

/** A token with its text and the one number that the map shows of it. */
export interface HeatToken {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly value: number;
}

interface Box {
  readonly token: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const LINE_HEIGHT = 1.6;
const PADDING = 8;
/** Strongest tint; more would make the text on it hard to read. */
const MAX_ALPHA = 0.6;

/** Texts of tokens, cut from the part of the document that holds them. */
export function heatTokens(
  tokens: readonly TokenRetention[],
  text: string,
  textStart: number,
  value: (token: TokenRetention) => number,
): HeatToken[] {
  return tokens.map((token) => ({
    start: token.start,
    end: token.end,
    text: text.slice(Math.max(0, token.start - textStart), Math.max(0, token.end - textStart)),
    value: value(token),
  }));
}

/**
 * The text in view with each token's share tinted in: the more the model retains of it, the stronger. A
 * canvas, since a screenful is a thousand tokens; arrow keys walk it, Enter and clicks go to the text, and
 * what is chosen is said in a live region.
 */
export class HeatMap {
  readonly element: HTMLElement;
  readonly #canvas = el('canvas', { id: 'heat-map', tabindex: 0, role: 'img' });
  readonly #said = el('p', { id: 'heat-token', role: 'status', class: 'muted' });
  #tokens: readonly HeatToken[] = [];
  #boxes: Box[] = [];
  #current = -1;

  constructor(private readonly onChoose: (token: HeatToken) => void) {
    this.element = el('div', { class: 'heat' }, this.#canvas, this.#said);
    this.#canvas.addEventListener('pointermove', (event) => this.#select(this.#at(event)));
    this.#canvas.addEventListener('click', (event) => {
      this.#select(this.#at(event));
      this.#choose();
    });
    this.#canvas.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#draw()).observe(this.element);
    onThemeChange(() => this.#draw());
  }

  /** The highest share shown, which has the strongest tint. */
  show(tokens: readonly HeatToken[]): void {
    this.#tokens = tokens;
    this.#current = -1;
    this.#say();
    this.#canvas.setAttribute(
      'aria-label',
      t('Retention of the {0} tokens in view; the same numbers are in the table below', tokens.length),
    );
    this.#draw();
  }

  get max(): number {
    return this.#tokens.reduce((max, { value }) => Math.max(max, value), 0);
  }

  #draw(): void {
    const width = this.element.clientWidth;
    const context = this.#canvas.getContext('2d');
    if (!context || width === 0) return;
    const theme = canvasTheme();
    const font = `${theme.fontSize}px ${theme.font}`;
    context.font = font;
    const lineHeight = Math.round(theme.fontSize * LINE_HEIGHT);
    const height = this.#layout(context, width, lineHeight);
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    context.scale(ratio, ratio);
    context.font = font;
    context.textBaseline = 'middle';

    const max = this.max || 1;
    for (const box of this.#boxes) {
      const token = this.#tokens[box.token];
      if (!token) continue;
      context.globalAlpha = (MAX_ALPHA * token.value) / max;
      context.fillStyle = theme.accent;
      context.fillRect(box.x, box.y, box.width, lineHeight - 2);
      context.globalAlpha = 1;
      context.fillStyle = theme.foreground;
      context.fillText(visible(token.text), box.x, box.y + lineHeight / 2 - 1);
      if (box.token === this.#current) {
        context.strokeStyle = theme.foreground;
        context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, lineHeight - 3);
      }
    }
  }

  /** Places the tokens in lines that are broken where the text breaks them, and at the right edge. */
  #layout(context: CanvasRenderingContext2D, width: number, lineHeight: number): number {
    this.#boxes = [];
    let x = PADDING;
    let y = PADDING;
    this.#tokens.forEach(({ text }, token) => {
      const advance = Math.max(2, context.measureText(visible(text)).width);
      if (x + advance > width - PADDING && x > PADDING) {
        x = PADDING;
        y += lineHeight;
      }
      this.#boxes.push({ token, x, y, width: advance });
      x += advance;
      if (/[\r\n]/.test(text)) {
        x = PADDING;
        y += lineHeight;
      }
    });
    return y + lineHeight + PADDING;
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
    const last = this.#tokens.length - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: Math.min(last, this.#current + 1),
      ArrowLeft: Math.max(0, this.#current - 1),
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
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
    if (token) this.onChoose(token);
  }

  #say(): void {
    const token = this.#tokens[this.#current];
    this.#said.textContent = token
      ? t('“{0}”: {1} retained', token.text.trim() || visible(token.text), formatShare(token.value))
      : t('Point at a token, or walk through them with the arrow keys; Enter goes to the text.');
  }
}

/** Line ends have no glyph of their own. */
function visible(text: string): string {
  return text.replace(/\r?\n|\r/g, '⏎').replace(/\t/g, '  ');
}
