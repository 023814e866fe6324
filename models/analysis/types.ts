/**
 * What the analyses return: the JSON of the terminal runner and the payload the panels receive.
 * Offsets are UTF-16 code units of the decoded text (byte order mark not counted, line endings as they
 * are); lines count from 1.
 */

/**
 * A passage of the document: whole sentences or paragraphs, verbatim; of HTML and LaTeX the words without markup, while
 * the offsets are those of the text as it is.
 */
export interface Passage {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly text: string;
  readonly score: number;
  /** Passages found by a query: the sentence that shows why, verbatim. */
  readonly snippet?: string;
  /** Lines of a log: how many of the document have the same form, where it is more than one. */
  readonly count?: number;
}

/** How much of the document the model read. */
export interface Coverage {
  readonly tokens: number;
  /** UTF-8 bytes of the text that was read. */
  readonly bytes: number;
  /** False after a cancel or an error: what follows `bytes` was not read. */
  readonly complete: boolean;
  /**
   * Where the model read chosen parts only: UTF-8 bytes of the document that the fast pass looked at. Then
   * `complete` says that all that was chosen was read, and `bytes` counts no more than that.
   */
  readonly scannedBytes?: number;
}

export interface Timing {
  readonly readMs: number;
  readonly analyseMs: number;
  readonly tokensPerSecond: number;
}

export interface SummarySection {
  /** As the text has it; empty where it gives none. */
  readonly title: string;
  /**
   * What a section without a title is: the text before the first heading, one of equal parts, or the entries of a log
   * before the first with a time.
   */
  readonly unnamed?: 'opening' | 'part' | 'untimed';
  readonly start: number;
  readonly end: number;
  /** Its first and last line, from 1. */
  readonly lines: { readonly first: number; readonly last: number };
  readonly sentences: readonly Passage[];
}

