import type { Span } from '../../models/text/span.js';
import { enginePageHtml } from '../../extension/webviews/page-html.js';
import { PIECE_LENGTH, type HostMethods, type PageMethods } from '../../extension/protocol/page.js';
import { dispatch, Peer, type Message, type RequestOptions } from '../../extension/protocol/rpc.js';
import {
  BYTES_PIECE_LENGTH,
  type RefusedFile,
  type UnpackedFile,
  type UnpackProgress,
} from '../../extension/protocol/unpack.js';
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
  #bytes: Uint8Array = new Uint8Array();
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
      pullBytes: () => {
        const bytes = this.#bytes.subarray(0, BYTES_PIECE_LENGTH);
        this.#bytes = this.#bytes.subarray(bytes.length);
        return { bytes, done: bytes.length === 0 };
      },
    }),
  );

  static async open(): Promise<PanelPage> {
    const panels = new PanelPage();
    await BrowserPage.open(['page', 'worker', 'unpack'], enginePageHtml, (message, browser) => {
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

  /** Has a file unpacked, as a command does; gives its text with what is known of it, or why there is none. */
  async unpack(
    bytes: Uint8Array,
    { signal, onProgress }: RequestOptions<UnpackProgress> = {},
  ): Promise<RefusedFile | (UnpackedFile & { readonly text: string })> {
    this.#bytes = bytes;
    let text = '';
    const answer = await this.peer.request(
      'unpack',
      { document: 'memmamba-text:/file', bytes: bytes.length },
      {
        signal,
        onProgress: (progress) => {
          if ('text' in progress) text += progress.text;
          onProgress?.(progress);
        },
      },
    );
    return answer.kind === 'text' ? { ...answer, text } : answer;
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
