import type { PageConfig } from '../protocol/page.js';

/** What the pages of our webviews have in common: where they run, and what they may load. */
export interface PageHost {
  /** Address of a file of the extension, by its path. */
  readonly uri: (path: string) => string;
  /** Where the page may load from, in the syntax of a content security policy. */
  readonly cspSource: string;
  /** A fresh value; only scripts that carry it run. */
  readonly nonce: string;
  readonly language: string;
  /** Translations by their English text. */
  readonly l10n: Readonly<Record<string, string>>;
}

interface PageContent {
  /** Bundle under `dist/webview`. */
  readonly script: string;
  /** The page's one element. */
  readonly main: string;
  /** Directives besides those that every page has. */
  readonly policy?: readonly string[];
  /** JSON that the script finds, and the id of the element that holds it. */
  readonly data?: { readonly id: string; readonly value: unknown };
}

/**
 * The engine page's HTML. Its worker comes from `blob:` (the one place webviews allow), and the page may fetch the
 * extension's own files and nothing else: no network.
 */
export function enginePageHtml(host: PageHost): string {
  const config: PageConfig = {
    worker: host.uri('dist/webview/worker.js'),
    unpacker: host.uri('dist/webview/unpack.js'),
    characterMaps: host.uri('dist/webview/cmaps'),
    binaries: host.uri('dist/webview'),
    models: host.uri('models/artifacts'),
    l10n: host.l10n,
  };
  return pageHtml(host, {
    script: 'page.js',
    main: '<main id="app"></main>',
    policy: [
      `script-src 'nonce-${host.nonce}' 'wasm-unsafe-eval'`,
      'worker-src blob:',
      `connect-src ${host.cspSource}`,
      `font-src ${host.cspSource}`,
      `img-src ${host.cspSource} data:`,
    ],
    data: { id: 'config', value: config },
  });
}

/** The rendered view of a summary. */
export function summaryPageHtml(host: PageHost): string {
  return pageHtml(host, {
    script: 'summary.js',
    main: '<p id="announcement" role="status"></p><main id="summary"></main>',
  });
}

/** The view of files that VS Code hands to no extension. */
export function largeFilePageHtml(host: PageHost): string {
  return pageHtml(host, {
    script: 'large-file.js',
    main: '<main id="file"></main>',
    data: { id: 'l10n', value: host.l10n },
  });
}

/** A page that runs its one script, which carries the nonce, and loads nothing but styles unless it says so. */
function pageHtml(
  { uri, cspSource, nonce, language }: PageHost,
  { script, main, policy = [`script-src 'nonce-${nonce}'`], data }: PageContent,
): string {
  const directives = ["default-src 'none'", `style-src ${cspSource} 'unsafe-inline'`, ...policy].join('; ');
  const json = data
    ? `<script type="application/json" id="${data.id}">${JSON.stringify(data.value).replace(/</g, '\\u003c')}</script>`
    : '';
  return /* html */ `<!doctype html>
<html lang="${escapeHtml(language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${directives}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MemMamba</title>
  </head>
  <body>
    ${main}
    ${json}
    <script nonce="${nonce}" src="${uri(`dist/webview/${script}`)}"></script>
  </body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
