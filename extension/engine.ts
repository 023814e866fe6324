import * as vscode from 'vscode';
import { enginePage, engineResourceRoots } from './enginePage.js';
import { besideText } from './editor/columns.js';
import {
  MemMambaError,
  orCancelled,
  Peer,
  type EngineAndModel,
  type EngineChoice,
  type Handlers,
  type HostMessage,
  type HostMethods,
  type ModelChoice,
  type PageMessage,
  type PageMethods,
} from './protocol.js';
import { ENGINE_VIEW_TYPE } from './viewTypes.js';

/** A page that has not answered by then never will: its scripts did not load. */
const READY_TIMEOUT_MS = 60_000;

type PagePeer = Peer<HostMethods, PageMethods>;

interface Page {
  readonly panel: vscode.WebviewPanel;
  readonly peer: PagePeer;
  readonly ready: Promise<void>;
}

/**
 * The webview panel that holds the engine. Started by the first request, kept while hidden, started again
 * after the reader closed it; what was waiting for it then is rejected with the code `closed`, and the
 * memories it held are gone (`onDidClose`).
 */
export class Engine implements vscode.Disposable {
  private page: Page | undefined;
  private readonly closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.closed.event;

  constructor(
    private readonly extensionUri: vscode.Uri,
    /** Answers to what the page asks, besides `ready`. */
    private readonly handlers: Omit<Handlers<HostMethods>, 'ready'>,
  ) {}

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
    return this.page?.panel.viewColumn;
  }

  /** Opens the page unless it is there already; what is opened next covers it. */
  prepare(): void {
    this.page ??= this.open();
  }

  /** Asks the page, starting it if need be. See `Peer.request`. */
  async request<K extends keyof PageMethods>(
    method: K,
    params: PageMethods[K]['params'],
    options: { signal?: AbortSignal; onProgress?: (progress: PageMethods[K]['progress']) => void } = {},
  ): Promise<PageMethods[K]['result']> {
    const page = (this.page ??= this.open());
    await orCancelled(page.ready, options.signal);
    return page.peer.request(method, params, options);
  }

  /** Tells an open page something that does not matter to a closed one. */
  notify<K extends keyof PageMethods>(method: K, params: PageMethods[K]['params']): void {
    if (this.page) void this.request(method, params).catch(() => undefined);
  }

  /** Brings the page to the front without taking the keyboard from the text. */
  reveal(): void {
    this.page?.panel.reveal(undefined, true);
  }

  /** Takes over the panel that a reload of the window left behind, as a fresh, idle page. */
  adopt(panel: vscode.WebviewPanel): void {
    if (this.page) panel.dispose();
    else this.page = this.connect(panel);
  }

  dispose(): void {
    this.page?.panel.dispose();
    this.closed.dispose();
  }

  private open(): Page {
    return this.connect(
      vscode.window.createWebviewPanel(
        ENGINE_VIEW_TYPE,
        'MemMamba',
        { viewColumn: besideText(), preserveFocus: true },
        { retainContextWhenHidden: true },
      ),
    );
  }

  private connect(panel: vscode.WebviewPanel): Page {
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

    const peer: PagePeer = new Peer<HostMethods, PageMethods>(
      (message: HostMessage) => void webview.postMessage(message),
      {
        ...this.handlers,
        ready: () => {
          clearTimeout(timer);
          settleReady.resolve();
          return null;
        },
      },
    );
    const listening = webview.onDidReceiveMessage((message: PageMessage) => peer.receive(message));
    panel.onDidDispose(() => {
      clearTimeout(timer);
      listening.dispose();
      const reason = new MemMambaError(
        'closed',
        vscode.l10n.t('The MemMamba tab was closed while it worked. Run the command again to start over.'),
      );
      settleReady.reject(reason);
      this.page = undefined;
      peer.close(reason);
      this.closed.fire();
    });

    panel.iconPath = {
      light: vscode.Uri.joinPath(this.extensionUri, 'media/icon-light.svg'),
      dark: vscode.Uri.joinPath(this.extensionUri, 'media/icon-dark.svg'),
    };
    webview.options = { enableScripts: true, localResourceRoots: engineResourceRoots(this.extensionUri) };
    webview.html = enginePage(webview, this.extensionUri);
    return { panel, peer, ready };
  }
}
