import * as vscode from 'vscode';

/** Texts that were unpacked from files: a PDF, an Office document, an e-book, gzip. Read-only. */
export const PACKED_SCHEME = 'memmamba-text';

/** The manifest gives what ends so a language of its own, whose lines are wrapped. */
const SUFFIX = '.memmamba.txt';

/** Where the text of a file is shown: named after it, and carrying its URI along. */
export function textUriOf(file: vscode.Uri): vscode.Uri {
  const path = file.path.startsWith('/') ? file.path : `/${file.path}`;
  return vscode.Uri.from({ scheme: PACKED_SCHEME, path: path + SUFFIX, query: file.toString() });
}

/** True of the text of a file that was unpacked. */
export const isPackedText = ({ scheme }: vscode.Uri) => scheme === PACKED_SCHEME;

/** The file that a text was unpacked from; every other document is its own. */
export function fileOf(uri: vscode.Uri): vscode.Uri {
  return isPackedText(uri) && uri.query ? vscode.Uri.parse(uri.query, true) : uri;
}

/** What a document is called: the name of its file. */
export function nameOf(uri: vscode.Uri): string {
  const { path } = fileOf(uri);
  return path.slice(path.lastIndexOf('/') + 1) || uri.toString();
}
