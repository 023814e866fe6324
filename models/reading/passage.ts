import type { Span } from '../text/span.js';

/**
 * A passage of the document: whole sentences or paragraphs, verbatim; of HTML and LaTeX the words without markup, while
 * the offsets are those of the text as it is.
 */
export interface Passage extends Span {
  readonly line: number;
  readonly text: string;
  readonly score: number;
  /** Passages found by a query: the sentence that shows why, verbatim. */
  readonly snippet?: string;
  /** Lines of a log: how many of the document have the same form, where it is more than one. */
  readonly count?: number;
}
