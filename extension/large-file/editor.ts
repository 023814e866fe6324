import * as vscode from 'vscode';
import type { Span } from '../../models/text/span.js';
import { openSource } from '../documents/source.js';
import type { TextSelection } from '../documents/fragment.js';
import { hoverMarkdown } from '../editor/hover-text.js';
import type { Retentions } from '../editor/retentions.js';
import { pageFolder, pageHost } from '../webviews/page-host.js';
import { largeFilePageHtml } from '../webviews/page-html.js';
import { toMemMambaError } from '../protocol/errors.js';
import type { LargeFileHostMethods, LargeFilePageMethods } from '../protocol/large-file.js';
import { dispatch, Peer, type Message, type Remote } from '../protocol/rpc.js';
import type { Readings } from '../readings/readings.js';
import { RowIndex } from './rows.js';

/** UTF-16 units between two turns of the event loop while a file is indexed. */
const TURN = 1 << 20;

/** A file that a view shows: its bytes, and where its rows are. */
export class LargeFile implements vscode.CustomDocument {
  readonly content: Promise<{ readonly bytes: Uint8Array; readonly rows: RowIndex }>;
  /** The view that was used last. */
  view: ((selection: TextSelection, focus: boolean) => Promise<void>) | undefined;
  #isDisposed = false;

  constructor(readonly uri: vscode.Uri) {
    this.content = this.#load();
    // A view shows the reason.
    this.content.catch(() => undefined);
  }

  dispose(): void {
    this.#isDisposed = true;
  }

  async #load() {
    const source = await openSource(this.uri);
    const bytes = await vscode.workspace.fs.readFile(this.uri);
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    const rows = new RowIndex(hasMark ? 3 : 0);
    let units = 0;
    for await (const piece of source.read()) {
      rows.append(piece);
      units += piece.length;
      if (units < TURN) continue;
      units = 0;
      await new Promise((resolve) => setTimeout(resolve));
      if (this.#isDisposed) break;
    }
    rows.end();
    return { bytes, rows };
  }
}

/**
 * A read-only view of files of any size, for those that VS Code hands to no extension (50 MB and more): lines
 * are drawn as they come into view, links and searches select their passages, and words have their hovers.
 */
export class LargeFileEditor implements vscode.CustomReadonlyEditorProvider<LargeFile> {
  readonly #extensionUri: vscode.Uri;
  readonly #readings: Readings;
  readonly #retentions: Retentions;
  readonly #open = new Map<string, LargeFile>();

  constructor(extensionUri: vscode.Uri, readings: Readings, retentions: Retentions) {
    this.#extensionUri = extensionUri;
    this.#readings = readings;
    this.#retentions = retentions;
  }

  openCustomDocument(uri: vscode.Uri): LargeFile {
    const file = new LargeFile(uri);
    this.#open.set(uri.toString(), file);
    return file;
  }

  resolveCustomEditor(file: LargeFile, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(this.#extensionUri)] };
    let isReady!: () => void;
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const peer = new Peer<LargeFilePageMethods>(
      (message) => void webview.postMessage(message),
      dispatch<LargeFileHostMethods>({
        ready: isReady,
        rows: async ({ from, count }) => {
          const { bytes, rows } = await file.content;
          return rows.read(bytes, from, count);
        },
        hover: ({ start, end, view }) => this.#hover(file.uri, { start, end }, view),
      }),
    );
    const listening = webview.onDidReceiveMessage((message: Message) => peer.receive(message));
    const shown = this.#show(file, peer, ready);
    file.view = async ({ start, end }, focus) => {
      await shown;
      const { rows } = await file.content;
      const range = { start: rows.offsetOf(start), end: rows.offsetOf(end) };
      const row = rows.rowAt(range.start);
      if (focus) panel.reveal(undefined, false);
      await peer.request('select', { ...range, row, line: start.line + 1, focus });
    };
    panel.onDidDispose(() => {
      listening.dispose();
      peer.close(toMemMambaError(new Error('The view was closed.')));
      if (this.#open.get(file.uri.toString()) === file) this.#open.delete(file.uri.toString());
    });
    webview.html = largeFilePageHtml(pageHost(webview, this.#extensionUri));
  }

  /** Selects a passage in the view of a file, once that is there. */
  async select(uri: vscode.Uri, selection: TextSelection, focus: boolean): Promise<void> {
    await this.#open.get(uri.toString())?.view?.(selection, focus);
  }

  async #show(file: LargeFile, peer: Remote<LargeFilePageMethods>, ready: Promise<void>): Promise<void> {
    await ready;
    try {
      const { rows } = await file.content;
      await peer.request('open', { rows: rows.length, lines: rows.lines });
    } catch (error) {
      const { message } = toMemMambaError(error);
      await peer.request('open', { rows: 0, lines: 0, error: message }).catch(() => undefined);
    }
  }

  async #hover(uri: vscode.Uri, word: Span, view: Span): Promise<string | null> {
    const { t } = vscode.l10n;
    const reading = this.#readings.get(uri.toString());
    const isOn = vscode.workspace.getConfiguration('memmamba', uri).get<boolean>('hover.enabled', true);
    if (!reading || !isOn || (await reading.isStale())) return null;
    const around = await this.#retentions.within(reading, view, word);
    const text =
      hoverMarkdown(
        {
          word: around.filter(({ start, end }) => start < word.end && end > word.start),
          around,
          sample: this.#retentions.sample(reading),
          tokens: reading.coverage.tokens,
          complete: reading.coverage.complete,
        },
        t,
      ) ?? t('The model did not read this part of the document; the fast pass looked at it.');
    return vscode.commands.executeCommand<string>('markdown.api.render', text);
  }
}
