import { createReadStream } from 'node:fs';
import type * as vscode from 'vscode';

/**
 * The bytes of a file on the disk as a stream, of which one chunk is held at a time: `vscode.workspace.fs` would give
 * all of them at once.
 */
export function openLocalFile(
  uri: Pick<vscode.Uri, 'scheme' | 'fsPath'>,
  chunkBytes: number,
): AsyncIterable<Uint8Array> | undefined {
  return uri.scheme === 'file' ? createReadStream(uri.fsPath, { highWaterMark: chunkBytes }) : undefined;
}
