import type { Answer } from '../answers/answer.js';
import type { GivenText, Pointed, PointOptions } from '../answers/pointed.js';
import type { PoolEntry, TokenRetention } from '../fidelity/types.js';
import type { Coverage } from '../reading/coverage.js';
import type { WatchOptions } from '../reading/document-reading.js';
import type { Passage } from '../reading/passage.js';
import type { PassageMethod } from '../search/passages.js';
import type { FormatOption } from '../text/formats/document-format.js';
import type { Block } from '../text/block.js';
import type { Summary } from '../summary/types.js';

export interface ReadOptions extends WatchOptions {
  /** Rising offsets at which the text does not go on from what stands before: no passage reaches over them. */
  readonly cuts?: readonly number[] | undefined;
  /** The document's blocks, where its file told them; else they are found in the text. */
  readonly blocks?: readonly Block[] | undefined;
  /** Of parts of a document: UTF-8 bytes of the document. */
  readonly scannedBytes?: number | undefined;
  /** What the text is read as; what its content shows where it is left out. */
  readonly format?: FormatOption | undefined;
}

/**
 * A document and what can be asked of it, whether the model read all of it or chosen parts, and whether its memory is
 * here or at the other end of a wire. `read` comes first; offsets are UTF-16 code units of the text that was read.
 */
export interface Readable {
  readonly coverage: Coverage;
  /** @throws what `text` throws, and the signal's reason */
  read(text: AsyncIterable<string>, options?: ReadOptions): Promise<Coverage>;
  summarize(options?: { readonly sentences?: number; readonly signal?: AbortSignal }): Promise<Summary>;
  passages(options: {
    readonly query: string;
    readonly top?: number;
    readonly method?: PassageMethod;
    readonly signal?: AbortSignal;
  }): Promise<readonly Passage[]>;
  /** With `memoryOnly` the text is used to verify what the memory says, never to find an answer. */
  ask(options: AskOptions): Promise<Answer>;
  /**
   * What the model answers after it has read `text` and nothing else; the document is not touched. What does not stand
   * in `text` may be cut.
   */
  answerFrom(options: {
    readonly question: string;
    readonly text: string;
    readonly signal?: AbortSignal;
  }): Promise<string>;
  /**
   * Has the model's reader read texts for a question, the best first, until its budget of tokens is used; undefined
   * where the model has no reader.
   */
  pointAt(options: PointAtOptions): Promise<Pointed | undefined>;
  /** Retention of the tokens that overlap [start, end) at the end of what was read. */
  retention(options: {
    readonly start: number;
    readonly end: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly TokenRetention[]>;
  /** Every note that ever entered a pool (`live` only those in it at the end), in the order of entering. */
  pool(options?: { readonly live?: boolean }): readonly PoolEntry[] | Promise<readonly PoolEntry[]>;
  dispose(): void;
}

export interface PointAtOptions extends PointOptions {
  readonly question: string;
  readonly texts: readonly GivenText[];
}

export interface AskOptions {
  readonly question: string;
  readonly memoryOnly?: boolean;
  readonly signal?: AbortSignal;
  /** Told the share of a document read in stages that was searched for the question. */
  readonly onLookUp?: (share: number) => void;
  /** Told what is known before the answer: the passages, then what the reader has found so far. */
  readonly onRefine?: ((answer: Answer) => void) | undefined;
}
