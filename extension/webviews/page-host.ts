import * as vscode from 'vscode';
import type { PageHost } from './page-html.js';

/** What the pages of our webviews are given, with addresses that this webview can load. */
export function pageHost(webview: vscode.Webview, extensionUri: vscode.Uri): PageHost {
  return {
    uri: (path) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, path)).toString(),
    cspSource: webview.cspSource,
    nonce: nonce(),
    language: vscode.env.language,
    l10n: { ...vscode.l10n.bundle },
  };
}

/** Folder of the pages' own scripts. */
export const pageFolder = (extensionUri: vscode.Uri) => vscode.Uri.joinPath(extensionUri, 'dist/webview');

function nonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join(
    '',
  );
}
