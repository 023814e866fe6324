import * as vscode from 'vscode';
import { pageHtml } from './pageHtml.js';

const MODEL = 'tiny';
/** The model's folder, in the extension's. */
export const MODEL_FOLDER = `models/artifacts/${MODEL}`;

/** Folders that the page may load from. */
export function engineResourceRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return [
    vscode.Uri.joinPath(extensionUri, 'dist/webview'),
    vscode.Uri.joinPath(extensionUri, 'models/artifacts'),
  ];
}

/** A fresh value for a page's content security policy. */
export function nonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join(
    '',
  );
}

/** The page's HTML, with addresses that the webview can load. */
export function enginePageHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  return pageHtml({
    uri: (path) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, path)).toString(),
    cspSource: webview.cspSource,
    nonce: nonce(),
    language: vscode.env.language,
    model: MODEL,
    l10n: stringsOf(vscode.l10n.bundle),
  });
}

/** The translations that the page can use: messages by their English text. */
function stringsOf(bundle: typeof vscode.l10n.bundle): Record<string, string> {
  return { ...bundle };
}
