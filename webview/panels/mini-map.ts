import type { Span } from '../../models/text/span.js';
import { formatShare } from '../../extension/protocol/format.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import { canvasTheme, onThemeChange } from '../elements/theme.js';
import { setSlider, sized, sliderCanvas } from './canvas.js';
import { sliderStep } from './line-chart.js';
import { strength, type Tint } from './tint.js';
import { COLUMNS, type Measure, type RetentionRows } from './retention-rows.js';

const HEIGHT = 440;
const MAX_ROW = 9;
/** Left of the tiles: where the view and the selection are. Right of them: how many notes. */
const SIDE = 9;
const NOTES = 16;

/** A turn of the wheel that is one step, in pixels, and what a line is in them. */
const TURN = 80;
const LINE = 40;
/** Enough steps out of any depth. */
const ALL_OUT = -99;
const ZOOM_KEYS: Readonly<Record<string, number>> = { '+': 1, '=': 1, '-': -1, '0': ALL_OUT };

/** How the reader wants the map to be zoomed. */
export interface ZoomRequest {
  /** Steps in, or out where negative; with 0 the map only moves. */
  readonly steps: number;
  /** The offset that is to stay where it is, if any, and where that is: 0 the top, 1 the bottom. */
  readonly at?: number;
  readonly share?: number;
}

/** What the map shows besides retention. */
export interface MapMarks {
  readonly view: Span | undefined;
  readonly selection: Span | undefined;
  /** Offsets of the tokens whose notes are in the pools now. */
  readonly notes: readonly number[];
}

/**
 * All tokens of a document in reading order, in tiles whose tint is how much is retained of them; what is not
 * computed yet is dotted. Right of them bars for the notes in the pool, left of them the lines in view (a
 * bracket) and the selection (an arrow). A slider to the keyboard; clicks and Enter go to the text.
 */
export class MiniMap {
  readonly #onChoose: (offset: number, preview: boolean) => void;
  readonly #onSay: (said: string) => void;
  readonly #onZoom: (zoom: ZoomRequest) => void;
  readonly element: HTMLElement;
  readonly #canvas = sliderCanvas('mini-map', 'vertical');
  #rows: RetentionRows | undefined;
  #measure: Measure = { layer: 'mean', counted: true };
  #tint: Tint = { scale: 'whole', max: 1 };
  #marks: MapMarks = { view: undefined, selection: undefined, notes: [] };
  #current = -1;
  /** Of the wheel since the last step, in pixels. */
  #turned = 0;

