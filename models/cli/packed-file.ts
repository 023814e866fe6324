import { open, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isPacked } from '../packed/kind.js';
import { isUnhandledRejection } from '../packed/pdf/unhandled-rejections.js';
import { PackedError } from '../packed/types.js';
import { unpack, type Unpacked } from '../packed/unpack/unpack.js';
import { InputError } from './errors.js';

/** Bytes that tell a packed file: a PDF may have its mark so far in. */
const HEAD = 1024;
/** A file that is larger does not fit into one buffer. */
const LARGEST = 2 ** 31 - 1;

/**
 * What is in a file that has to be unpacked before it is read, or undefined where it is read as it lies.
 *
 * @throws {InputError} where no text can be had of it
 */
export async function packedFile(
  file: string,
  size: number,
  signal?: AbortSignal,
): Promise<Unpacked | undefined> {
  if (!isPacked(await headOf(file))) return undefined;
  if (size > LARGEST) throw new InputError(`${file}: larger than 2 GB, and packed; unpack it first.`);
  // Without a listener Node would end the process.
  const onRejection = (error: unknown) => {
    if (!isUnhandledRejection(error)) throw error;
  };
  process.on('unhandledRejection', onRejection);
  try {
    return await unpack(new Uint8Array(await readFile(file)), { characterMaps, signal });
  } catch (error) {
    if (error instanceof PackedError) throw new InputError(`${file}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    process.off('unhandledRejection', onRejection);
  }
}

async function headOf(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

let maps: string | undefined;

async function characterMaps(name: string): Promise<Uint8Array> {
  maps ??= path.join(
    path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')),
    'cmaps',
  );
  return new Uint8Array(await readFile(path.join(maps, name)));
}
