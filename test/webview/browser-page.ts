import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from '../../build.mjs';
import type { PageHost } from '../../extension/webviews/page-html.js';
import { openChromium } from '../../scripts/hosts/chromium.js';
import { repository } from '../../scripts/hosts/repository.js';
import { freePort } from '../../scripts/hosts/server.js';
import themes from './themes.json' with { type: 'json' };

export type ThemeName = keyof typeof themes;
export const THEMES = Object.keys(themes) as ThemeName[];

/** What VS Code puts before a webview's own styles. */
const HOST_STYLES = `
@layer vscode-default {
  html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background);
    background: var(--vscode-editor-background); }
  body { background-color: transparent; color: var(--vscode-editor-foreground);
    font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight);
    font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
}`;

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A page of a webview by itself: the HTML and the bundles that ship in a real browser, with VS Code's styles. */
export class BrowserPage {
  readonly #browser: BrowserContext;
  readonly #server: Server;
  readonly #home: string;

  private constructor(
    readonly page: Page,
    browser: BrowserContext,
    server: Server,
    home: string,
  ) {
    this.#browser = browser;
    this.#server = server;
    this.#home = home;
  }

  /**
   * @param bundles that the page needs
   * @param onMessage gets what the page posts, from its first message on
   */
  static async open(
    bundles: readonly string[],
    html: (host: PageHost) => string,
    onMessage: (message: unknown, page: BrowserPage) => void,
  ): Promise<BrowserPage> {
    await build([...bundles], { ifStale: true, quiet: true });
    const home = await mkdtemp(path.join(tmpdir(), 'memmamba-page-'));
    const { server, origin } = await serve(html);
    const browser = await openChromium({ profile: path.join(home, 'browser'), webgpu: false });
    const page = browser.pages()[0] ?? (await browser.newPage());
    const opened = new BrowserPage(page, browser, server, home);
    await page.exposeBinding('postToHost', (_, message: unknown) => onMessage(message, opened));
    await page.addInitScript((css) => {
      const post = Reflect.get(window, 'postToHost') as (message: unknown) => void;
      Reflect.set(window, 'acquireVsCodeApi', () => ({ postMessage: post }));
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets = [sheet];
    }, HOST_STYLES);
    await page.goto(origin);
    await opened.theme('light');
    return opened;
  }

  /** Puts on a theme as VS Code does, while the page is open. */
  async theme(name: ThemeName): Promise<void> {
    await this.page.evaluate(({ bodyClass, themeId, variables }) => {
      document.documentElement.removeAttribute('style');
      for (const [variable, value] of Object.entries(variables)) {
        document.documentElement.style.setProperty(variable, value);
      }
      document.documentElement.lang = 'en';
      document.body.className = bodyClass;
      document.body.dataset.vscodeThemeId = themeId;
    }, themes[name]);
  }

  /** Posts a message to the page, as the extension does. */
  async post(message: unknown): Promise<void> {
    await this.page.evaluate((data) => window.postMessage(data, '*'), message);
  }

  /** What axe finds wrong with the page as it is, in one line each; all its rules, or these. */
  async faults(...rules: string[]): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate((only) => {
      const { run } = Reflect.get(window, 'axe') as typeof axe;
      return run(document, { resultTypes: ['violations'], ...(only.length > 0 && { runOnly: only }) });
    }, rules);
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`),
    );
  }

  /** By how many pixels the page is wider than its window. */
  async overflow(): Promise<number> {
    return this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  }

  async screenshot(file: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
    await rm(this.#home, { recursive: true, force: true });
  }
}

/** Serves the page's HTML at the root, and the extension's files under their paths. */
async function serve(page: (host: PageHost) => string): Promise<{ server: Server; origin: string }> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const uri = (file: string) => `${origin}/${file}`;
  const html = page({ uri, cspSource: origin, nonce: 'test', language: 'en', l10n: {} });
  const server = createServer(({ url = '/' }, response) => {
    const file = path.join(repository, decodeURIComponent(url));
    if (url === '/') response.setHeader('content-type', 'text/html').end(html);
    else if (!existsSync(file)) response.writeHead(404).end();
    else {
      response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
      createReadStream(file).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, origin };
}
