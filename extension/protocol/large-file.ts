import type { Span } from '../../models/text/span.js';
/** The contract between the extension and the view of large files. */

/** One row of a large file as its view shows it: a line, or a piece of a long one. */
export interface ShownRow {
  readonly text: string;
  /** UTF-16 offset in the document. */
  readonly start: number;
  /** From 1. */
  readonly line: number;
  /** False for the pieces of a long line behind the first. */
  readonly startsLine: boolean;
}

/** What the extension asks of the view. */
export interface LargeFilePageMethods {
  /** Shows a file of so many rows and lines from its beginning, or says why it cannot be shown. */
  open(params: { readonly rows: number; readonly lines: number; readonly error?: string }): Promise<void>;
  /** Scrolls to a passage and marks it; with `focus` the keyboard goes there too. */
  select(
    params: Span & { readonly row: number; readonly line: number; readonly focus: boolean },
  ): Promise<void>;
}

/** What the view asks of the extension. */
export interface LargeFileHostMethods {
  ready(params: Record<string, never>): Promise<void>;
  rows(params: { readonly from: number; readonly count: number }): Promise<readonly ShownRow[]>;
  /** What the model retains of the word at [start, end), as HTML; `view` is what the reader sees. */
  hover(params: Span & { readonly view: Span }): Promise<string | null>;
}
