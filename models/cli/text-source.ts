import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { TextSource } from '../text/text-source.js';
import { decodeText, TextError } from '../text/decode-text.js';
import { utf8Length } from '../text/utf8-length.js';
import type { PackedDocument } from '../packed/types.js';
import type { Unpacked } from '../packed/unpack/unpack.js';
import { packedFile } from './packed-file.js';
import { InputError } from './errors.js';
import { unreadInWords } from '../packed/unread.js';
import type { Source } from './request.js';
import { messageOf } from '../../kernels/message.js';

const SLICE = 1 << 16;
const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  EISDIR: 'this is a folder; name a file',
};

/** A text, and where it was unpacked from a file, the structure of that. */
export interface FileText extends TextSource {
  readonly packed?: PackedDocument;
  /** What of the file could not be read, in words. */
  readonly unread?: string;
}

/**
 * The text that a request names. PDF, Office files, e-books and gzip are unpacked first.
 *
 * @throws {InputError} where there is no such file; on reading, where it is empty, binary, not UTF-8, or changes
 */
export async function textSourceOf(
  source: Source,
  { stdin = process.stdin, signal }: { readonly stdin?: Readable; readonly signal?: AbortSignal } = {},
): Promise<FileText> {
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
      open: () => nonEmpty('standard input', decoded('standard input', stdin)),
    };
  }
  const name = path.resolve(file);
  const before = await statOf(file);
  if (before.isDirectory()) throw new InputError(`${file}: ${WHY.EISDIR!}.`);
  const key = `file:${name}:${before.size}:${before.mtimeMs}`;
  const packed = await unpackedOf(file, before.size, signal);
  if (packed) return packedSource(file, key, packed);
  return {
    key,
    name: file,
    totalBytes: before.size,
    open: () => nonEmpty(file, unchanged(file, before, decoded(file, createReadStream(file)))),
  };
}

async function unpackedOf(file: string, size: number, signal?: AbortSignal): Promise<Unpacked | undefined> {
  try {
    return await packedFile(file, size, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof InputError ? error : fileError(file, error);
  }
}

function packedSource(file: string, key: string, unpacked: Unpacked): FileText {
  if (unpacked.kind === 'text') {
    const { bytes, unread } = unpacked;
    return {
      key,
      name: file,
      totalBytes: bytes.length,
      ...(unread.length > 0 && { unread: 'The gzip file is damaged or too large; its beginning was read' }),
      open: () => nonEmpty(file, decoded(file, slicesOf(bytes))),
    };
  }
  const { document } = unpacked;
  const unread = unreadInWords(document);
  return {
    key,
    name: file,
    totalBytes: utf8Length(document.text),
    packed: document,
    ...(unread !== undefined && { unread }),
    open: () => one(document.text),
  };
}

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += SLICE)
    yield await Promise.resolve(bytes.subarray(at, at + SLICE));
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

async function* decoded(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
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
