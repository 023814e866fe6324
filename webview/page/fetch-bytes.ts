import { MemMambaError } from '../../extension/protocol/errors.js';
import { t } from '../elements/l10n.js';

/**
 * A file of the extension.
 *
 * @throws {MemMambaError} where it cannot be loaded
 */
export async function fetchBytes(uri: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
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

/**
 * Starts a worker from a script of the extension: a webview may load workers from `blob:` only.
 *
 * @param failure makes the error with which `failed` rejects where the script does not run
 */
export async function blobWorker(
  uri: string,
  name: string,
  failure: (why: string) => MemMambaError,
): Promise<{ readonly worker: Worker; readonly failed: Promise<never> }> {
  const script = await fetchBytes(uri, `${name}.js`);
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: `memmamba-${name}` });
  worker.addEventListener('message', () => URL.revokeObjectURL(url), { once: true });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => reject(failure(message || name)));
  });
  failed.catch(() => undefined);
  return { worker, failed };
}
