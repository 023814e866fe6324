import { describe, expect, it } from 'vitest';
import { MemMambaError } from '../../../extension/protocol/errors.js';
import type { HostMethods, PageMethods } from '../../../extension/protocol/page.js';
import { dispatch, Peer, type Methods } from '../../../extension/protocol/rpc.js';

const hostMethods: Methods<HostMethods> = {
  ready: () => undefined,
  pull: () => ({ text: '', done: true }),
  pullBytes: () => ({ bytes: new Uint8Array(), done: true }),
  reveal: () => undefined,
  readAgain: () => undefined,
  cancel: () => undefined,
};

const coverage = { tokens: 3, bytes: 9, complete: true };

/** Both ends, joined by a wire that copies messages as `postMessage` does. */
function joined(page: Partial<Methods<PageMethods>>, host: Partial<Methods<HostMethods>> = {}) {
  const copy = <T>(message: T): T => structuredClone(message);
  const hostPeer: Peer<PageMethods> = new Peer<PageMethods>(
    (message) => queueMicrotask(() => pagePeer.receive(copy(message))),
    dispatch<HostMethods>({ ...hostMethods, ...host }),
  );
  const pagePeer = new Peer<HostMethods>(
    (message) => queueMicrotask(() => hostPeer.receive(copy(message))),
    dispatch(page as Methods<PageMethods>),
  );
  return { hostPeer, pagePeer };
}

describe('Peer', () => {
  it('answers requests with their own results, whatever the order', async () => {
    const { hostPeer } = joined({
      passages: async ({ query }) => {
        await new Promise((resolve) => setTimeout(resolve, query === 'slow' ? 20 : 1));
        return [{ start: 0, end: 1, line: 1, text: query, score: 1 }];
      },
    });
    const [slow, fast] = await Promise.all(
      ['slow', 'fast'].map((query) => hostPeer.request('passages', { document: 'a', query })),
    );
    expect(slow?.[0]?.text).toBe('slow');
    expect(fast?.[0]?.text).toBe('fast');
  });

  it('delivers progress before the result, to the request that it belongs to', async () => {
    const { hostPeer } = joined({
      read: async (_, { progress }) => {
        for (const tokens of [1, 2]) {
          progress({ tokens, bytes: tokens, tokensPerSecond: 5 });
          await Promise.resolve();
        }
        return coverage;
      },
    });
    const seen: number[] = [];
    const result = await hostPeer.request(
      'read',
      { document: 'a', name: 'a' },
      { onProgress: ({ tokens }) => seen.push(tokens) },
    );
    expect(seen).toEqual([1, 2]);
    expect(result).toEqual(coverage);
  });

  it('lets a cancelled request answer with what it reached', async () => {
    const { hostPeer } = joined({
      read: (_, { signal }) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => resolve({ ...coverage, complete: false })),
        ),
    });
    const controller = new AbortController();
    const reading = hostPeer.request('read', { document: 'a', name: 'a' }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    expect((await reading).complete).toBe(false);
  });

  it('posts nothing for a request that was cancelled before it began', async () => {
    let asked = 0;
    const { hostPeer } = joined({ pool: () => ((asked += 1), []) });
    await expect(
      hostPeer.request('pool', { document: 'a' }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(asked).toBe(0);
  });

  it('carries code and message of an error, and gives others a code', async () => {
    const { hostPeer } = joined({
      ask: () => {
        throw new MemMambaError('model', 'model.safetensors is damaged.');
      },
      fidelity: () => {
        throw new TypeError('x is not a function');
      },
      retention: () => {
        throw new DOMException('stopped', 'AbortError');
      },
    });
    await expect(hostPeer.request('ask', { document: 'a', question: 'q' })).rejects.toMatchObject({
      code: 'model',
      message: 'model.safetensors is damaged.',
    });
    await expect(hostPeer.request('fidelity', { document: 'a' })).rejects.toMatchObject({ code: 'internal' });
    await expect(hostPeer.request('retention', { document: 'a', start: 0, end: 1 })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('says so when nobody answers a method, also one that every object has', async () => {
    const { hostPeer } = joined({});
    await expect(hostPeer.request('pool', { document: 'a' })).rejects.toThrow('Nobody answers "pool"');
    await expect(hostPeer.request('toString' as 'pool', { document: 'a' })).rejects.toThrow('Nobody answers');
  });

  it('rejects what waits when the other side goes away, and aborts what it asked for', async () => {
    let aborted = false;
    const { hostPeer, pagePeer } = joined(
      { summarize: () => new Promise(() => undefined) },
      {
        pull: (_, { signal }) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => {
              aborted = true;
              resolve({ text: '', done: true });
            }),
          ),
      },
    );
    const waiting = hostPeer.request('summarize', { document: 'a' });
    void pagePeer.request('pull', { document: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    hostPeer.close(new MemMambaError('closed', 'The tab was closed.'));
    await expect(waiting).rejects.toMatchObject({ code: 'closed', message: 'The tab was closed.' });
    await expect(hostPeer.request('pool', { document: 'a' })).rejects.toMatchObject({ code: 'closed' });
    expect(aborted).toBe(true);
  });

  it('asks both ways at once: pulling text while a read is under way', async () => {
    const text = ['one ', 'two ', 'three'];
    const { hostPeer, pagePeer } = joined(
      {
        read: async ({ document }) => {
          let all = '';
          for (;;) {
            const piece = await pagePeer.request('pull', { document });
            if (piece.done) break;
            all += piece.text;
          }
          return { tokens: 0, bytes: all.length, complete: true };
        },
      },
      {
        pull: () => {
          const next = text.shift();
          return { text: next ?? '', done: next === undefined };
        },
      },
    );
    const read = await hostPeer.request('read', { document: 'a', name: 'a' });
    expect(read.bytes).toBe('one two three'.length);
  });
});
