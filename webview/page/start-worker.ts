import * as Comlink from 'comlink';
import { MemMambaError } from '../../extension/protocol/errors.js';
import type { PageConfig } from '../../extension/protocol/page.js';
import { t } from '../elements/l10n.js';
import { keepErrorCodes } from '../worker/comlink-errors.js';
import type { Connection, WorkerHost, WorkerRoot } from '../worker/connection.js';
import { blobWorker, fetchBytes } from './fetch-bytes.js';

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
  const { worker, failed } = await blobWorker(
    config.worker,
    'worker',
    (why) => new MemMambaError('engine', t('The engine did not start: {0}', why)),
  );
  const host: WorkerHost = {
    ...lent,
    modelFile: (model, name) => transferred(fetchBytes(`${config.models}/${model}/${name}`, name)),
    binary: (name) => transferred(fetchBytes(`${config.binaries}/${name}`, name)),
  };
  const root = Comlink.wrap<WorkerRoot>(worker);
  return Promise.race([root.connect(Comlink.proxy(host)), failed]);
}

async function transferred(bytes: Promise<Uint8Array>): Promise<Uint8Array> {
  const array = await bytes;
  return Comlink.transfer(array, [array.buffer]);
}
