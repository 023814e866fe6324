import * as vscode from 'vscode';
import type { TextSelection } from './fragment.js';

/** VS Code hands no larger file to extensions (`openTextDocument` refuses it after reading it all). */
const MAX_DOCUMENT_BYTES = 50 * 1024 * 1024;

export const toRange = ({ start, end }: TextSelection) =>
  new vscode.Range(start.line, start.character, end.line, end.character);

/**
 * Selects a passage in the editor that shows the document, or in a new one. With `preview` the keyboard
 * stays where it is.
 */
export async function reveal(
  uri: vscode.Uri,
  selection: TextSelection | undefined,
  { preview = false } = {},
): Promise<void> {
  const range = selection && toRange(selection);
  if (await isTooLarge(uri)) {
    // The reader can still open it, and VS Code itself goes to the line; only we never see the document.
    await vscode.commands.executeCommand('vscode.open', uri, {
      viewColumn: columnOf(uri),
      preserveFocus: preview,
      preview: false,
      ...(range && { selection: range }),
    });
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: columnOf(uri),
    preserveFocus: preview,
    preview: false,
    ...(range && { selection: range }),
  });
  if (range) editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

async function isTooLarge(uri: vscode.Uri): Promise<boolean> {
  const isOpen = vscode.workspace.textDocuments.some((d) => d.uri.toString() === uri.toString());
  if (isOpen || uri.scheme === 'untitled') return false;
  return (await vscode.workspace.fs.stat(uri)).size > MAX_DOCUMENT_BYTES;
}

/** The column where the document's tab is, so that a link never opens it twice. */
function columnOf(uri: vscode.Uri): vscode.ViewColumn {
  for (const group of vscode.window.tabGroups.all) {
    for (const { input } of group.tabs) {
      if (input instanceof vscode.TabInputText && input.uri.toString() === uri.toString())
        return group.viewColumn;
    }
  }
  return vscode.ViewColumn.One;
}
