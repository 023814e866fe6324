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

/**
 * The contract between the extension and the page that holds the engine (a webview panel).
 *
 * Both sides ask and both sides answer, with the same small handler (`Peer`). Rules:
 *
 * - Everything that crosses is plain JSON, and a message carries a complete snapshot, never a delta.
 * - Text goes to the page only when the page pulls it (`pull`), one bounded piece at a time: that is the
 *   backpressure, and a document of any size needs one piece of memory on the way.
 * - Aborting a request sends `cancel`; the answer still comes, and is what the work had reached where that
 *   is worth something (`read` answers with the share that was read).
 * - The page keeps its context while it is hidden (`retainContextWhenHidden`): it holds the loaded model and
 *   the memories of the documents, which are the very work we do for the reader, and must go on reading
 *   behind another tab. So messages are never dropped once the page is there; those sent before its
 *   `ready` wait in the extension.
 */

/** Both sides write shares alike. */
export { formatShare } from './format.js';

/** A document is named by its URI as a string; the page never opens it. */
export type DocumentKey = string;

/** The engine that the reader asked for; `auto` takes WebGPU where it is faster than the processor. */
export type EngineChoice = 'auto' | 'webgpu' | 'cpu' | 'cpu-int8';
export type ModelChoice = 'auto' | 'base' | 'tiny';

/** What the reader's settings ask for. */
export interface EngineAndModel {
  readonly engine: EngineChoice;
  readonly model: ModelChoice;
}

export type PanelName = 'overview' | 'fidelity' | 'pool' | 'compare';

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
export interface CheckReport {
  readonly userAgent: string;
  /** The adapter, or null with the reason in `webgpuError`. */
  readonly adapter: {
    readonly description: string;
    readonly software: boolean;
    readonly features: readonly string[];
    readonly limits: Readonly<Record<string, number>>;
  } | null;
  readonly webgpuError?: string;
  /** One entry a kernel, run on the adapter against its CPU reference. */
  readonly selfTest: readonly {
    readonly kernel: string;
    readonly passed: boolean;
    readonly detail: string;
  }[];
  /** The engine that `memmamba.engine` leads to here, or what keeps it from starting. */
  readonly engine: EngineInfo | null;
  readonly engineError?: string;
}

/** A piece of a document's text, in order. Pieces hold at most `PIECE_LENGTH` UTF-16 code units. */
export interface TextPiece {
  readonly text: string;
  readonly done: boolean;
}

/** UTF-16 code units a piece: large enough to outweigh a round trip, small enough to keep Cancel immediate. */
export const PIECE_LENGTH = 64 * 1024;

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** What the page finds in its own HTML. */
export interface PageConfig {
  /** URI of the worker's script. */
  readonly worker: string;
  /** URI of the folder with ONNX Runtime's binaries. */
  readonly binaries: string;
  /** URI of the folder that holds a folder for each model. */
  readonly models: string;
  /** Translations of the page's strings, by their English text; empty for English. */
  readonly l10n: Readonly<Record<string, string>>;
}

/** The lines that the reader sees of a document, or as much of them as `MAX_VISIBLE`. */
export interface VisibleText extends TextRange {
  /** What is selected in the text; empty where the cursor only stands somewhere. */
  readonly selection?: TextRange;
}

/** UTF-16 code units in view at most: a screenful; a line of 10 MB is all in view. */
export const MAX_VISIBLE = 8_000;

interface Method<Params, Result, Progress = never> {
  readonly params: Params;
  readonly result: Result;
  readonly progress: Progress;
}

// Types, not interfaces: only those fit an index signature.
/* eslint-disable @typescript-eslint/consistent-type-definitions */

/** What the extension asks of the page. Analyses need a `read` of the document before them. */
export type PageMethods = {
  /** Loads the model unless it is loaded. */
  start: Method<EngineAndModel, EngineInfo>;
  check: Method<EngineAndModel, CheckReport>;
  /** Tokens a second at which the engine reads, measured once. */
  speed: Method<EngineAndModel, number>;
  /** Reads the document anew, pulling its text. Cancelled: the coverage reached so far. */
  read: Method<
    {
      document: DocumentKey;
      name: string;
      engine: EngineChoice;
      totalBytes?: number;
      /** Of a document that is read in stages, bytes that the fast pass looked at. */
      scannedBytes?: number;
      /** What the document is read as; its content says it where it is left out. */
      format?: FormatOption;
    },
    Coverage,
    ReadProgress
  >;
  summarize: Method<{ document: DocumentKey; sentences?: number }, Summary>;
  passages: Method<
    { document: DocumentKey; query: string; top?: number; method?: PassageMethod },
    readonly Passage[]
  >;
  /** With `memoryOnly` what the memory says, verified in the text but not looked up in it. */
  ask: Method<{ document: DocumentKey; question: string; memoryOnly?: boolean }, Answer>;
  /** What the model answers after it has read `text` and nothing else. */
  answerFrom: Method<{ document: DocumentKey; question: string; text: string }, string>;
  retention: Method<{ document: DocumentKey } & TextRange, readonly TokenRetention[]>;
  /** Retention of a sample of tokens from all over what was read, in rising order. */
  sample: Method<{ document: DocumentKey }, readonly number[]>;
  pool: Method<{ document: DocumentKey; live?: boolean }, readonly PoolEntry[]>;
  fidelity: Method<{ document: DocumentKey }, Fidelity>;
  /** Reads the text once more with the pool off, unless that was done, and asks both. */
  compare: Method<{ document: DocumentKey; question: string }, Comparison, ReadProgress>;
  /** Brings a panel to the front. `visible` is the part of the document that the reader sees. */
  show: Method<{ panel: PanelName; document: DocumentKey; visible?: VisibleText }, null>;
  /** The reader scrolled; panels that follow the text move along. */
  visible: Method<{ document: DocumentKey; visible: VisibleText }, null>;
  /**
   * The document is another than the one that was read (`edited`), or became it again. With `placesKnown` the
   * places that the page asks to be shown are followed through the edits.
   */
  edited: Method<{ document: DocumentKey; edited: boolean; placesKnown: boolean }, null>;
  /** Forgets the memory of a document. */
  forget: Method<{ document: DocumentKey }, null>;
};

