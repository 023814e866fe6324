import * as vscode from 'vscode';

/** Documents that MemMamba writes: summaries and reports. Read-only; “Save As…” makes a file of one. */
export const VIRTUAL_SCHEME = 'memmamba';

/**
 * Holds the text of our documents. They live as long as the extension host: a tab that outlives it asks
 * `lost` what to show.
 */
export class VirtualDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #lost: (uri: vscode.Uri) => Promise<string>;
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  readonly #opened: vscode.Disposable;

  constructor(lost: (uri: vscode.Uri) => Promise<string>) {
    this.#lost = lost;
    // VS Code passes over a change of a document that is just being opened, with the text as it was when it asked.
    this.#opened = vscode.workspace.onDidOpenTextDocument((document) => {
      const text = this.#texts.get(document.uri.toString());
      if (text !== undefined && text !== document.getText()) this.#changed.fire(document.uri);
    });
  }

  dispose(): void {
    this.#opened.dispose();
    this.#changed.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string | Promise<string> {
    return this.#texts.get(uri.toString()) ?? this.#lost(uri);
  }

  set(uri: vscode.Uri, text: string): void {
    if (this.#texts.get(uri.toString()) === text) return;
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
  }

  delete(uri: vscode.Uri): void {
    this.#texts.delete(uri.toString());
  }
}
