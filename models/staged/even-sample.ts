import type { Part } from './staged-text.js';

/** UTF-16 units of each place: a few lines of a log, a paragraph. */
const PLACE = 600;

/** Parts from all over a document, its beginning and its end among them, at even distances. */
export class EvenSample {
  readonly parts: Part[] = [];
  #open: { start: number; end: number; line: number; endLine: number } | undefined;
  readonly #distance: number;

  /**
   * @param units of the document
   * @param capacity UTF-16 units that the parts may have together, about
   */
  constructor(
    private readonly units: number,
    capacity: number,
  ) {
    const places = Math.max(2, Math.floor(capacity / PLACE));
    this.#distance = Math.max(PLACE, (units - PLACE) / (places - 1));
  }

  /** Takes the stretches of the document one after another. */
  visit(start: number, end: number, line: number, endLine: number): void {
    const isLast = end === this.units;
    if (!this.#open) {
      // The place that begins next; the last one ends with the document.
      const next = this.parts.length * this.#distance;
      if (end > next || isLast) this.#open = { start, end, line, endLine };
    } else {
      this.#open.end = end;
      this.#open.endLine = endLine;
    }
    if (this.#open && (this.#open.end - this.#open.start >= PLACE || isLast)) {
      this.parts.push(this.#open);
      this.#open = undefined;
    }
  }
}
