import * as Comlink from 'comlink';
import type { EngineMethods } from '../../extension/protocol/engine.js';
import { MemMambaError, toMemMambaError } from '../../extension/protocol/errors.js';
import { dispatch } from '../../extension/protocol/rpc.js';
import { keepErrorCodes } from './comlink-errors.js';
import { WorkerConnection, type WorkerRoot } from './connection.js';
import { EngineService } from './engine-service.js';

/** Names of the models' errors, by the code under which the reader's side knows them. */
const CODES: Readonly<Record<string, MemMambaError['code']>> = {
  ModelFileError: 'model',
  EngineUnavailableError: 'engine',
  DeviceLostError: 'engine',
  TextError: 'document',
};

keepErrorCodes((error) => {
  const code = error instanceof Error ? CODES[error.name] : undefined;
  if (code && error instanceof Error) return new MemMambaError(code, error.message);
  const converted = toMemMambaError(error);
  // The reader sees one line; the developer tools keep where a fault of ours came from.
  if (converted.code === 'internal') console.error(error);
  return converted;
});

const root: WorkerRoot = {
  connect: (host) =>
    Comlink.proxy(new WorkerConnection(dispatch<EngineMethods>(new EngineService(host).methods), host)),
};

Comlink.expose(root);
