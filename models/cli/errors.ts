/** The command line is wrong; the message says how it should be. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A file cannot be used; the message names it, says why and what to do. Exit code 1. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