  constructor(
    /** The reader chose a place; `preview` while they drag over the map. */
    onChoose: (offset: number, preview: boolean) => void,
    onSay: (said: string) => void,
    onZoom: (zoom: ZoomRequest) => void,
  ) {
    this.#onChoose = onChoose;
    this.#onSay = onSay;
    this.#onZoom = onZoom;
    this.element = el('div', { class: 'mini-map' }, this.#canvas);
    this.#canvas.setAttribute(
      'aria-label',
      t('Map of the document; the same numbers are in the table below'),
    );
    this.#canvas.addEventListener('pointerdown', (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#go(event);
    });
    this.#canvas.addEventListener('pointermove', (event) => {
      // The editor is led on row by row, not pixel by pixel.
      if (event.buttons !== 1) this.#select(this.#rowAt(event));
      else if (this.#rowAt(event) !== this.#current) this.#go(event);
    });
    // A pinch on a touch pad comes as a turn of the wheel with Ctrl held.
    this.#canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    this.#canvas.addEventListener('keydown', (event) => {
      if (this.#zoomKey(event)) return;
      const next = sliderStep(event.key, this.#current, (this.#rows?.rows ?? 1) - 1);
      if (next !== undefined) this.#select(next);
      else if (event.key === 'Enter' && this.#rows && this.#current >= 0) {
        this.#onChoose(this.#rows.sampleOf(this.#current).start, false);
      } else return;
      event.preventDefault();
    });
    onThemeChange(() => this.#draw());
  }

  /** @param tint gives the strength of a tile's tint */
  show(rows: RetentionRows, measure: Measure, tint: Tint, marks: MapMarks): void {
    if (rows !== this.#rows) {
      // The row that was chosen stays chosen as long as the map shows it.
      const at = this.#rows && this.#current >= 0 ? this.#rows.sampleOf(this.#current).start : undefined;
      this.#current = at !== undefined && at >= rows.range.start && at < rows.range.end ? rows.rowAt(at) : -1;
    }
    this.#rows = rows;
    this.#measure = measure;
    this.#tint = tint;
    this.#marks = marks;
    this.#draw();
    this.#say();
  }

  get #rowHeight(): number {
    return Math.min(MAX_ROW, HEIGHT / (this.#rows?.rows ?? 1));
  }

  #draw(): void {
    const rows = this.#rows;
    const width = this.element.clientWidth;
    if (!rows || width === 0) return;
    const height = this.#rowHeight;
    const context = sized(this.#canvas, width, Math.ceil(rows.rows * height) + 2);
    if (!context) return;
    const theme = canvasTheme();
    const tile = (width - SIDE - NOTES) / COLUMNS;
    for (let row = 0; row < rows.rows; row++) {
      const tiles = rows.tiles(row, this.#measure);
      if (tiles) {
        context.fillStyle = theme.accent;
        this.#drawTiles(context, row, tiles, tile);
      } else {
        context.fillStyle = theme.muted;
        this.#drawUnknown(context, row, tile);
      }
    }
    this.#drawNotes(context, rows, theme.mark, width);
    context.strokeStyle = theme.foreground;
    context.fillStyle = theme.foreground;
    this.#drawView(context, rows, width);
    this.#drawSelection(context, rows);
    if (this.#current >= 0) {
      context.strokeStyle = theme.focus;
      context.lineWidth = 2;
      context.strokeRect(SIDE, 1 + this.#current * height, width - SIDE - NOTES, Math.max(3, height));
    }
  }

  #drawTiles(context: CanvasRenderingContext2D, row: number, tiles: Float64Array, tile: number): void {
    const height = this.#rowHeight;
    const gap = height > 5 ? 1 : 0;
    tiles.forEach((value, column) => {
      if (Number.isNaN(value)) return;
      context.globalAlpha = 0.06 + 0.94 * strength(value, this.#tint);
      context.fillRect(SIDE + column * tile, 1 + row * height, tile - gap, height - gap);
    });
    context.globalAlpha = 1;
  }

  /** A row that is not computed: every other one is dotted, shifted; an even pattern that no value looks like. */
  #drawUnknown(context: CanvasRenderingContext2D, row: number, tile: number): void {
    const height = this.#rowHeight;
    context.globalAlpha = 0.35;
    for (let c = row % 4; c < COLUMNS && row % 2 === 0; c += 4) {
      context.fillRect(SIDE + (c + 0.5) * tile, 1 + row * height + height / 2, 1, 1);
    }
    context.globalAlpha = 1;
  }

  /** A bracket around the lines in view. */
  #drawView(context: CanvasRenderingContext2D, rows: RetentionRows, width: number): void {
    const { view } = this.#marks;
    if (!view || !overlaps(view, rows.range)) return;
    const height = this.#rowHeight;
    const top = 1 + rows.rowAt(view.start) * height;
    const bottom = 1 + (rows.rowAt(Math.max(view.start, view.end - 1)) + 1) * height;
    context.lineWidth = 1.5;
    context.strokeRect(SIDE - 2, top - 0.5, width - SIDE - NOTES + 3, Math.max(3, bottom - top + 1));
  }

  /** An arrow at the selection. */
  #drawSelection(context: CanvasRenderingContext2D, rows: RetentionRows): void {
    const { selection } = this.#marks;
    if (!selection || !overlaps(selection, rows.range)) return;
    const y = 1 + (rows.rowAt(selection.start) + 0.5) * this.#rowHeight;
    context.beginPath();
    context.moveTo(0, y - 5);
    context.lineTo(SIDE - 3, y);
    context.lineTo(0, y + 5);
    context.fill();
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.#turned += event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * LINE;
    const steps = Math.trunc(this.#turned / TURN);
    if (steps === 0 || !this.#rows) return;
    this.#turned -= steps * TURN;
    const row = this.#rowAt(event);
    const at = this.#rows.sampleOf(row).start;
    this.#onZoom({ steps: -steps, at, share: (row + 0.5) / this.#rows.rows });
  }

  /** `+`, `-` and `0` zoom about the row that is chosen; beyond the last row the map goes on. */
  #zoomKey(event: KeyboardEvent): boolean {
    const rows = this.#rows;
    if (!rows || event.ctrlKey || event.metaKey || event.altKey) return false;
    const row = Math.max(0, this.#current);
    const steps = ZOOM_KEYS[event.key];
    const chosen = this.#current < 0 ? {} : { at: rows.sampleOf(row).start, share: (row + 0.5) / rows.rows };
    if (steps !== undefined) this.#onZoom({ steps, ...chosen });
    else if (event.key === 'ArrowDown' && row === rows.rows - 1)
      this.#onZoom({ steps: 0, ...chosen, share: 0.25 });
    else if (event.key === 'ArrowUp' && row === 0 && this.#current === 0) {
      this.#onZoom({ steps: 0, ...chosen, share: 0.75 });
    } else return false;
    event.preventDefault();
    return true;
  }

  #drawNotes(context: CanvasRenderingContext2D, rows: RetentionRows, colour: string, width: number): void {
    const counts = new Uint32Array(rows.rows);
    for (const offset of this.#marks.notes) {
      if (offset >= rows.range.start && offset < rows.range.end) counts[rows.rowAt(offset)]! += 1;
    }
    const most = counts.reduce((max, n) => Math.max(max, n), 1);
    const height = this.#rowHeight;
    context.fillStyle = colour;
    counts.forEach((n, row) => {
      if (n === 0) return;
      const length = Math.max(2, (NOTES - 4) * (n / most));
      context.fillRect(width - NOTES + 3, 1 + row * height, length, Math.max(1.5, height - 1));
    });
  }

  #rowAt(event: MouseEvent): number {
    const { top } = this.#canvas.getBoundingClientRect();
    const row = Math.floor((event.clientY - top - 1) / this.#rowHeight);
    return Math.max(0, Math.min((this.#rows?.rows ?? 1) - 1, row));
  }

  /** To the place under the pointer, to the tile. */
  #go(event: PointerEvent): void {
    const rows = this.#rows;
    if (!rows) return;
    const row = this.#rowAt(event);
    const { left, width } = this.#canvas.getBoundingClientRect();
    const across = Math.max(0, Math.min(0.99, (event.clientX - left - SIDE) / (width - SIDE - NOTES)));
    const { start, end } = rows.sampleOf(row);
    this.#select(row);
    this.#onChoose(Math.floor(start + across * (end - start)), true);
  }

  #select(row: number): void {
    if (row === this.#current) return;
    this.#current = row;
    this.#draw();
    this.#say();
  }

  #say(): void {
    const rows = this.#rows;
    if (!rows) return;
    const said =
      this.#current < 0 ? t('Nothing chosen in the map') : rowText(rows, this.#current, this.#measure);
    setSlider(this.#canvas, this.#current, rows.rows - 1, said);
    if (this.#current >= 0) this.#onSay(said);
  }
}

/** What a row of the map says in words. */
export function rowText(rows: RetentionRows, row: number, measure: Measure): string {
  const share = rowShare(rows, row, measure);
  const { start } = rows.sampleOf(row);
  const at = t('Row {0} of {1}, from character {2}', row + 1, rows.rows, start.toLocaleString('en-US'));
  return share === undefined
    ? `${at}: ${t('not computed yet')}`
    : `${at}: ${t('{0} retained on average', formatShare(share))}`;
}

/** Mean of a row's tiles; undefined where it is not computed. */
export function rowShare(rows: RetentionRows, row: number, measure: Measure): number | undefined {
  const tiles = rows.tiles(row, measure)?.filter((value) => !Number.isNaN(value));
  if (!tiles || tiles.length === 0) return undefined;
  return tiles.reduce((sum, value) => sum + value, 0) / tiles.length;
}

function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && a.end >= b.start;
}
