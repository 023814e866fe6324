import { formatShare, type TextRange } from '../../extension/protocol.js';
import { el } from '../dom.js';
import { t } from '../l10n.js';
import { canvasTheme, onThemeChange } from '../theme.js';
import { setSlider, sized, sliderCanvas } from './canvas.js';
import { sliderStep } from './lineChart.js';
import { COLUMNS, type Measure, type RetentionRows } from './retentionRows.js';

const HEIGHT = 440;
const MAX_ROW = 9;
/** Left of the tiles: where the view and the selection are. Right of them: how many notes. */
const SIDE = 9;
const NOTES = 16;

/** What the map shows besides retention. */
export interface MapMarks {
  readonly view: TextRange | undefined;
  readonly selection: TextRange | undefined;
  /** Offsets of the tokens whose notes are in the pools now. */
  readonly notes: readonly number[];
}

/**
 * All tokens of a document in reading order, in tiles whose tint is how much is retained of them; what is not
 * computed yet is dotted. Right of them bars for the notes in the pool, left of them the lines in view (a
 * bracket) and the selection (an arrow). A slider to the keyboard; clicks and Enter go to the text.
 */
export class MiniMap {
  readonly element: HTMLElement;
  readonly #canvas = sliderCanvas('mini-map', 'vertical');
  #rows: RetentionRows | undefined;
  #measure: Measure = { layer: 'mean', counted: true };
  #max = 1;
  #marks: MapMarks = { view: undefined, selection: undefined, notes: [] };
  #current = -1;

  constructor(
    /** The reader chose a place; `preview` while they drag over the map. */
    private readonly onChoose: (offset: number, preview: boolean) => void,
    private readonly onSay: (said: string) => void,
  ) {
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
    this.#canvas.addEventListener('keydown', (event) => {
      const next = sliderStep(event.key, this.#current, (this.#rows?.rows ?? 1) - 1);
      if (next !== undefined) this.#select(next);
      else if (event.key === 'Enter' && this.#rows && this.#current >= 0) {
        this.onChoose(this.#rows.sampleOf(this.#current).start, false);
      } else return;
      event.preventDefault();
    });
    onThemeChange(() => this.#draw());
  }

  /** @param max the share that has the strongest tint */
  show(rows: RetentionRows, measure: Measure, max: number, marks: MapMarks): void {
    if (rows !== this.#rows) this.#current = -1;
    this.#rows = rows;
    this.#measure = measure;
    this.#max = max;
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
    const gap = height > 5 ? 1 : 0;
    for (let row = 0; row < rows.rows; row++) {
      const y = 1 + row * height;
      const tiles = rows.tiles(row, this.#measure);
      if (!tiles) {
        context.fillStyle = theme.muted;
        context.globalAlpha = 0.35;
        // Every other row, shifted: an even pattern that no value looks like.
        for (let c = row % 4; c < COLUMNS && row % 2 === 0; c += 4) {
          context.fillRect(SIDE + (c + 0.5) * tile, y + height / 2, 1, 1);
        }
        context.globalAlpha = 1;
        continue;
      }
      context.fillStyle = theme.accent;
      tiles.forEach((value, column) => {
        if (Number.isNaN(value)) return;
        context.globalAlpha = 0.06 + 0.94 * Math.min(1, value / (this.#max || 1));
        context.fillRect(SIDE + column * tile, y, tile - gap, height - gap);
      });
      context.globalAlpha = 1;
    }
    this.#drawNotes(context, rows, theme.mark, width);
    const { view, selection } = this.#marks;
    context.strokeStyle = theme.foreground;
    context.fillStyle = theme.foreground;
    if (view && overlaps(view, rows.range)) {
      const top = 1 + rows.rowAt(view.start) * height;
      const bottom = 1 + (rows.rowAt(Math.max(view.start, view.end - 1)) + 1) * height;
      context.lineWidth = 1.5;
      context.strokeRect(SIDE - 2, top - 0.5, width - SIDE - NOTES + 3, Math.max(3, bottom - top + 1));
    }
    if (selection && overlaps(selection, rows.range)) {
      const y = 1 + (rows.rowAt(selection.start) + 0.5) * height;
      context.beginPath();
      context.moveTo(0, y - 5);
      context.lineTo(SIDE - 3, y);
      context.lineTo(0, y + 5);
      context.fill();
    }
    if (this.#current >= 0) {
      context.strokeStyle = theme.focus;
      context.lineWidth = 2;
      context.strokeRect(SIDE, 1 + this.#current * height, width - SIDE - NOTES, Math.max(3, height));
    }
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

  #rowAt(event: PointerEvent): number {
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
    this.onChoose(Math.floor(start + across * (end - start)), true);
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
    if (this.#current >= 0) this.onSay(said);
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

function overlaps(a: TextRange, b: TextRange): boolean {
  return a.start < b.end && a.end >= b.start;
}
