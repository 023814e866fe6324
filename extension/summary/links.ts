import * as vscode from 'vscode';
import { OPEN_LINK } from '../ids/command-ids.js';
import { markdownLinks } from './markdown.js';
import { textOf } from '../documents/packed-file.js';
import { resolveLink } from '../documents/summary-uri.js';
import type { Edits } from '../readings/edits.js';
import { reveal } from '../editor/reveal.js';

/**
 * Links in the text of a summary (“Reopen Editor With… Text Editor”): every sentence leads to its passage,
 * as in the rendered view.
 */
export class SummaryLinks implements vscode.DocumentLinkProvider {
  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    return markdownLinks(document.getText()).map(({ start, end, target }) => {
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      const args = encodeURIComponent(JSON.stringify([target, document.uri.toString()]));
      const link = new vscode.DocumentLink(range, vscode.Uri.parse(`command:${OPEN_LINK}?${args}`));
      link.tooltip = vscode.l10n.t('Go to the passage');
      return link;
    });
  }
}

/** Follows a link of a summary, through what was edited since; says what is wrong where it leads nowhere. */
export async function openLink(href: string, document: vscode.Uri, edits: Edits): Promise<void> {
  try {
    const { uri: target, selection } = resolveLink(href, document);
    const uri = await textOf(target);
    await reveal(uri, selection && edits.follow(uri, selection));
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}
