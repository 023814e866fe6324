import * as Comlink from 'comlink';
import type { PageConfig, HostMethods, UnpackMethods } from '../../extension/protocol/page.js';
import { MemMambaError, orCancelled } from '../../extension/protocol/errors.js';
import type { Call, Methods, Remote } from '../../extension/protocol/rpc.js';
import type { FileToUnpack, UnpackProgress } from '../../extension/protocol/unpack.js';
import type { UnpackHost, UnpackRoot } from '../unpack/connection.js';
import { blobWorker, fetchBytes } from './fetch-bytes.js';

/**
 * Unpacks files, each in a worker of its own, which is started for it. So the parsers are loaded when there is such a
 * file, take no memory afterwards, and a cancel ends them wherever they are.
 *
 * @param config where the scripts are
 * @param host gives the bytes
 */
export function unpackMethods(
  config: Pick<PageConfig, 'unpacker' | 'characterMaps'>,
  host: () => Remote<HostMethods>,
): Methods<UnpackMethods> {
  return {
    unpack: async (file, call) => {
      const { signal } = call;
      const bytes = await pulled(file, host(), signal);
      const { worker, failed } = await orCancelled(
        blobWorker(config.unpacker, 'unpack', (why) => new MemMambaError('internal', why)),
        signal,
      );
      try {
        const root = Comlink.wrap<UnpackRoot>(worker);
        const lent = Comlink.proxy(hostOf(config, call));
        const answer = root.unpack(Comlink.transfer(bytes, [bytes.buffer]), lent);
        return await orCancelled(Promise.race([answer, failed]), signal);
      } finally {
        worker.terminate();
      }
    },
  };
}

function hostOf(
  { characterMaps }: Pick<PageConfig, 'characterMaps'>,
  { progress }: Call<UnpackProgress>,
): UnpackHost {
  return {
    characterMap: async (name) => {
      const map = await fetchBytes(`${characterMaps}/${encodeURIComponent(name)}`, name);
      return Comlink.transfer(map, [map.buffer]);
    },
    text: (text) => {
      progress({ text });
      return Promise.resolve();
    },
    progress: (done, total) => {
      progress({ done, total });
      return Promise.resolve();
    },
  };
}

/** All bytes of a file, a piece at a time, so that a cancel is heard between two of them. */
async function pulled(
  { document, bytes: length }: FileToUnpack,
  host: Remote<HostMethods>,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(length);
  let at = 0;
  for (;;) {
    const { bytes, done } = await host.request('pullBytes', { document }, { signal });
    if (done) return all;
    all.set(bytes, at);
    at += bytes.length;
  }
}
