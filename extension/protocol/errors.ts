export type ErrorCode =
  /** The work was cancelled and had nothing to hand back. */
  | 'cancelled'
  /** The page went away while it worked. */
  | 'closed'
  /** A model file is missing or damaged. */
  | 'model'
  /** The engine cannot run here, or its device was lost for good. */
  | 'engine'
  /** The document cannot be read. */
  | 'document'
  /** A fault of ours. */
  | 'internal';

/** An error with a message made for the reader; the only kind that keeps its code across the wire. */
export class MemMambaError extends Error {
  override readonly name = 'MemMambaError';
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Turns whatever was thrown into something to show, and to send. */
export function toMemMambaError(error: unknown): MemMambaError {
  if (error instanceof MemMambaError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new MemMambaError('cancelled', error.message);
  }
  return new MemMambaError('internal', error instanceof Error ? error.message : String(error));
}

/** Settles as `work` does, but no later than the cancel; what `work` makes then is kept for the next asker. */
export function orCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const cancel = () => reject(new MemMambaError('cancelled', 'Cancelled.'));
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}
