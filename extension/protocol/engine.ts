/** The engine's side of the wire: what can be asked of it, declared here and implemented in the page's worker. */
import type { Pointed } from '../../models/answers/pointed.js';
import type { PointAtOptions, ReadOptions } from '../../models/staged/readable.js';
import type { Span } from '../../models/text/span.js';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import type { CheckReport } from '../../models/memmamba/check-engine.js';
import type { ModelChoice } from '../../models/memmamba/choose-model.js';
import type {
  Answer,
  Comparison,
  Coverage,
  Fidelity,
  Passage,
  PassageMethod,
  PoolEntry,
  ReadProgress,
  Summary,
  TokenRetention,
} from '../../models/document/types.js';
import type { Call } from './rpc.js';

export type { EngineChoice, ModelChoice };

/** A document is named by its URI as a string; the page never opens it. */
export type DocumentKey = string;

export interface AboutDocument {
  readonly document: DocumentKey;
}

/** What the reader's settings ask for. */
export interface EngineAndModel {
  readonly engine: EngineChoice;
  readonly model: ModelChoice;
}

/** What runs the model, and why that one. */
export interface EngineInfo {
  readonly engine: 'webgpu' | 'cpu' | 'cpu-int8';
  /** The adapter's description, or the processor's. */
  readonly device: string;
  readonly model: string;
  readonly layers: number;
  readonly poolSize: number;
  /** Why this engine was chosen, and this model, in words to show. */
  readonly reason: string;
}

/** What a bug report needs to know about the machine. */
export interface EngineCheck extends CheckReport<EngineInfo> {
  readonly userAgent: string;
}

/** A document to be read, with all that a memory is told of it. The worker pulls its text, a bounded piece at a time. */
export interface DocumentToRead extends AboutDocument, Omit<ReadOptions, 'signal' | 'onProgress'> {
  /** File name, for people. */
  readonly name: string;
}

/**
 * Every method of the engine. To add one, declare it here and implement it in `webview/worker/engine-service.ts`:
 * the extension and the page's panels can ask for it then. Analyses need a `read` of the document before them.
 */
export interface EngineMethods {
  /** Loads the model unless it is loaded. */
  start(choice: EngineAndModel, call: Call): Promise<EngineInfo>;
  check(choice: EngineAndModel, call: Call): Promise<EngineCheck>;
  /** Tokens a second at which the engine reads, measured once. */
  speed(choice: EngineAndModel, call: Call): Promise<number>;
  /** Reads the document anew, pulling its text. Cancelled: the coverage reached so far. */
  read(document: DocumentToRead, call: Call<ReadProgress>): Promise<Coverage>;
  /** UTF-16 code units that were read. */
  length(params: AboutDocument): Promise<number>;
  /** The text as it was read, in a range. */
  slice(params: AboutDocument & Span): Promise<string>;
  summarize(params: AboutDocument & { readonly sentences?: number }, call: Call): Promise<Summary>;
  passages(
    params: AboutDocument & {
      readonly query: string;
      readonly top?: number;
      readonly method?: PassageMethod;
    },
    call: Call,
  ): Promise<readonly Passage[]>;
  /** With `memoryOnly` what the memory says, verified in the text but not looked up in it. */
  ask(
    params: AboutDocument & { readonly question: string; readonly memoryOnly?: boolean },
    call: Call<Answer>,
  ): Promise<Answer>;
  /** What the reader makes of texts for a question; null where the model has none. */
  pointAt(
    params: AboutDocument & Pick<PointAtOptions, 'question' | 'texts' | 'recalled'>,
    call: Call<Pointed>,
  ): Promise<Pointed | null>;
  /** What the model answers after it has read `text` and nothing else. */
  answerFrom(
    params: AboutDocument & { readonly question: string; readonly text: string },
    call: Call,
  ): Promise<string>;
  retention(params: AboutDocument & Span, call: Call): Promise<readonly TokenRetention[]>;
  /** Retention of a sample of tokens from all over what was read, in rising order. */
  sample(params: AboutDocument, call: Call): Promise<readonly number[]>;
  /** Every note that ever entered a pool; `live`: those that are in one at the end. */
  pool(params: AboutDocument & { readonly live?: boolean }): Promise<readonly PoolEntry[]>;
  fidelity(params: AboutDocument, call: Call): Promise<Fidelity>;
  /** Reads the text once more with the pool off, unless that was done, and asks both. */
  compare(
    params: AboutDocument & { readonly question: string },
    call: Call<ReadProgress>,
  ): Promise<Comparison>;
  /** Forgets the memory of a document. */
  forget(params: AboutDocument): Promise<void>;
}
