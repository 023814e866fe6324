/** What page and worker lend each other through Comlink: all of the engine's methods go through one `request`. */
import type { DocumentKey } from '../../extension/protocol/engine.js';
import type { TextPiece } from '../../extension/protocol/page.js';
import type { Dispatch } from '../../extension/protocol/rpc.js';
import type { ModelName } from '../../models/memmamba/shipped-models.js';

/** Names a call: neither a signal nor a listener crosses to a worker, but numbers do. */
export type CallId = number;

/**
 * What the page lends the worker. The worker fetches nothing itself: since VS Code 1.119 a worker that
 * fetches a webview's resources may hang. Bytes are transferred, not copied.
 */
export interface WorkerHost {
  /** A file of a model's folder. */
  modelFile(model: ModelName, name: string): Promise<Uint8Array>;
  /** One of ONNX Runtime's binaries. */
  binary(name: string): Promise<Uint8Array>;
  /** The next piece of a document that is being read. */
  pull(document: DocumentKey): Promise<TextPiece>;
  /** How far a call has come. */
  progress(call: CallId, progress: unknown): Promise<void>;
}

/** What the worker lends the page. Errors arrive as `MemMambaError`. */
export interface Connection {
  /** Asks for a method of the engine by its name. */
  request(call: CallId, method: string, params: unknown): Promise<unknown>;
  /** Aborts a call; it settles with what it reached, or rejects with the code `cancelled`. */
  cancel(call: CallId): Promise<void>;
}

/** What the page finds at the other end: connects it to the engine, which is made with what the page lends. */
export interface WorkerRoot {
  connect(host: WorkerHost): Connection;
}

/** The worker's end: gives each call a signal that the page can abort, and hands on its progress. */
export class WorkerConnection implements Connection {
  readonly #dispatch: Dispatch;
  readonly #host: Pick<WorkerHost, 'progress'>;
  readonly #running = new Map<CallId, AbortController>();

  constructor(dispatch: Dispatch, host: Pick<WorkerHost, 'progress'>) {
    this.#dispatch = dispatch;
    this.#host = host;
  }

  async request(call: CallId, method: string, params: unknown): Promise<unknown> {
    const controller = new AbortController();
    this.#running.set(call, controller);
    try {
      return await this.#dispatch(method, params, {
        signal: controller.signal,
        progress: (progress) => void this.#host.progress(call, progress),
      });
    } finally {
      this.#running.delete(call);
    }
  }

  cancel(call: CallId): Promise<void> {
    this.#running.get(call)?.abort();
    return Promise.resolve();
  }
}
