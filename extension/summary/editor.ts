import * as vscode from 'vscode';
import type { Edits } from '../editor/edits.js';
import { openLink } from '../editor/summaryLinks.js';
import { pageFolder, pageHost } from '../pageHost.js';
import { summaryPageHtml } from '../pageHtml.js';
import type { SummaryHostMessage, SummaryPageMessage } from '../protocol.js';

export const SUMMARY_VIEW_TYPE = 'memmamba.summary';

/** By then the workbench has heard of the click that a link was followed with. */
const CLICK_MS = 250;

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

/** HTML from VS Code's own Markdown engine; undefined where that is switched off or fails. */
async function rendered(markdown: string): Promise<string | undefined> {
  try {
    return await vscode.commands.executeCommand<string>('markdown.api.render', markdown);
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
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly edits: Edits,
  ) {}

  resolveCustomTextEditor(document: vscode.TextDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(this.extensionUri)] };

    const render = latest(async () => {
      const text = document.getText();
      const html = await rendered(text);
      const message: SummaryHostMessage = { type: 'content', text, ...(html !== undefined && { html }) };
      await webview.postMessage(message);
    });
    const subscriptions = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document) render();
      }),
      webview.onDidReceiveMessage((message: SummaryPageMessage) => {
        if (message.type === 'ready') render();
        else void follow(message.href, document.uri, panel, this.edits);
      }),
    ];
    panel.onDidDispose(() => {
      vscode.Disposable.from(...subscriptions).dispose();
    });
    webview.html = summaryPageHtml(pageHost(webview, this.extensionUri));
  }
}