/** What the page asks of the extension. */
export type HostMethods = {
  /** The page listens; requests sent earlier are delivered now. */
  ready: Method<Record<string, never>, null>;
  /** The next piece of the document that `read` is reading. */
  pull: Method<{ document: DocumentKey }, TextPiece>;
  /**
   * Selects a passage in the editor that shows the document, opening one if need be. With `preview` the
   * keyboard stays in the page.
   */
  reveal: Method<{ document: DocumentKey; preview?: boolean } & TextRange, null>;
  /** The reader wants an edited document to be read again. */
  readAgain: Method<{ document: DocumentKey }, null>;
  /** The reader pressed Cancel in the page. */
  cancel: Method<Record<string, never>, null>;
};

/* eslint-enable @typescript-eslint/consistent-type-definitions */

type Methods = Record<string, Method<unknown, unknown, unknown>>;
type Params<M extends Methods, K extends keyof M> = M[K]['params'];
type Result<M extends Methods, K extends keyof M> = M[K]['result'];
type Progress<M extends Methods, K extends keyof M> = M[K]['progress'];

export type ErrorCode =
  /** The work was cancelled and had nothing to hand back. */
  | 'cancelled'
  /** The page went away while it worked. */
  | 'closed'
  /** A model file is missing or damaged. */
  | 'model'
  /** The engine cannot run here, or its device was lost for good. */
  | 'engine'
  /** The document cannot be read. */
  | 'document'
  /** A fault of ours. */
  | 'internal';

/** An error with a message made for the reader; the only kind that keeps its code across the wire. */
export class MemMambaError extends Error {
  override readonly name = 'MemMambaError';
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Settles as `work` does, but no later than the cancel; what `work` makes then is kept for the next asker. */
export function orCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const cancel = () => reject(new MemMambaError('cancelled', 'Cancelled.'));
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}

type RequestMessage<M extends Methods> = {
  [K in keyof M & string]: {
    readonly type: 'request';
    readonly id: number;
    readonly method: K;
    readonly params: Params<M, K>;
  };
}[keyof M & string];

type ReplyMessage<M extends Methods> =
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress<M, keyof M> }
  | { readonly type: 'result'; readonly id: number; readonly result: Result<M, keyof M> }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly error: { readonly code: ErrorCode; readonly message: string };
    };

interface CancelMessage {
  readonly type: 'cancel';
  readonly id: number;
}

/** Every message that the extension posts. */
export type HostMessage = RequestMessage<PageMethods> | CancelMessage | ReplyMessage<HostMethods>;
/** Every message that the page posts. */
export type PageMessage = RequestMessage<HostMethods> | CancelMessage | ReplyMessage<PageMethods>;

/** What the side posts that answers `Local` and asks `Remote`. */
type PeerMessage<Local extends Methods, Remote extends Methods> =
  RequestMessage<Remote> | CancelMessage | ReplyMessage<Local>;

export interface HandlerContext<P> {
  /** Aborted when the other side cancels, or goes away. */
  readonly signal: AbortSignal;
  readonly progress: (progress: P) => void;
}

/** Answers to the requests in `M`. What a handler throws reaches the asker as a `MemMambaError`. */
export type Handlers<M extends Methods> = {
  readonly [K in keyof M]: (
    params: Params<M, K>,
    context: HandlerContext<Progress<M, K>>,
  ) => Promise<Result<M, K>> | Result<M, K>;
};

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: MemMambaError) => void;
  onProgress?: ((progress: never) => void) | undefined;
}

/** Turns whatever was thrown into something to show, and to send. */
export function toMemMambaError(error: unknown): MemMambaError {
  if (error instanceof MemMambaError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new MemMambaError('cancelled', error.message);
  }
  return new MemMambaError('internal', error instanceof Error ? error.message : String(error));
}

