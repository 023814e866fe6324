import * as vscode from 'vscode';
import { VIRTUAL_SCHEME } from './virtual.js';
import { fragmentToSelection, type TextSelection } from './fragment.js';

const SUFFIX = '.memmamba.md';

/** Where the summary of a document is shown: named after it, and carrying its URI along. */
export function summaryUri(source: vscode.Uri): vscode.Uri {
  const path = source.path.startsWith('/') ? source.path : `/${source.path}`;
  return vscode.Uri.from({ scheme: VIRTUAL_SCHEME, path: path + SUFFIX, query: source.toString() });
}

/** The document that one of our own is about; undefined for reports, which are about none. */
export function sourceOf(uri: vscode.Uri): vscode.Uri | undefined {
  return uri.query ? vscode.Uri.parse(uri.query, true) : undefined;
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[()'!*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

/**
 * A link from a summary to a place in its source: relative, so that it goes on working once the summary is
 * saved beside the document; whole where the source has no folder.
 */
export function linkToSource(source: vscode.Uri, fragment: string): string {
  if (!source.path.startsWith('/')) return `${source.scheme}:${encode(source.path)}#${fragment}`;
  return `${encode(source.path.slice(source.path.lastIndexOf('/') + 1))}#${fragment}`;
}

/** Follows a link of `linkToSource` found in `document`, a summary that is shown or one that was saved. */
export function resolveLink(
  href: string,
  document: vscode.Uri,
): { uri: vscode.Uri; selection: TextSelection | undefined } {
  const [target = '', fragment = ''] = href.split('#', 2);
  const base = document.scheme === VIRTUAL_SCHEME ? sourceOf(document) : document;
  const uri =
    /^[a-z][a-z\d+.-]*:/i.test(target) || !base
      ? vscode.Uri.parse(target)
      : vscode.Uri.joinPath(base, '..', decodeURIComponent(target));
  return { uri, selection: fragmentToSelection(fragment) };
}
