import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { perform, type Workplace } from './commands.js';
import { UsageError } from './errors.js';
import { OPTION_NAMES, requestOf, type Request, type Source } from './request.js';
import { messageOf } from '../../kernels/message.js';

/**
 * Answers requests, one JSON object a line in, one out, in order: `{id, …result}` or `{id, error}`. The model
 * is loaded once, and a document is read once however many requests name it.
 *
 * @param write takes one line, without its end, and resolves when there is room for more
 */
export async function runBatch(
  input: Readable,
  at: Workplace,
  write: (line: string) => Promise<void>,
): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    await write(lineOf(await answer(line, at)));
    at.signal?.throwIfAborted();
  }
}

/** An answer as a line; an `id` nested deeper than can be written costs its own request only. */
function lineOf(answered: object): string {
  try {
    return JSON.stringify(answered);
  } catch (error) {
    return JSON.stringify({ id: null, error: `The answer cannot be written: ${messageOf(error)}` });
  }
}

async function answer(line: string, at: Workplace): Promise<object> {
  let id: unknown = null;
  try {
    const fields = parse(line);
    id = fields.id ?? null;
    const { result } = await perform(batchRequestOf(fields), at);
    return { id, ...result };
  } catch (error) {
    return { id, error: messageOf(error) };
  }
}

function parse(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`Not a line of JSON: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError('A request is a JSON object {"id", "command", "file" or "text", …}.');
  }
  return value as Record<string, unknown>;
}

const KNOWN = new Set<string>(['id', 'command', 'file', 'text', ...OPTION_NAMES]);

function batchRequestOf(fields: Readonly<Record<string, unknown>>): Request {
  const stranger = Object.keys(fields).find((name) => !KNOWN.has(name));
  if (stranger !== undefined) {
    throw new UsageError(`Unknown field ${JSON.stringify(stranger)}; there are ${[...KNOWN].join(', ')}.`);
  }
  return requestOf(fields.command, sourceOf(fields), fields, (name) => `"${name}"`);
}

function sourceOf({ file, text }: Readonly<Record<string, unknown>>): Source | undefined {
  if (file !== undefined && text !== undefined) throw new UsageError('Give "file" or "text", not both.');
  if (typeof text === 'string') return { text };
  if (typeof file === 'string' && file !== '-') return { file };
  if (file === undefined && text === undefined) return undefined;
  throw new UsageError(
    '"file" is a path and "text" a string; in a batch, standard input holds the requests.',
  );
}
