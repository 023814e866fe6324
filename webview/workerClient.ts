import * as Comlink from 'comlink';
import { MemMambaError, type PageConfig } from '../extension/protocol.js';
import { keepErrorCodes } from './errors.js';
import { t } from './l10n.js';
import type { EngineService, WorkerHost } from './service.js';
import type { WorkerRoot } from './worker.js';

keepErrorCodes();

/** The page's side of the engine's worker. */
export type EngineClient = Comlink.Remote<EngineService>;

/**
 * Starts the worker. A webview may load workers from `blob:` only, so the script is fetched first.
 *
 * @throws {MemMambaError} if the script is missing or does not start.
 */
export async function startWorker(config: PageConfig): Promise<EngineClient> {
  const script = await fetchBytes(config.worker, 'worker.js');
  const url = URL.createObjectURL(new Blob([script as Uint8Array<ArrayBuffer>], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'memmamba-engine' });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      reject(new MemMambaError('engine', t('The engine did not start: {0}', event.message || 'worker')));
    });
  });
  const host: WorkerHost = {
    modelFile: (model, name) => transferred(fetchBytes(`${config.models}/${model}/${name}`, name)),
    binary: (name) => transferred(fetchBytes(`${config.binaries}/${name}`, name)),
  };
  const root = Comlink.wrap<WorkerRoot>(worker);
  const service = await Promise.race([root.connect(Comlink.proxy(host)), failed]);
  URL.revokeObjectURL(url);
  return service as unknown as EngineClient;
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
