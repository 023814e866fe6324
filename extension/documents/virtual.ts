import * as vscode from 'vscode';

/** Documents that MemMamba writes: summaries and reports. Read-only; “Save As…” makes a file of one. */
export const VIRTUAL_SCHEME = 'memmamba';

/**
 * Holds the text of our documents. They live as long as the extension host: a tab that outlives it asks
 * `lost` what to show.
 */
export class VirtualDocuments implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly lost: (uri: vscode.Uri) => Promise<string>) {}

  provideTextDocumentContent(uri: vscode.Uri): string | Promise<string> {
    return this.texts.get(uri.toString()) ?? this.lost(uri);
  }

  set(uri: vscode.Uri, text: string): void {
    if (this.texts.get(uri.toString()) === text) return;
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
  }

  delete(uri: vscode.Uri): void {
    this.texts.delete(uri.toString());
  }
}
