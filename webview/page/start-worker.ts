import * as Comlink from 'comlink';
import { MemMambaError } from '../../extension/protocol/errors.js';
import type { PageConfig } from '../../extension/protocol/page.js';
import { t } from '../elements/l10n.js';
import { keepErrorCodes } from '../worker/comlink-errors.js';
import type { Connection, WorkerHost, WorkerRoot } from '../worker/connection.js';

keepErrorCodes();

/**
 * Starts the worker. A webview may load workers from `blob:` only, so the script is fetched first.
 *
 * @throws {MemMambaError} if the script is missing or does not start.
 */
export async function startWorker(
  config: PageConfig,
  lent: Pick<WorkerHost, 'pull' | 'progress'>,
): Promise<Connection> {
  const script = await fetchBytes(config.worker, 'worker.js');
  const url = URL.createObjectURL(new Blob([script as Uint8Array<ArrayBuffer>], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'memmamba-engine' });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      reject(new MemMambaError('engine', t('The engine did not start: {0}', event.message || 'worker')));
    });
  });
  const host: WorkerHost = {
    ...lent,
    modelFile: (model, name) => transferred(fetchBytes(`${config.models}/${model}/${name}`, name)),
    binary: (name) => transferred(fetchBytes(`${config.binaries}/${name}`, name)),
  };
  const root = Comlink.wrap<WorkerRoot>(worker);
  const connection = await Promise.race([root.connect(Comlink.proxy(host)), failed]);
  URL.revokeObjectURL(url);
  return connection;
}

async function transferred(bytes: Promise<Uint8Array>): Promise<Uint8Array> {
  const array = await bytes;
  return Comlink.transfer(array, [array.buffer]);
}

async function fetchBytes(uri: string, name: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(uri);
  } catch (error) {
    throw new MemMambaError('model', t('{0} cannot be loaded: {1}', name, String(error)));
  }
  if (!response.ok) {
    throw new MemMambaError('model', t('{0} cannot be loaded: {1}', name, `HTTP ${response.status}`));
  }
  return new Uint8Array(await response.arrayBuffer());
}
