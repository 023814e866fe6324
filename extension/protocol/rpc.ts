/**
 * Remote calls over a channel of messages. A side's methods are declared in one interface, each as
 * `name(params, call)` that gives a promise; what the other side may ask, and what this side has to answer, is
 * derived from it. The messages know no method by name, so a method more needs nothing here. Rules:
 *
 * - Everything that crosses is plain JSON, or bytes, which VS Code carries as they are. A message carries a complete
 *   snapshot, except where a method says that its progress comes in pieces.
 * - Aborting a request sends `cancel`; the answer still comes, and is what the work had reached where that
 *   is worth something.
 * - What a method throws arrives as a `MemMambaError`, with its code.
 */
import { MemMambaError, toMemMambaError, type ErrorCode } from './errors.js';

/** What a method gets with its parameters. */
export interface Call<Progress = never> {
  /** Aborted when the asker cancels, or goes away. */
  readonly signal: AbortSignal;
  /** Tells the asker how far the work has come. */
  readonly progress: (progress: Progress) => void;
}

/** What the method `K` of the interface `M` is asked with. */
export type Params<M, K extends keyof M> = M[K] extends (params: infer P, call: never) => unknown ? P : never;
/** What it answers with. */
export type Result<M, K extends keyof M> = M[K] extends (...args: never) => infer R ? Awaited<R> : never;
/** What it tells of its progress. */
export type Progress<M, K extends keyof M> = M[K] extends (params: never, call: Call<infer P>) => unknown
  ? P
  : never;

/** An implementation of the interface `M`; where nothing has to be waited for, it may answer at once. */
export type Methods<M> = {
  readonly [K in keyof M]: (
    params: Params<M, K>,
    call: Call<Progress<M, K>>,
  ) => Result<M, K> | Promise<Result<M, K>>;
};

export interface RequestOptions<P = never> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: P) => void) | undefined;
}

/** Where the methods of the interface `M` can be asked for, wherever they are. */
export interface Remote<M> {
  /**
   * Aborting the signal asks the other side to stop; the promise settles with its answer.
   * @throws {MemMambaError}
   */
  request<K extends keyof M & string>(
    method: K,
    params: Params<M, K>,
    options?: RequestOptions<Progress<M, K>>,
  ): Promise<Result<M, K>>;
}

/** Answers a request for any method, by its name. */
export type Dispatch = (method: string, params: unknown, call: Call<unknown>) => unknown;

/** Answers with the methods of an object; what it does not have `otherwise` answers. */
export function dispatch<M>(methods: Methods<M>, otherwise: Dispatch = nobody): Dispatch {
  return (method, params, call) =>
    // Its own: `toString` is none of them.
    Object.hasOwn(methods, method)
      ? methods[method as keyof M](params as never, call)
      : otherwise(method, params, call);
}

const nobody: Dispatch = (method) => {
  throw new MemMambaError('internal', `Nobody answers "${method}" here.`);
};

/** Answers whatever is asked with the answer of another side. */
export function forward<M>(remote: Remote<M>): Dispatch {
  return (method, params, { signal, progress }) =>
    remote.request(method as keyof M & string, params as never, { signal, onProgress: progress });
}

/** All that is posted, in either direction. */
export type Message =
  | { readonly type: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'progress'; readonly id: number; readonly progress: unknown }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly error: { readonly code: ErrorCode; readonly message: string };
    };

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: MemMambaError) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
}

/**
 * One end of a channel: asks for the methods of the interface `M`, which the other end has, and answers what that
 * asks. It knows neither of `vscode` nor of the DOM: give `receive` what arrives, and a way to post.
 */
export class Peer<M> implements Remote<M> {
  readonly #post: (message: Message) => void;
  readonly #dispatch: Dispatch;
  #nextId = 1;
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, AbortController>();
  #closed: MemMambaError | undefined;

  constructor(post: (message: Message) => void, dispatch: Dispatch) {
    this.#post = post;
    this.#dispatch = dispatch;
  }

  request<K extends keyof M & string>(
    method: K,
    params: Params<M, K>,
    { signal, onProgress }: RequestOptions<Progress<M, K>> = {},
  ): Promise<Result<M, K>> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(new MemMambaError('cancelled', 'Cancelled.'));
    const id = this.#nextId++;
    const cancel = () => this.#post({ type: 'cancel', id });
    return new Promise<Result<M, K>>((resolve, reject) => {
      signal?.addEventListener('abort', cancel, { once: true });
      this.#pending.set(id, { resolve: (result) => resolve(result as Result<M, K>), reject, onProgress });
      this.#post({ type: 'request', id, method, params });
    }).finally(() => signal?.removeEventListener('abort', cancel));
  }

  /** Takes a message that the other side posted. */
  receive(message: Message): void {
    switch (message.type) {
      case 'request':
        void this.#answer(message);
        break;
      case 'cancel':
        this.#running.get(message.id)?.abort();
        break;
      case 'progress':
        this.#pending.get(message.id)?.onProgress?.(message.progress as never);
        break;
      case 'result':
        this.#settle(message.id)?.resolve(message.result);
        break;
      case 'error':
        this.#settle(message.id)?.reject(new MemMambaError(message.error.code, message.error.message));
        break;
    }
  }

  /** The other side is gone: rejects what waits for it, and aborts what it had asked for. */
  close(reason: MemMambaError): void {
    this.#closed = reason;
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
    for (const controller of this.#running.values()) controller.abort();
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  async #answer({ id, method, params }: Message & { type: 'request' }): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const reply = (message: Message) => {
      if (!this.#closed) this.#post(message);
    };
    try {
      const result = await this.#dispatch(method, params, {
        signal: controller.signal,
        progress: (progress) => reply({ type: 'progress', id, progress }),
      });
      reply({ type: 'result', id, result });
    } catch (error) {
      const { code, message } = toMemMambaError(error);
      reply({ type: 'error', id, error: { code, message } });
    } finally {
      this.#running.delete(id);
    }
  }
}
