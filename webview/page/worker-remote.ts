import { MemMambaError, orCancelled } from '../../extension/protocol/errors.js';
import type { Params, Progress, Remote, RequestOptions, Result } from '../../extension/protocol/rpc.js';
import { t } from '../elements/l10n.js';
import type { CallId, Connection, WorkerHost } from '../worker/connection.js';

/** Gives the worker's end, once it has what the page lends. */
export type Connect = (host: Pick<WorkerHost, 'progress'>) => Promise<Connection>;

/** The methods of an interface that a worker has, asked for from its page. */
export class WorkerRemote<M> implements Remote<M> {
  readonly #connect: Connect;
  #connection: Promise<Connection> | undefined;
  #nextCall = 1;
  readonly #listeners = new Map<CallId, (progress: never) => void>();

  /** @param connect called when the worker is first needed, and again after that has failed */
  constructor(connect: Connect) {
    this.#connect = connect;
  }

  async request<K extends keyof M & string>(
    method: K,
    params: Params<M, K>,
    { signal, onProgress }: RequestOptions<Progress<M, K>> = {},
  ): Promise<Result<M, K>> {
    const connection = await orCancelled(this.#connected(), signal);
    if (signal?.aborted) throw new MemMambaError('cancelled', t('Cancelled.'));
    const call = this.#nextCall++;
    const cancel = () => void connection.cancel(call);
    signal?.addEventListener('abort', cancel, { once: true });
    if (onProgress) this.#listeners.set(call, onProgress);
    try {
      return (await connection.request(call, method, params)) as Result<M, K>;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#listeners.delete(call);
    }
  }

  #connected(): Promise<Connection> {
    const connection = (this.#connection ??= this.#connect({
      // What is told after the result has come nobody waits for any more.
      progress: (call, progress) => Promise.resolve(this.#listeners.get(call)?.(progress as never)),
    }));
    connection.catch(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    return connection;
  }
}
