import { openLocalFile } from '#local-file';
import * as vscode from 'vscode';

/**
 * The bytes of a file, chunk by chunk; where its file system knows no other way, they are all held meanwhile.
 *
 * @param chunkBytes the most that a chunk holds
 */
export async function* bytesOf(uri: vscode.Uri, chunkBytes: number): AsyncGenerator<Uint8Array> {
  yield* openLocalFile(uri, chunkBytes) ?? slices(await vscode.workspace.fs.readFile(uri), chunkBytes);
}

function* slices(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
