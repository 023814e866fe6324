import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from '../../build.mjs';
import { enginePageHtml } from '../../extension/pageHtml.js';
import {
  Peer,
  PIECE_LENGTH,
  type HostMethods,
  type PageMessage,
  type PageMethods,
  type TextRange,
} from '../../extension/protocol.js';
import { openChromium } from '../hosts/chromium.js';
import { repository } from '../hosts/install.js';
import { freePort } from '../hosts/server.js';
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

/** Where the reader was taken by the page. */
export interface Revealed extends TextRange {
  readonly preview: boolean;
}

/**
 * The engine's page by itself: the HTML that ships, the bundles and the shipped model in a real browser, with a
 * host at the other end of the wire that answers as the extension does.
 */
export class PanelPage {
  readonly revealed: Revealed[] = [];
  /** Documents that the reader wanted to be read again. */
  readonly readAgain: string[] = [];
  private text = '';
  private at = 0;

  private constructor(
    readonly page: Page,
    private readonly browser: BrowserContext,
    private readonly server: Server,
    private readonly home: string,
  ) {}

  /** The extension's end of the wire. */
  readonly peer = new Peer<HostMethods, PageMethods>(
    (message) => void this.page.evaluate((data) => window.postMessage(data, '*'), message),
    {
      ready: () => null,
      cancel: () => null,
      readAgain: ({ document }) => {
        this.readAgain.push(document);
        return null;
      },
      reveal: ({ start, end, preview = false }) => {
        this.revealed.push({ start, end, preview });
        return null;
      },
      pull: () => {
        const text = this.text.slice(this.at, this.at + PIECE_LENGTH);
        this.at += text.length;
        return { text, done: text === '' };
      },
    },
  );

  static async open(): Promise<PanelPage> {
    await build(['page', 'worker'], { ifStale: true, quiet: true });
    const home = await mkdtemp(path.join(tmpdir(), 'memmamba-page-'));
    const { server, origin } = await serve();
    const browser = await openChromium({ profile: path.join(home, 'browser'), webgpu: false });
    const page = browser.pages()[0] ?? (await browser.newPage());
    const opened = new PanelPage(page, browser, server, home);
    await page.exposeBinding('postToHost', (_, message: PageMessage) => opened.peer.receive(message));
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

  /** Starts the engine and reads a text, as a command does. */
  async read(document: string, name: string, text: string): Promise<void> {
    this.text = text;
    this.at = 0;
    await this.peer.request('start', { engine: 'cpu' });
    const totalBytes = Buffer.byteLength(text);
    await this.peer.request('read', { document, name, engine: 'cpu', totalBytes });
  }

  async screenshot(file: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
    await rm(this.home, { recursive: true, force: true });
  }
}

/** Serves the page's HTML at the root, and the extension's files under their paths. */
async function serve(): Promise<{ server: Server; origin: string }> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const html = enginePageHtml(
    { uri: (file) => `${origin}/${file}`, cspSource: origin, nonce: 'test', language: 'en', l10n: {} },
    'tiny',
  );
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