/**
 * One end of the wire: asks for the methods in `Remote`, answers those in `Local`. It knows neither of
 * `vscode` nor of the DOM: give `receive` what arrives, and a way to post.
 */
export class Peer<Local extends Methods, Remote extends Methods> {
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private readonly running = new Map<number, AbortController>();
  private closed: MemMambaError | undefined;

  constructor(
    private readonly post: (message: RequestMessage<Remote> | CancelMessage | ReplyMessage<Local>) => void,
    private readonly handlers: Handlers<Local>,
  ) {}

  /**
   * Asks the other side. Aborting `signal` asks it to stop; the promise settles with its answer.
   * Rejects with a `MemMambaError` only.
   */
  request<K extends keyof Remote & string>(
    method: K,
    params: Params<Remote, K>,
    options: { signal?: AbortSignal; onProgress?: (progress: Progress<Remote, K>) => void } = {},
  ): Promise<Result<Remote, K>> {
    const { signal, onProgress } = options;
    if (this.closed) return Promise.reject(this.closed);
    if (signal?.aborted) return Promise.reject(new MemMambaError('cancelled', 'Cancelled.'));
    const id = this.nextId++;
    const cancel = () => this.post({ type: 'cancel', id });
    return new Promise<Result<Remote, K>>((resolve, reject) => {
      signal?.addEventListener('abort', cancel, { once: true });
      this.pending.set(id, {
        resolve: (result) => resolve(result),
        reject,
        onProgress,
      });
      this.post({ type: 'request', id, method, params } as RequestMessage<Remote>);
    }).finally(() => signal?.removeEventListener('abort', cancel));
  }

  /** Takes a message that the other side posted. */
  receive(message: RequestMessage<Local> | CancelMessage | ReplyMessage<Remote>): void {
    switch (message.type) {
      case 'request':
        void this.answer(message);
        break;
      case 'cancel':
        this.running.get(message.id)?.abort();
        break;
      case 'progress':
        this.pending.get(message.id)?.onProgress?.(message.progress as never);
        break;
      case 'result':
        this.settle(message.id)?.resolve(message.result);
        break;
      case 'error':
        this.settle(message.id)?.reject(new MemMambaError(message.error.code, message.error.message));
        break;
    }
  }

  /** The other side is gone: rejects what waits for it, and aborts what it had asked for. */
  close(reason: MemMambaError): void {
    this.closed = reason;
    for (const { reject } of this.pending.values()) reject(reason);
    this.pending.clear();
    for (const controller of this.running.values()) controller.abort();
  }

  private settle(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private async answer(request: RequestMessage<Local>): Promise<void> {
    const { id, method, params } = request;
    const controller = new AbortController();
    this.running.set(id, controller);
    const reply = (message: ReplyMessage<Local>) => {
      if (!this.closed) this.post(message);
    };
    try {
      const handler = Object.hasOwn(this.handlers, method) ? this.handlers[method] : undefined;
      if (!handler) throw new MemMambaError('internal', `Nobody answers "${method}" here.`);
      const result = await handler(params, {
        signal: controller.signal,
        progress: (progress) => reply({ type: 'progress', id, progress }),
      });
      reply({ type: 'result', id, result });
    } catch (error) {
      const { code, message } = toMemMambaError(error);
      reply({ type: 'error', id, error: { code, message } });
    } finally {
      this.running.delete(id);
    }
  }
}

/** One row of a large file as its view shows it: a line, or a piece of a long one. */
export interface ShownRow {
  readonly text: string;
  /** UTF-16 offset in the document. */
  readonly start: number;
  readonly line: number;
  /** False for the pieces of a long line behind the first. */
  readonly startsLine: boolean;
}

// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- must fit an index signature
export type LargeFilePageMethods = {
  /** Shows a file of so many rows and lines from its beginning, or says why it cannot be shown. */
  open: Method<{ rows: number; lines: number; error?: string }, null>;
  /** Scrolls to a passage and marks it; with `focus` the keyboard goes there too. */
  select: Method<TextRange & { row: number; line: number; focus: boolean }, null>;
};

// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- must fit an index signature
export type LargeFileHostMethods = {
  ready: Method<Record<string, never>, null>;
  rows: Method<{ from: number; count: number }, readonly ShownRow[]>;
  /** What the model retains of the word at [start, end), as HTML; `view` is what the reader sees. */
  hover: Method<TextRange & { view: TextRange }, string | null>;
};

export type LargeFileHostMessage = PeerMessage<LargeFileHostMethods, LargeFilePageMethods>;
export type LargeFilePageMessage = PeerMessage<LargeFilePageMethods, LargeFileHostMethods>;

/** What the rendered view of a summary is told: all of its content, each time. */
export interface SummaryHostMessage {
  readonly type: 'content';
  /** The Markdown. */
  readonly text: string;
  /** The same from VS Code's Markdown engine, unless that is not there. */
  readonly html?: string;
}

/** What that view tells: it listens now, it shows what it was told, or a link was followed. */
export type SummaryPageMessage =
  { readonly type: 'ready' } | { readonly type: 'shown' } | { readonly type: 'open'; readonly href: string };
