import type { FormatOption } from '../models/text/formats/document-format.js';
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
} from '../models/document/types.js';
import type {
  CheckReport,
  DocumentKey,
  EngineAndModel,
  EngineInfo,
  TextPiece,
  TextRange,
} from '../extension/protocol.js';
import type { ModelName } from '../models/memmamba/shipped-models.js';

/**
 * What the page lends the worker. The worker fetches nothing itself: since VS Code 1.119 a worker that
 * fetches a webview's resources may hang. Bytes are transferred, not copied.
 */
export interface WorkerHost {
  /** A file of a model's folder. */
  modelFile(model: ModelName, name: string): Promise<Uint8Array>;
  /** One of ONNX Runtime's binaries. */
  binary(name: string): Promise<Uint8Array>;
}

/** Names a call that can be cancelled; signals do not cross to a worker, numbers do. */
export type CallId = number;

/** The engine's service in the worker, called through Comlink. Errors arrive as `MemMambaError`. */
export interface EngineService {
  start(choice: EngineAndModel): Promise<EngineInfo>;
  check(choice: EngineAndModel): Promise<CheckReport>;
  speed(choice: EngineAndModel): Promise<number>;
  read(
    call: CallId,
    document: DocumentKey,
    options: { readonly totalBytes?: number; readonly format?: FormatOption },
    pull: () => Promise<TextPiece>,
    onProgress: (progress: ReadProgress) => void,
  ): Promise<Coverage>;
  summarize(call: CallId, document: DocumentKey, sentences?: number): Promise<Summary>;
  passages(
    call: CallId,
    document: DocumentKey,
    options: { query: string; top?: number; method?: PassageMethod },
  ): Promise<readonly Passage[]>;
  ask(
    call: CallId,
    document: DocumentKey,
    options: { question: string; memoryOnly?: boolean },
  ): Promise<Answer>;
  answerFrom(
    call: CallId,
    document: DocumentKey,
    options: { question: string; text: string },
  ): Promise<string>;
  retention(call: CallId, document: DocumentKey, range: TextRange): Promise<readonly TokenRetention[]>;
  pool(document: DocumentKey, live: boolean): Promise<readonly PoolEntry[]>;
  fidelity(call: CallId, document: DocumentKey): Promise<Fidelity>;
  /** The text as it was read, in a range. */
  slice(document: DocumentKey, range: TextRange): Promise<string>;
  /** UTF-16 code units that were read. */
  length(document: DocumentKey): Promise<number>;
  /** Progress is that of the second reading, with the pool off. */
  compare(
    call: CallId,
    document: DocumentKey,
    question: string,
    onProgress: (progress: ReadProgress) => void,
  ): Promise<Comparison>;
  forget(document: DocumentKey): Promise<void>;
  /** Aborts a call; it settles with what it reached, or rejects with the code `cancelled`. */
  cancel(call: CallId): Promise<void>;
}
