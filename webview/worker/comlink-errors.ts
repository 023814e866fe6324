import * as Comlink from 'comlink';
import { MemMambaError, toMemMambaError, type ErrorCode } from '../../extension/protocol/errors.js';

interface ThrownOnWire {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Comlink marks what was thrown with a property of this shape before it looks for a handler. */
interface Thrown {
  readonly value: unknown;
}

/**
 * Comlink carries an error's message but not its code. This replaces its handler for what is thrown, on
 * both sides of the worker.
 */
export function keepErrorCodes(convert: (error: unknown) => MemMambaError = toMemMambaError): void {
  const original = Comlink.transferHandlers.get('throw');
  if (!original) throw new Error('Comlink has no handler for what is thrown.');
  const handler: Comlink.TransferHandler<Thrown, ThrownOnWire> = {
    canHandle: (value): value is Thrown => original.canHandle(value),
    serialize: ({ value }) => {
      const { code, message } = convert(value);
      return [{ code, message }, []];
    },
    deserialize: ({ code, message }) => {
      throw new MemMambaError(code, message);
    },
  };
  Comlink.transferHandlers.set('throw', handler);
}
