import type { PageConfig } from './protocol.js';

export interface PageHtmlOptions {
  /** Address of a file of the extension, by its path. */
  readonly uri: (path: string) => string;
  /** Where the page may load from, in the syntax of a content security policy. */
  readonly cspSource: string;
  /** A fresh value; only scripts that carry it run. */
  readonly nonce: string;
  readonly language: string;
  readonly model: string;
  /** Translations by their English text. */
  readonly l10n: Readonly<Record<string, string>>;
}

/**
 * The engine page's HTML. Scripts run with the nonce only, workers from `blob:` (the one place webviews allow),
 * and the page may fetch the extension's own files and nothing else: no network.
 */
export function pageHtml({ uri, cspSource, nonce, language, model, l10n }: PageHtmlOptions): string {
  const config: PageConfig = {
    worker: uri('dist/webview/worker.js'),
    binaries: uri('dist/webview'),
    model: uri(`models/artifacts/${model}`),
    modelName: model,
    l10n,
  };
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    'worker-src blob:',
    `connect-src ${cspSource}`,
    `style-src ${cspSource} 'unsafe-inline'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
  ].join('; ');
  return /* html */ `<!doctype html>
<html lang="${escapeHtml(language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MemMamba</title>
  </head>
  <body>
    <main id="app"></main>
    <script type="application/json" id="config">${JSON.stringify(config).replace(/</g, '\\u003c')}</script>
    <script nonce="${nonce}" src="${uri('dist/webview/page.js')}"></script>
  </body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
