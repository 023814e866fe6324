import type { Stretch } from './stretch.js';

/** UTF-16 units of each place: a few lines of a log, a paragraph. */
const PLACE = 600;

/** Stretches from all over a document, its beginning and its end among them, at even distances. */
export class EvenSample {
  readonly #units: number;

  readonly stretches: Stretch[] = [];
  #places = 0;
  /** Where the place begins that is being taken. */
  #start: number | undefined;
  readonly #distance: number;

  /**
   * @param units of the document
   * @param capacity UTF-16 units that the places may have together, about
   */
  constructor(units: number, capacity: number) {
    this.#units = units;

    const places = Math.max(2, Math.floor(capacity / PLACE));
    this.#distance = Math.max(PLACE, (units - PLACE) / (places - 1));
  }

  /** Takes the stretches of the document one after another. */
  visit(stretch: Stretch): void {
    const isLast = stretch.end === this.#units;
    // The place that begins next; the last one ends with the document.
    if (this.#start === undefined && (stretch.end > this.#places * this.#distance || isLast)) {
      this.#start = stretch.start;
    }
    if (this.#start === undefined) return;
    this.stretches.push(stretch.kept());
    if (stretch.end - this.#start < PLACE && !isLast) return;
    this.#places++;
    this.#start = undefined;
  }
}
