import * as vscode from 'vscode';
import { enginePage, engineResourceRoots } from './engine-page.js';
import { besideText } from '../webviews/view-column.js';
import type { EngineAndModel, EngineChoice, ModelChoice } from '../protocol/engine.js';
import { MemMambaError, orCancelled } from '../protocol/errors.js';
import type { HostMethods, PageMethods } from '../protocol/page.js';
import {
  dispatch,
  Peer,
  type Message,
  type Methods,
  type Params,
  type Progress,
  type Remote,
  type RequestOptions,
  type Result,
} from '../protocol/rpc.js';
import { ENGINE_VIEW_TYPE } from '../ids/view-types.js';

/** A page that has not answered by then never will: its scripts did not load. */
const READY_TIMEOUT_MS = 60_000;

interface Page {
  readonly panel: vscode.WebviewPanel;
  readonly peer: Peer<PageMethods>;
  readonly ready: Promise<void>;
}

/**
 * The webview panel that holds the engine. Started by the first request, kept while hidden, started again
 * after the reader closed it; what was waiting for it then is rejected with the code `closed`, and the
 * memories it held are gone (`onDidClose`).
 */
export class Engine implements Remote<PageMethods>, vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #methods: Omit<Methods<HostMethods>, 'ready'>;
  #page: Page | undefined;
  readonly #closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.#closed.event;

  constructor(
    extensionUri: vscode.Uri,
    /** Answers to what the page asks, besides `ready`. */
    methods: Omit<Methods<HostMethods>, 'ready'>,
  ) {
    this.#extensionUri = extensionUri;
    this.#methods = methods;
  }

  /** The engine that the reader's settings ask for. */
  get choice(): EngineChoice {
    return vscode.workspace.getConfiguration('memmamba').get<EngineChoice>('engine', 'auto');
  }

  /** The same, and the model. */
  get settings(): EngineAndModel {
    const model = vscode.workspace.getConfiguration('memmamba').get<ModelChoice>('model', 'auto');
    return { engine: this.choice, model };
  }

  /** Where the page's tab is. */
  get column(): vscode.ViewColumn | undefined {
    return this.#page?.panel.viewColumn;
  }

  /** Opens the page unless it is there already; what is opened next covers it. */
  prepare(): void {
    this.#page ??= this.#open();
  }

  /** Asks the page, starting it if need be; until it listens, the request waits here. */
  async request<K extends keyof PageMethods>(
    method: K,
    params: Params<PageMethods, K>,
    options: RequestOptions<Progress<PageMethods, K>> = {},
  ): Promise<Result<PageMethods, K>> {
    const page = (this.#page ??= this.#open());
    await orCancelled(page.ready, options.signal);
    return page.peer.request(method, params, options);
  }

  /** Tells an open page something that does not matter to a closed one. */
  notify<K extends keyof PageMethods>(method: K, params: Params<PageMethods, K>): void {
    if (this.#page) void this.request(method, params).catch(() => undefined);
  }

  /** Brings the page to the front without taking the keyboard from the text. */
  reveal(): void {
    this.#page?.panel.reveal(undefined, true);
  }

  /** Takes over the panel that a reload of the window left behind, as a fresh, idle page. */
  restore(panel: vscode.WebviewPanel): void {
    if (this.#page) panel.dispose();
    else this.#page = this.#connect(panel);
  }

  dispose(): void {
    this.#page?.panel.dispose();
    this.#closed.dispose();
  }

  #open(): Page {
    return this.#connect(
      vscode.window.createWebviewPanel(
        ENGINE_VIEW_TYPE,
        'MemMamba',
        { viewColumn: besideText(), preserveFocus: true },
        { retainContextWhenHidden: true },
      ),
    );
  }

  #connect(panel: vscode.WebviewPanel): Page {
    const { webview } = panel;
    let settleReady: { resolve(): void; reject(error: MemMambaError): void };
    const ready = new Promise<void>((resolve, reject) => (settleReady = { resolve, reject }));
    ready.catch(() => undefined);
    const timer = setTimeout(() => {
      settleReady.reject(
        new MemMambaError(
          'closed',
          vscode.l10n.t('The MemMamba page did not start. Close its tab and try again.'),
        ),
      );
    }, READY_TIMEOUT_MS);

    const peer = new Peer<PageMethods>(
      (message) => void webview.postMessage(message),
      dispatch<HostMethods>({
        ...this.#methods,
        ready: () => {
          clearTimeout(timer);
          settleReady.resolve();
        },
      }),
    );
    const listening = webview.onDidReceiveMessage((message: Message) => peer.receive(message));
    panel.onDidDispose(() => {
      clearTimeout(timer);
      listening.dispose();
      const reason = new MemMambaError(
        'closed',
        vscode.l10n.t('The MemMamba tab was closed while it worked. Run the command again to start over.'),
      );
      settleReady.reject(reason);
      this.#page = undefined;
      peer.close(reason);
      this.#closed.fire();
    });

    panel.iconPath = {
      light: vscode.Uri.joinPath(this.#extensionUri, 'media/icon-light.svg'),
      dark: vscode.Uri.joinPath(this.#extensionUri, 'media/icon-dark.svg'),
    };
    webview.options = { enableScripts: true, localResourceRoots: engineResourceRoots(this.#extensionUri) };
    webview.html = enginePage(webview, this.#extensionUri);
    return { panel, peer, ready };
  }
}
