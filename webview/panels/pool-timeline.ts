import type { PoolEntry } from '../../models/document/types.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import { canvasTheme, onThemeChange } from '../elements/theme.js';
import { sized } from './canvas.js';
import { slotsOf, type Placed } from './pool-slots.js';
import { noteOpacity, plateOpacity } from './tint.js';

export type TimeScale = 'linear' | 'logarithmic';

interface Lane {
  readonly layer: number;
  readonly placed: readonly Placed[];
  readonly slots: number;
}

interface Bar extends Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const LABEL = 62;
const RIGHT = 10;
const GAP = 10;
const AXIS = 20;
/** Height of a slot where one layer is shown, with words in the bars; of many layers together. */
const TALL = 11;
const LOW_TOTAL = 460;
const MIN_TICK_GAP = 80;

/**
 * When every note was in its pool: one lane a layer, one row a place in the pool, one bar a note. A bar goes from
 * the token with which the note entered to the one with which it left; who replaces a note follows in its row. The
 * stronger the score the darker the bar; notes that stayed to the end have a solid end. The same is in the table
 * below, and the slider under the picture moves the line.
 */
export class PoolTimeline {
  readonly #handlers: {
    readonly onChoose: (entry: PoolEntry) => void;
    readonly onMove: (position: number) => void;
    readonly describe: (entry: PoolEntry) => string;
  };
  readonly element: HTMLElement;
  readonly #canvas = el('canvas', { id: 'pool-timeline', role: 'img' });
  readonly #said = el('p', { id: 'pool-note', class: 'muted readout', role: 'status' });
  #lanes: readonly Lane[] = [];
  #length = 1;
  #position = 0;
  #scale: TimeScale = 'linear';
  #bars: Bar[] = [];
  #under: Bar | undefined;
  #pinned = false;

  constructor(handlers: {
    readonly onChoose: (entry: PoolEntry) => void;
    readonly onMove: (position: number) => void;
    readonly describe: (entry: PoolEntry) => string;
  }) {
    this.#handlers = handlers;
    this.element = el('div', { class: 'timeline' }, this.#canvas, this.#said);
    this.#canvas.addEventListener('pointermove', (event) => {
      if (this.#pinned) this.#handlers.onMove(this.#positionAt(event));
      else this.#point(event);
    });
    this.#canvas.addEventListener('pointerdown', (event) => {
      this.#point(event);
      // The line is dragged; bars are clicked.
      if (this.#under && Math.abs(this.#x(this.#position) - this.#offset(event).x) > 5) return;
      this.#pinned = true;
      this.#canvas.setPointerCapture(event.pointerId);
      this.#handlers.onMove(this.#positionAt(event));
    });
    this.#canvas.addEventListener('pointerup', () => {
      if (!this.#pinned && this.#under) this.#handlers.onChoose(this.#under.entry);
      this.#pinned = false;
    });
    this.#canvas.addEventListener('pointercancel', () => (this.#pinned = false));
    new ResizeObserver(() => this.#draw()).observe(this.element);
    onThemeChange(() => this.#draw());
  }

  /**
   * @param entries of the layers that are shown, in the order of entering
   * @param length tokens that were read
   */
  show(entries: readonly PoolEntry[], length: number): void {
    const layers = [...new Set(entries.map(({ layer }) => layer))].sort((a, b) => a - b);
    this.#lanes = layers.map((layer) => {
      const placed = slotsOf(entries.filter((entry) => entry.layer === layer));
      return { layer, placed, slots: placed.reduce((max, { slot }) => Math.max(max, slot + 1), 1) };
    });
    this.#length = Math.max(1, length);
    this.#under = undefined;
    this.#canvas.setAttribute(
      'aria-label',
      t('When each of {0} notes was in the pool; the same is in the table below', entries.length),
    );
    this.#say();
    this.#draw();
  }

  /** Most changes come early: a logarithmic axis gives them room. */
  set scale(scale: TimeScale) {
    this.#scale = scale;
    this.#draw();
  }

  /** Moves the line that says which point of the document is meant. */
  moveTo(position: number): void {
    this.#position = position;
    this.#draw();
  }

  #x(position: number): number {
    const share = shareOf(position, this.#length, this.#scale);
    return LABEL + share * (this.element.clientWidth - LABEL - RIGHT);
  }

  #draw(): void {
    const width = this.element.clientWidth;
    if (width === 0) return;
    const single = this.#lanes.length === 1;
    const slots = this.#lanes.reduce((sum, lane) => sum + lane.slots, 0);
    const slotHeight = single ? TALL : Math.max(1, Math.min(4, LOW_TOTAL / Math.max(1, slots)));
    const height = slots * slotHeight + this.#lanes.length * GAP + AXIS;
    const context = sized(this.#canvas, width, height);
    if (!context) return;
    const theme = canvasTheme();
    context.font = `${single ? 10 : 11}px ${theme.font}`;
    context.textBaseline = 'middle';
    this.#bars = [];
    let top = 0;
    for (const { layer, placed, slots: count } of this.#lanes) {
      const bottom = top + count * slotHeight;
      context.fillStyle = theme.foreground;
      context.font = `11px ${theme.font}`;
      context.fillText(t('Layer {0}', layer + 1), 0, single ? 8 : (top + bottom) / 2);
      context.font = `${single ? 10 : 11}px ${theme.font}`;
      for (const { entry, slot } of placed) {
        const x = this.#x(entry.enteredAt);
        const bar: Bar = {
          entry,
          slot,
          x,
          y: top + slot * slotHeight,
          width: Math.max(1.5, this.#x(entry.leftAt ?? this.#length) - x),
          height: slotHeight,
        };
        this.#bars.push(bar);
        this.#drawBar(context, theme, bar, single);
      }
      top = bottom + GAP;
      context.fillStyle = theme.grid;
      if (!single) context.fillRect(LABEL, bottom + GAP / 2, width - LABEL - RIGHT, 0.5);
    }
    this.#drawAxis(context, theme, top - GAP / 2, width);
    this.#drawLine(context, theme, top - GAP / 2);
  }

  #drawBar(
    context: CanvasRenderingContext2D,
    theme: ReturnType<typeof canvasTheme>,
    { entry, x, y, width, height }: Bar,
    single: boolean,
  ): void {
    const gap = height > 2 ? 1 : 0;
    const isLive = entry.leftAt === null;
    context.fillStyle = theme.accent;
    const opacity = noteOpacity(entry.score, theme.isHighContrast);
    context.globalAlpha = opacity;
    context.fillRect(x, y, width - (width > 3 ? 0.75 : 0), height - gap);
    context.globalAlpha = 1;
    if (isLive) {
      context.fillStyle = theme.mark;
      context.fillRect(x + width - 4, y, 4, height - gap);
    }
    if (this.#under?.entry === entry) {
      context.strokeStyle = theme.focus;
      context.lineWidth = 2;
      context.strokeRect(x, y, width, height);
      context.lineWidth = 1;
    }
    if (!single || width < 24) return;
    context.save();
    context.beginPath();
    context.rect(x, y, width - 6, height - gap);
    context.clip();
    context.globalAlpha = plateOpacity(opacity);
    context.fillStyle = theme.background;
    context.fillRect(x + 1, y, context.measureText(entry.word).width + 4, height);
    context.globalAlpha = 1;
    context.fillStyle = theme.foreground;
    context.fillText(entry.word, x + 3, y + height / 2);
    context.restore();
  }

  #drawAxis(
    context: CanvasRenderingContext2D,
    theme: ReturnType<typeof canvasTheme>,
    top: number,
    width: number,
  ): void {
    context.font = `11px ${theme.font}`;
    context.textAlign = 'center';
    for (const at of this.#ticks(width - LABEL - RIGHT)) {
      const x = this.#x(at);
      context.fillStyle = theme.grid;
      context.fillRect(x, top, 1, 5);
      context.fillStyle = theme.muted;
      context.fillText(at.toLocaleString('en-US'), Math.min(x, width - 24), top + 13);
    }
    context.textAlign = 'start';
  }

  #ticks(width: number): number[] {
    const ticks = [0];
    if (this.#scale === 'logarithmic') {
      for (let at = FIRST; at <= this.#length; at *= 4) ticks.push(at);
      return ticks;
    }
    const step = niceStep((this.#length * MIN_TICK_GAP) / Math.max(1, width));
    for (let at = step; at <= this.#length; at += step) ticks.push(at);
    return ticks;
  }

  #drawLine(context: CanvasRenderingContext2D, theme: ReturnType<typeof canvasTheme>, bottom: number): void {
    const x = this.#x(this.#position);
    context.fillStyle = theme.foreground;
    context.fillRect(x - 0.75, 0, 1.5, bottom);
    context.beginPath();
    context.moveTo(x - 6, bottom + 5);
    context.lineTo(x + 6, bottom + 5);
    context.lineTo(x, bottom - 4);
    context.fill();
  }

  #offset(event: PointerEvent): { x: number; y: number } {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #positionAt(event: PointerEvent): number {
    const share = (this.#offset(event).x - LABEL) / (this.element.clientWidth - LABEL - RIGHT);
    return positionOf(Math.max(0, Math.min(1, share)), this.#length, this.#scale);
  }

  #point(event: PointerEvent): void {
    const { x, y } = this.#offset(event);
    const bar = this.#bars.find(
      (b) => y >= b.y && y < b.y + b.height && x >= b.x - 1 && x < b.x + b.width + 1,
    );
    if (bar?.entry === this.#under?.entry) return;
    this.#under = bar;
    this.#canvas.style.cursor = bar ? 'pointer' : 'ew-resize';
    this.#say();
    this.#draw();
  }

  #say(): void {
    this.#said.textContent = this.#under
      ? this.#handlers.describe(this.#under.entry)
      : t('Point at a bar to see its note; click to go to the text; drag the line, or the slider below.');
  }
}

/** Tokens up to which the logarithmic axis is linear: about a chunk. */
const FIRST = 64;

/** Where a position lies on the axis, from 0 to 1. */
export function shareOf(position: number, length: number, scale: TimeScale): number {
  return scale === 'linear' ? position / length : Math.log1p(position / FIRST) / Math.log1p(length / FIRST);
}

/** The position that lies at a share of the axis: the inverse of {@link shareOf}, in whole tokens. */
export function positionOf(share: number, length: number, scale: TimeScale): number {
  return Math.round(
    scale === 'linear' ? share * length : FIRST * Math.expm1(share * Math.log1p(length / FIRST)),
  );
}

/** 1, 2 or 5 times a power of ten, the least that is not below `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
