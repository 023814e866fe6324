import type { Span } from '../../models/text/span.js';
import { enginePageHtml } from '../../extension/webviews/page-html.js';
import { PIECE_LENGTH, type HostMethods, type PageMethods } from '../../extension/protocol/page.js';
import { dispatch, Peer, type Message } from '../../extension/protocol/rpc.js';
import type { Page } from 'playwright-core';
import { BrowserPage } from './browser-page.js';

/** Where the reader was taken by the page. */
export interface Revealed extends Span {
  readonly preview: boolean;
}

/** The engine's page with the shipped model, and a host at the other end of the wire that answers as the extension does. */
export class PanelPage {
  readonly revealed: Revealed[] = [];
  /** Documents that the reader wanted to be read again. */
  readonly readAgain: string[] = [];
  #text = '';
  #at = 0;
  #opened: BrowserPage | undefined;

  /** The extension's end of the wire. */
  readonly peer = new Peer<PageMethods>(
    (message) => void this.browser.post(message),
    dispatch<HostMethods>({
      ready: () => undefined,
      cancel: () => undefined,
      readAgain: ({ document }) => {
        this.readAgain.push(document);
      },
      reveal: ({ start, end, preview = false }) => {
        this.revealed.push({ start, end, preview });
      },
      pull: () => {
        const text = this.#text.slice(this.#at, this.#at + PIECE_LENGTH);
        this.#at += text.length;
        return { text, done: text === '' };
      },
    }),
  );

  static async open(): Promise<PanelPage> {
    const panels = new PanelPage();
    await BrowserPage.open(['page', 'worker'], enginePageHtml, (message, browser) => {
      panels.#opened = browser;
      panels.peer.receive(message as Message);
    });
    return panels;
  }

  get browser(): BrowserPage {
    if (!this.#opened) throw new Error('The page is not open.');
    return this.#opened;
  }

  get page(): Page {
    return this.browser.page;
  }

  /** Starts the engine and reads a text, as a command does. */
  async read(document: string, name: string, text: string): Promise<void> {
    this.#text = text;
    this.#at = 0;
    await this.peer.request('start', { engine: 'cpu', model: 'tiny' });
    const totalBytes = Buffer.byteLength(text);
    await this.peer.request('read', { document, name, totalBytes });
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
