import * as vscode from 'vscode';
import type { Edits } from '../readings/edits.js';
import { openLink } from './links.js';
import { pageFolder, pageHost } from '../webviews/page-host.js';
import { summaryPageHtml } from '../webviews/page-html.js';
import type { SummaryHostMessage, SummaryPageMessage } from '../protocol/summary.js';

/** By then the workbench has heard of the click that a link was followed with. */
const CLICK_MS = 250;
/** A page that shows nothing after that long has lost its script or a message, which happens on busy machines. */
const PATIENCE_MS = 10_000;
/** How often such a page is helped. */
const ATTEMPTS = 5;

/**
 * Follows a link, and asks for the keyboard again: the click gave it to this page, and the workbench may take
 * note of that only after it has shown the passage.
 */
async function follow(
  href: string,
  document: vscode.Uri,
  panel: vscode.WebviewPanel,
  edits: Edits,
): Promise<void> {
  await openLink(href, document, edits);
  await new Promise((resolve) => setTimeout(resolve, CLICK_MS));
  if (panel.active) await openLink(href, document, edits);
  else await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
}

/** HTML from VS Code's own Markdown engine; undefined where that is switched off, fails, or does not answer. */
async function rendered(markdown: string): Promise<string | undefined> {
  try {
    return await Promise.race([
      vscode.commands.executeCommand<string>('markdown.api.render', markdown),
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS)),
    ]);
  } catch (error) {
    console.warn('MemMamba shows a summary as plain text.', error);
    return undefined;
  }
}

/**
 * Makes of `work` a function that runs it one at a time: called while it runs, it runs once more afterwards. So
 * what was begun earlier and takes longer never replaces what is newer.
 */
function latest(work: () => Promise<void>): () => void {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const run = () =>
    work()
      .catch((error: unknown) => console.warn(error))
      .finally(() => (running = undefined));
  return () => {
    if (!running) running = run();
    else
      next ??= running.then(() => {
        next = undefined;
        return (running = run());
      });
  };
}

/**
 * Shows a summary, ours or a saved one, as rendered Markdown whose links select their passages. The text
 * itself is one “Reopen Editor With… Text Editor” away. Rendering is VS Code's own Markdown engine.
 */
export class SummaryEditor implements vscode.CustomTextEditorProvider {
  readonly #extensionUri: vscode.Uri;
  readonly #edits: Edits;

  constructor(extensionUri: vscode.Uri, edits: Edits) {
    this.#extensionUri = extensionUri;
    this.#edits = edits;
  }

  resolveCustomTextEditor(document: vscode.TextDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(this.#extensionUri)] };

    const render = latest(async () => {
      const text = document.getText();
      const html = await rendered(text);
      const message: SummaryHostMessage = { type: 'content', text, ...(html !== undefined && { html }) };
      await webview.postMessage(message);
    });
    const load = () => {
      webview.html = summaryPageHtml(pageHost(webview, this.#extensionUri));
    };
    let isListening = false;
    let attempts = 0;
    const watch = setInterval(() => {
      if (!panel.visible) return;
      if (++attempts > ATTEMPTS) clearInterval(watch);
      else if (isListening) render();
      else load();
    }, PATIENCE_MS);
    const subscriptions = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document) render();
      }),
      webview.onDidReceiveMessage((message: SummaryPageMessage) => {
        switch (message.type) {
          case 'ready':
            isListening = true;
            render();
            break;
          case 'shown':
            clearInterval(watch);
            break;
          case 'open':
            void follow(message.href, document.uri, panel, this.#edits);
        }
      }),
    ];
    panel.onDidDispose(() => {
      clearInterval(watch);
      vscode.Disposable.from(...subscriptions).dispose();
    });
    load();
  }
}
