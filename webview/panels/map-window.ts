import type { Span } from '../../models/text/span.js';
import type { ZoomRequest } from './mini-map.js';
import { RetentionRows, SHORTEST_ROW } from './retention-rows.js';

/** How much of the document the map shows: each step half of the one before. */
const ZOOM = 2;
const DEEPEST = 8;
/** Stretches of the document whose rows are kept, for who zooms out again. */
const KEPT_STRETCHES = 12;

/** The stretch of a document that the map shows: all of it, or a part that is zoomed into. */
export class MapWindow {
  readonly #length: number;
  /** Steps zoomed in. */
  #zoom = 0;
  readonly #stretches = new Map<string, RetentionRows>();
  #rows: RetentionRows;

  /**
   * @param length UTF-16 code units of the document
   * @param before of the same document before it was read anew: the window stays where it was
   */
  constructor(length: number, before?: MapWindow) {
    this.#length = length;
    this.#zoom = before ? before.#zoom : 0;
    this.#rows = this.#stretch(this.#zoom === 0 ? 0 : (before?.rows.range.start ?? 0));
  }

  /** What is known of the stretch. */
  get rows(): RetentionRows {
    return this.#rows;
  }

  /** Share of the document that the map shows, in (0, 1]. */
  get share(): number {
    return 1 / ZOOM ** this.#zoom;
  }

  get canZoomIn(): boolean {
    return this.#zoom < DEEPEST && this.#rows.rowLength > SHORTEST_ROW;
  }

  get canZoomOut(): boolean {
    return this.#zoom > 0;
  }

  /** Keeps the lines in view inside the window. */
  moveTo(view: Span): void {
    const { start, end } = this.#rows.range;
    if (view.start >= start && view.start < end) return;
    this.#rows = this.#stretch(this.#middleOf(view) - (this.share * this.#length) / 2);
  }

  /** Without a place that is to stay, zooms about the lines in view. */
  zoom({ steps, at, share = 0.5 }: ZoomRequest, view: Span): void {
    const isDeepest = this.#rows.rowLength <= SHORTEST_ROW;
    const wanted = this.#zoom + (isDeepest ? Math.min(0, steps) : steps);
    this.#zoom = Math.max(0, Math.min(DEEPEST, wanted));
    this.#rows = this.#stretch((at ?? this.#middleOf(view)) - share * this.share * this.#length);
  }

  #middleOf({ start, end }: Span): number {
    return (start + Math.min(end, this.#length)) / 2;
  }

  /** Rows of the stretch that is shown at this zoom if it begins at `start`, as near to it as there is text. */
  #stretch(start: number): RetentionRows {
    const length = Math.ceil(this.#length * this.share);
    const from = Math.round(Math.max(0, Math.min(this.#length - length, start)));
    const key = `${from} ${length}`;
    const rows = this.#stretches.get(key) ?? new RetentionRows({ start: from, end: from + length });
    this.#stretches.delete(key);
    this.#stretches.set(key, rows);
    for (const oldest of this.#stretches.keys()) {
      if (this.#stretches.size <= KEPT_STRETCHES) break;
      this.#stretches.delete(oldest);
    }
    return rows;
  }
}
