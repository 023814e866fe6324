import * as Comlink from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { MemMambaError } from '../../../extension/protocol/errors.js';
import { dispatch, forward, Peer, type Call, type Methods } from '../../../extension/protocol/rpc.js';
import { WorkerRemote } from '../../../webview/page/worker-remote.js';
import { keepErrorCodes } from '../../../webview/worker/comlink-errors.js';
import { WorkerConnection, type WorkerRoot } from '../../../webview/worker/connection.js';

/** An interface that no file of the wire has heard of: all that a new method takes is its declaration … */
interface Counting {
  double(params: { readonly number: number }): Promise<number>;
  /** Counts from 1 and tells each number; cancelled, it gives the last. */
  count(params: { readonly to: number }, call: Call<number>): Promise<number>;
  fail(params: { readonly code: 'model' | undefined }): Promise<void>;
}

/** … and its implementation. */
const counting: Methods<Counting> = {
  double: ({ number }) => 2 * number,
  count: async ({ to }, { signal, progress }) => {
    let at = 0;
    while (at < to && !signal.aborted) {
      progress(++at);
      await new Promise((resolve) => setTimeout(resolve));
    }
    return at;
  },
  fail: ({ code }) => {
    throw code ? new MemMambaError(code, 'weights.bin is damaged.') : new RangeError('out of range');
  },
};

keepErrorCodes();

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** The page's end of a worker, which is joined to it through Comlink as in the page. */
function worker(methods: Methods<Counting>): WorkerRemote<Counting> {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const root: WorkerRoot = {
    connect: (host) => Comlink.proxy(new WorkerConnection(dispatch<Counting>(methods), host)),
  };
  Comlink.expose(root, port1);
  return new WorkerRemote<Counting>(async (host) => {
    const connection = await Comlink.wrap<WorkerRoot>(port2).connect(
      Comlink.proxy({
        ...host,
        pull: () => Promise.reject(new Error('no text')),
        modelFile: () => Promise.reject(new Error('no model')),
        binary: () => Promise.reject(new Error('no binary')),
      }),
    );
    return connection;
  });
}

/** The extension's end: what it asks goes over a channel that copies, to the page, and from there to the worker. */
function extension(methods = counting): Peer<Counting> {
  const engine = worker(methods);
  const asker: Peer<Counting> = new Peer<Counting>(
    (message) => queueMicrotask(() => page.receive(structuredClone(message))),
    dispatch<object>({}),
  );
  const page = new Peer<object>(
    (message) => queueMicrotask(() => asker.receive(structuredClone(message))),
    dispatch<object>({}, forward<Counting>(engine)),
  );
  return asker;
}

describe('the wire from the extension to the worker', () => {
  it('carries a method that it knows nothing of, both ways', async () => {
    const asker = extension();
    const doubled = await Promise.all([3, 4].map((number) => asker.request('double', { number })));
    expect(doubled).toEqual([6, 8]);
  });

  it('carries progress, to the request that it belongs to', async () => {
    const asker = extension();
    const seen: number[][] = [[], []];
    const results = await Promise.all(
      [3, 5].map((to, i) => asker.request('count', { to }, { onProgress: (at) => seen[i]?.push(at) })),
    );
    expect(results).toEqual([3, 5]);
    // What is told last may come after the result.
    expect(seen[0]?.slice(0, 2)).toEqual([1, 2]);
    expect(seen[1]?.slice(0, 4)).toEqual([1, 2, 3, 4]);
  });

  it('carries a cancel, and what was reached by then', async () => {
    const asker = extension();
    const controller = new AbortController();
    const counted = await asker.request(
      'count',
      { to: 1e9 },
      { signal: controller.signal, onProgress: (at) => at === 3 && controller.abort() },
    );
    expect(counted).toBeGreaterThanOrEqual(3);
    expect(counted).toBeLessThan(1e9);
  });

  it('carries errors with their codes, and gives others one', async () => {
    const asker = extension();
    const failed = asker.request('fail', { code: 'model' });
    await expect(failed).rejects.toBeInstanceOf(MemMambaError);
    await expect(failed).rejects.toMatchObject({ code: 'model', message: 'weights.bin is damaged.' });
    await expect(asker.request('fail', { code: undefined })).rejects.toMatchObject({
      code: 'internal',
      message: 'out of range',
    });
  });

  it('answers nothing but the methods of the interface', async () => {
    const asker = extension();
    for (const method of ['triple', 'toString', 'constructor', '__proto__']) {
      await expect(asker.request(method as 'double', { number: 1 })).rejects.toMatchObject({
        code: 'internal',
        message: `Nobody answers "${method}" here.`,
      });
    }
  });
});
