import type { Span } from '../text/span.js';
import type { Answer } from '../answers/answer.js';
import type { Fidelity, NoteSurvival, PoolEntry } from '../fidelity/types.js';
import type { Coverage } from '../reading/coverage.js';
import type { Readable, ReadOptions } from '../staged/readable.js';

/**
 * What the analyses return: the JSON of the terminal runner and the payload the panels receive.
 * Offsets are UTF-16 code units of the decoded text (byte order mark not counted, line endings as they
 * are); lines count from 1.
 */

export type { Answer } from '../answers/answer.js';
export type {
  Fidelity,
  LengthPerplexity,
  NoteSurvival,
  PoolEntry,
  PoolStay,
  TokenRetention,
} from '../fidelity/types.js';
export type { Coverage, ReadProgress } from '../reading/coverage.js';
export type { Passage } from '../reading/passage.js';
export type { PassageMethod } from '../search/passages.js';
export type { Caution, KeyTerm, Summary, SummarySection, Timing } from '../summary/types.js';

/** One reading of a document that is compared with another. */
export interface ComparedReading {
  readonly answer: Answer;
  readonly fidelity: Fidelity;
  /** What is kept of the place compared, if there is one. */
  readonly kept: {
    /** Retention at the end of what was read, mean over the place's tokens and the layers; pool not counted. */
    readonly state: number;
    /** The same with the pool counted: 1 in each layer whose pool holds the token's note. */
    readonly counted: number;
    /** Layers whose pool holds a note of the place at the end. */
    readonly layers: readonly number[];
  } | null;
}

/** The same weights on the same text, with the state pool and without: what the note block is for. */
export interface Comparison {
  readonly question: string;
  readonly coverage: Coverage;
  readonly withPool: ComparedReading;
  readonly withoutPool: ComparedReading;
  readonly survival: NoteSurvival;
  /** Where the answer stands in the text, if either reading found it. */
  readonly place: (Span & { readonly line: number }) | null;
}

/**
 * One document and what the model keeps of it. `read` may be called once; the analyses may be called
 * afterwards in any order, also on a partly read document (after a cancel).
 */
export interface DocumentMemory extends Readable {
  /** UTF-16 code units that were read. */
  readonly length: number;
  /** The text in [start, end) as it was read, clipped to what there is. */
  slice(start: number, end: number): string;
  /**
   * Reads the document again after an edit: give the whole new text, as to `read`. Only what may have changed is read
   * by the model: from the nearest saved state before the first token that differs (for a text that only became
   * longer, from its old end). The rest of the new text is compared, token by token, which costs tokenising it. An
   * unchanged text costs nothing more. Afterwards everything is as if the new text had been read whole, up to
   * rounding, but for gists that were joined to keep the archive's size.
   *
   * Call it when no `read` or `update` of this memory is under way (cancel that one first by its signal), and wait for
   * a pause in typing. A cancelled update leaves a partly read document, as a cancelled `read` does; call it again to
   * go on.
   */
  update?(text: AsyncIterable<string>, options?: ReadOptions): Promise<Coverage>;
  /**
   * Makes what passages are found with, a piece at a time, so that the first query does not wait for it. It need not be
   * called, and stops by itself when the document changes or is closed.
   */
  prepare?(): Promise<void>;
  pool(options?: { readonly live?: boolean }): readonly PoolEntry[];
  fidelity(options?: { readonly signal?: AbortSignal }): Promise<Fidelity>;
}
