import type { Block } from '../text/block.js';
import type { Span } from '../text/span.js';

/** What retrieval returns. */
export interface PassageSpan extends Span {
  /** Does not go on from the passage before it. */
  readonly isApart?: boolean;
}

/** UTF-16 units after which a passage ends with the sentence, and below which blocks are joined. */
const PASSAGE = 600;
const SHORT = 240;
/** Units of a passage behind which a heading begins another. */
const HEADED = 80;

/** Cuts passages: paragraphs; long ones are cut between sentences, short ones joined with what follows. */
export class PassageCutter {
  readonly #cuts: readonly number[];

  readonly passages: PassageSpan[] = [];
  #cut = 0;
  #open: { start: number; end: number; isApart?: boolean } | undefined;

  /** @param cuts rising offsets over which no passage reaches */
  constructor(cuts: readonly number[]) {
    this.#cuts = cuts;
  }

  /**
   * The next block of the document.
   *
   * @param spans its sentences, in order
   */
  add(block: Block, spans: readonly Span[]): void {
    const cuts = this.#cuts;
    // A heading opens the passage of the text below it.
    if (block.kind === 'heading' && this.#open && this.#open.end - this.#open.start >= HEADED) this.end();
    for (const { start, end } of spans) {
      const before = this.#cut;
      while (this.#cut < cuts.length && cuts[this.#cut]! <= start) this.#cut++;
      const isApart = this.#cut > before;
      if (this.#open && (isApart || end - this.#open.start > PASSAGE)) this.end();
      if (this.#open) this.#open.end = end;
      else this.#open = { start, end, ...(isApart && { isApart }) };
    }
    if (this.#open && block.kind !== 'heading' && this.#open.end - this.#open.start >= SHORT) this.end();
  }

  /** Ends the open passage. */
  end(): void {
    if (this.#open) this.passages.push(this.#open);
    this.#open = undefined;
  }
}
