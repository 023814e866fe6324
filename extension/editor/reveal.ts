import * as vscode from 'vscode';
import { MemMambaError } from '../protocol.js';
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
): Promise<vscode.TextEditor> {
  const isOpen = vscode.workspace.textDocuments.some((d) => d.uri.toString() === uri.toString());
  if (!isOpen && uri.scheme !== 'untitled') {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MAX_DOCUMENT_BYTES) {
      throw new MemMambaError(
        'document',
        vscode.l10n.t(
          'VS Code shows no file above 50 MB to extensions. The passage begins in line {0}.',
          (selection?.start.line ?? 0) + 1,
        ),
      );
    }
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const range = selection && toRange(selection);
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: columnOf(uri),
    preserveFocus: preview,
    preview: false,
    ...(range && { selection: range }),
  });
  if (range) editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return editor;
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
