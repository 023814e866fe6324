import * as vscode from 'vscode';
import { sourceOf } from './summary-uri.js';
import { VIRTUAL_SCHEME } from './virtual.js';

/** Schemes that hold our own pages, terminals' output and the like: nothing that one would summarize. */
const NOT_DOCUMENTS = new Set(['output', 'debug', 'vscode-settings', 'walkThrough', 'comment']);

/**
 * Knows which document a command without an argument means: the one in the active tab. That may be one above
 * 50 MB, of which the editor gives us no document. For a summary it is the document it is about, and for a tab
 * of our own the document that was active before it.
 */
export class ActiveDocument implements vscode.Disposable {
  #last: vscode.Uri | undefined;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor() {
    this.#note();
    this.#subscriptions = [
      this.#changed,
      vscode.window.onDidChangeActiveTextEditor(() => this.#note()),
      vscode.window.tabGroups.onDidChangeTabs(() => this.#note()),
      vscode.window.tabGroups.onDidChangeTabGroups(() => this.#note()),
    ];
  }

  /** Undefined if no document was open yet. */
  get(): vscode.Uri | undefined {
    this.#note();
    return this.#last;
  }

  /** What `get` gave last. */
  peek(): vscode.Uri | undefined {
    return this.#last;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #note(): void {
    const uri = inActiveTab();
    if (!uri || NOT_DOCUMENTS.has(uri.scheme) || uri.toString() === this.#last?.toString()) return;
    this.#last = uri;
    this.#changed.fire();
  }
}

function inActiveTab(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = uriIn(input) ?? vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === VIRTUAL_SCHEME ? sourceOf(uri) : uri;
}

/** The document of a tab, also of one that another extension shows, or a kind of tab that is not known here. */
function uriIn(input: unknown): vscode.Uri | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { uri, modified } = input as { readonly uri?: unknown; readonly modified?: unknown };
  return [uri, modified].find((value) => value instanceof vscode.Uri);
}