export interface KeyTerm {
  readonly term: string;
  readonly count: number;
  /** First occurrence. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** Why to trust what follows less: the text is not English, or mostly source code. */
export type Caution = 'language' | 'code';

export interface Summary {
  readonly coverage: Coverage;
  readonly caution?: Caution;
  readonly engine: string;
  readonly model: string;
  readonly overview: readonly Passage[];
  readonly sections: readonly SummarySection[];
  readonly keyTerms: readonly KeyTerm[];
  readonly timing: Timing;
}

export interface Answer {
  /** The model's words, or `none` where it says that the text does not hold the answer. */
  readonly answer: string;
  /** True only if the answer stands verbatim in the text at the first piece of evidence. */
  readonly verified: boolean;
  /** What the memory said, where the answer was looked up in the text instead. */
  readonly remembered?: string;
  /** The whole text was searched for this question, also what the model had not read before. */
  readonly lookedUp?: boolean;
  readonly evidence: readonly Passage[];
}

export type PassageMethod = 'notes' | 'bm25' | 'fused';

/** A stay of a token's note in one layer's pool; token positions are turned into document offsets. */
export interface PoolStay {
  readonly layer: number;
  /** Token position (exclusive end of the chunk) at which the note entered. */
  readonly enteredAt: number;
  /** Token position at which it was replaced, or null if it is there at the end of what was read. */
  readonly leftAt: number | null;
}

export interface TokenRetention {
  readonly start: number;
  readonly end: number;
  /** Retention averaged over the layers, the pool not counted. */
  readonly retention: number;
  /** (nLayer) retention by layer. */
  readonly layers: readonly number[];
  readonly pool: readonly PoolStay[];
}

export interface PoolEntry {
  readonly layer: number;
  /** Token position and UTF-16 offsets of the token. */
  readonly token: number;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly text: string;
  /** The word that the token is in, or what it is itself where it is none; it may be the whole of `text`. */
  readonly word: string;
  /** Offset of the word. */
  readonly wordStart: number;
  /** σ(s). */
  readonly score: number;
  readonly enteredAt: number;
  readonly leftAt: number | null;
  /** Token position of the note that took its place, where known. */
  readonly replacedBy: number | null;
}

export interface Fidelity {
  /** Distances k in tokens. */
  readonly lags: readonly number[];
  /** (nLayer)(lags) expected token memory fidelity. */
  readonly etmf: readonly (readonly number[])[];
  /** Linear CKA between the updates of layer l and l + p: one entry a pair. */
  readonly eclmf: readonly { readonly from: number; readonly to: number; readonly value: number }[];
  readonly tokens: number;
}

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

/** Of the notes that had `lag` tokens time, the share that was still in its pool so many tokens later. */
export interface NoteSurvival {
  readonly lags: readonly number[];
  /** (lags) in [0, 1]. */
  readonly share: readonly number[];
  /** (lags) notes that the share is of. */
  readonly notes: readonly number[];
}

/** The same weights on the same text, with the state pool and without: what the note block is for. */
export interface Comparison {
  readonly question: string;
  readonly coverage: Coverage;
  readonly withPool: ComparedReading;
  readonly withoutPool: ComparedReading;
  readonly survival: NoteSurvival;
  /** Where the answer stands in the text, if either reading found it. */
  readonly place: { readonly start: number; readonly end: number; readonly line: number } | null;
}

export interface LengthPerplexity {
  readonly length: number;
  readonly windows: number;
  /** Mean negative log-likelihood in nats a token; null where the text is too short for one window. */
  readonly nll: number | null;
  readonly bitsPerByte: number | null;
}

export interface ReadProgress {
  readonly tokens: number;
  readonly bytes: number;
  /** UTF-8 bytes of the whole document where known. */
  readonly totalBytes?: number;
  readonly tokensPerSecond: number;
}

/**
 * One document and what the model keeps of it. `read` may be called once; the analyses may be called
 * afterwards in any order, also on a partly read document (after a cancel).
 */
export interface DocumentMemory {
  readonly coverage: Coverage;
  /** UTF-16 code units that were read. */
  readonly length: number;
  /** The text in [start, end) as it was read, clipped to what there is. */
  slice(start: number, end: number): string;
  read(
    text: AsyncIterable<string>,
    options?: {
      readonly totalBytes?: number;
      readonly signal?: AbortSignal;
      readonly onProgress?: (progress: ReadProgress) => void;
      /** Rising offsets at which the text does not go on from what stands before: no passage reaches over them. */
      readonly cuts?: readonly number[];
    },
  ): Promise<Coverage>;
  /**
   * Reads the document again after an edit: give the whole new text, as to `read`. Only what may have changed is read
   * by the model: from the nearest saved state before the first token that differs (for a text that only became
   * longer, from its old end). The rest of the new text is compared, token by token, which costs tokenising it. An
   * unchanged text costs nothing more. Afterwards everything is as if the new text had been read whole, up to
   * rounding, but for gists that were joined to keep the archive's size.
   *
   * Call it when no `read` or `update` of this memory is under way (cancel that one first by its signal), and wait for
   * a pause in typing. A cancelled update leaves a partly read document, as a cancelled `read` does; call it again to
   * go on. Absent where the document was read in stages: read such a document anew.
   */
  update?(
    text: AsyncIterable<string>,
    options?: {
      readonly totalBytes?: number;
      readonly signal?: AbortSignal;
      readonly onProgress?: (progress: ReadProgress) => void;
    },
  ): Promise<Coverage>;
  summarize(options?: { readonly sentences?: number; readonly signal?: AbortSignal }): Promise<Summary>;
  /**
   * Makes what passages are found with, a piece at a time, so that the first query does not wait for it. It need not be
   * called, and stops by itself when the document changes or is closed.
   */
  prepare?(): Promise<void>;
  passages(options: {
    readonly query: string;
    readonly top?: number;
    readonly method?: PassageMethod;
    readonly signal?: AbortSignal;
  }): Promise<readonly Passage[]>;
  /** With `memoryOnly` the text is used to verify what the memory says, never to find an answer. */
  ask(options: {
    readonly question: string;
    readonly memoryOnly?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<Answer>;
  /**
   * What the model answers after it has read `text` and nothing else; the document is not touched. What does not stand
   * in `text` may be cut.
   */
  answerFrom(options: {
    readonly question: string;
    readonly text: string;
    readonly signal?: AbortSignal;
  }): Promise<string>;
  /** Retention of the tokens that overlap [start, end) at the end of what was read. */
  retention(options: {
    readonly start: number;
    readonly end: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly TokenRetention[]>;
  /** Every note that ever entered a pool (`live` only those in it at the end), in the order of entering. */
  pool(options?: { readonly live?: boolean }): readonly PoolEntry[];
  fidelity(options?: { readonly signal?: AbortSignal }): Promise<Fidelity>;
  dispose(): void;
}
