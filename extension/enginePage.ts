import * as vscode from 'vscode';
import type { PageConfig } from './protocol.js';

const MODEL = 'tiny';

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

/**
 * The page's HTML. Scripts run with the nonce only, workers from `blob:` (the one place webviews allow),
 * and the page may fetch the extension's own files and nothing else: no network.
 */
export function enginePageHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const uri = (path: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, path)).toString();
  const scriptNonce = nonce();
  const config: PageConfig = {
    worker: uri('dist/webview/worker.js'),
    binaries: uri('dist/webview'),
    model: uri(`models/artifacts/${MODEL}`),
    modelName: MODEL,
    l10n: stringsOf(vscode.l10n.bundle),
  };
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${scriptNonce}' 'wasm-unsafe-eval'`,
    'worker-src blob:',
    `connect-src ${webview.cspSource}`,
    `style-src ${webview.cspSource} 'unsafe-inline'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join('; ');
  return /* html */ `<!doctype html>
<html lang="${escapeHtml(vscode.env.language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MemMamba</title>
  </head>
  <body>
    <main id="app"></main>
    <script type="application/json" id="config">${JSON.stringify(config).replace(/</g, '\\u003c')}</script>
    <script nonce="${scriptNonce}" src="${uri('dist/webview/page.js')}"></script>
  </body>
</html>`;
}

/** The translations that the page can use: messages by their English text. */
function stringsOf(bundle: typeof vscode.l10n.bundle): Record<string, string> {
  return { ...bundle };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
