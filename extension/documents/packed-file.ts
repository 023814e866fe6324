import * as vscode from 'vscode';
import { kindOf } from '../../models/packed/kind.js';
import { PackedError } from '../../models/packed/types.js';
import { MemMambaError } from '../protocol/errors.js';
import { bytesOf } from './bytes.js';
import { isPackedText, nameOf, textUriOf } from './packed-uri.js';
import { refusalWords } from '../formatting/refusals.js';

/** Bytes that tell a packed file: a PDF may have its mark so far in. */
const HEAD = 1024;
/** Some kinds are told by more than the head. A larger file of a kind that is not read is not looked at further. */
const SMALL = 64 * 2 ** 20;

/**
 * The text that a URI stands for: of a file that has to be unpacked, which is told by its content, the text in it; else
 * what is there.
 *
 * @throws {MemMambaError} for a kind of file that is known and holds no text
 */
export async function textOf(uri: vscode.Uri): Promise<vscode.Uri> {
  if (isPackedText(uri)) return uri;
  // A virtual document has no file system behind it, and one that was never saved no file.
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === undefined) return uri;
  try {
    return (await isPacked(uri)) ? textUriOf(uri) : uri;
  } catch (error) {
    if (error instanceof MemMambaError) throw error;
    // Whoever opens it says why it cannot be read.
    return uri;
  }
}

async function isPacked(uri: vscode.Uri): Promise<boolean> {
  try {
    return kindOf(await headOf(uri)) !== 'other';
  } catch (error) {
    if (!(error instanceof PackedError)) throw error;
    throw new MemMambaError('document', refusalWords(nameOf(uri), await reasonOf(uri, error), vscode.l10n.t));
  }
}

async function headOf(uri: vscode.Uri): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD);
  let length = 0;
  for await (const chunk of bytesOf(uri, HEAD)) {
    const taken = chunk.subarray(0, HEAD - length);
    head.set(taken, length);
    length += taken.length;
    if (length === HEAD) break;
  }
  return head.subarray(0, length);
}

/** An Office document with a password begins as an old one does. */
async function reasonOf(
  uri: vscode.Uri,
  error: PackedError,
): Promise<{ readonly reason: PackedError['kind']; readonly what?: string }> {
  let { kind: reason, what } = error;
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size <= SMALL) kindOf(await vscode.workspace.fs.readFile(uri));
  } catch (inner) {
    if (!(inner instanceof PackedError)) throw inner;
    ({ kind: reason, what } = inner);
  }
  return { reason, ...(what !== undefined && { what }) };
}
