import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import path from 'node:path';
import type { TextSource } from '../text/text-source.js';
import { decodeText, TextError } from '../text/decode-text.js';
import { InputError } from './errors.js';
import type { Source } from './request.js';
import { messageOf } from '../../kernels/message.js';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  EISDIR: 'this is a folder; name a file',
};

/**
 * The text that a request names.
 *
 * @throws {InputError} where there is no such file; on reading, where it is empty, binary, not UTF-8, or changes
 */
export async function textSourceOf(source: Source): Promise<TextSource> {
  if ('text' in source) {
    const { text } = source;
    const key = `text:${text}`;
    return {
      key,
      name: 'text',
      totalBytes: Buffer.byteLength(text),
      open: () => nonEmpty('text', one(text)),
    };
  }
  const { file } = source;
  if (file === '-') {
    return {
      key: 'stdin',
      name: 'standard input',
      open: () => nonEmpty('standard input', decoded('standard input', process.stdin)),
    };
  }
  const name = path.resolve(file);
  const before = await statOf(file);
  if (before.isDirectory()) throw new InputError(`${file}: ${WHY.EISDIR!}.`);
  return {
    key: `file:${name}:${before.size}:${before.mtimeMs}`,
    name: file,
    totalBytes: before.size,
    open: () => nonEmpty(file, unchanged(file, before, decoded(file, createReadStream(file)))),
  };
}

async function* one(text: string): AsyncGenerator<string, void, undefined> {
  yield await Promise.resolve(text);
}

async function statOf(file: string): Promise<Stats> {
  try {
    return await stat(file);
  } catch (error) {
    throw fileError(file, error);
  }
}

async function* decoded(name: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  try {
    yield* decodeText(bytes);
  } catch (error) {
    if (error instanceof TextError) throw new InputError(`${name}: ${error.message}`);
    throw fileError(name, error);
  }
}

/** Passes a text on and complains if there is nothing in it but white space. */
async function* nonEmpty(
  name: string,
  pieces: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  let isEmpty = true;
  for await (const piece of pieces) {
    isEmpty &&= piece.trim() === '';
    yield piece;
  }
  if (isEmpty) throw new InputError(`${name}: empty; there is nothing to read.`);
}

async function* unchanged(
  file: string,
  before: Stats,
  pieces: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  yield* pieces;
  const after = await statOf(file);
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
    throw new InputError(
      `${file}: changed while it was read, so offsets would be wrong. Run the command again.`,
    );
  }
}

function fileError(file: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new InputError(`${file}: ${WHY[code] ?? messageOf(error)}.`, { cause: error });
}
