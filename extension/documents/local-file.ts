import type * as vscode from 'vscode';

/**
 * The bytes of a file on the disk as a stream, chunk by chunk; undefined where there is no disk to read from, as in a
 * browser, or for a file that is elsewhere. A bundle for Node takes `node/local-file.ts` in its place (`imports` in
 * `package.json`).
 */
export function openLocalFile(
  _uri: Pick<vscode.Uri, 'scheme' | 'fsPath'>,
  _chunkBytes: number,
): AsyncIterable<Uint8Array> | undefined {
  return undefined;
}
