import * as vscode from 'vscode';
import { goneError, isGone } from '../documents/source.js';
import { SELECT_IN_LARGE_FILE } from '../ids/command-ids.js';
import { LARGE_FILE_VIEW_TYPE } from '../ids/view-types.js';
import type { TextSelection } from '../documents/fragment.js';

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
  if (isInOurView(uri) || (await isTooLarge(uri))) {
    await showLarge(uri, { preserveFocus: preview, ...(range && { selection: range }) });
    if (selection) await vscode.commands.executeCommand(SELECT_IN_LARGE_FILE, uri, selection, !preview);
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: columnOf(uri) ?? vscode.ViewColumn.One,
    preserveFocus: preview,
    preview: false,
    ...(range && { selection: range }),
  });
  // Lists and inputs cover the upper half of the window: a passage that is looked at begins below them.
  if (range && preview) {
    editor.revealRange(new vscode.Range(range.start, range.start), vscode.TextEditorRevealType.InCenter);
  } else if (range) {
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}

/** Opens a document without taking the keyboard: in the editor, or in our own view where VS Code would hand it to no extension. */
export async function showDocument(uri: vscode.Uri): Promise<void> {
  const options = { preview: false, preserveFocus: true };
  if (await isTooLarge(uri)) await showLarge(uri, options);
  else await vscode.commands.executeCommand('vscode.open', uri, options);
}

/**
 * Brings a large file to the front: where VS Code shows it as text it goes to the passage itself, though we never
 * see the document; else our own view has it.
 */
async function showLarge(uri: vscode.Uri, options: vscode.TextDocumentShowOptions): Promise<void> {
  const isText = tabOf(uri)?.input instanceof vscode.TabInputText && !(await isAskedFor(uri));
  const view = { viewColumn: columnOf(uri) ?? vscode.ViewColumn.One, preview: false, ...options };
  if (isText) await vscode.commands.executeCommand('vscode.open', uri, view);
  else await vscode.commands.executeCommand('vscode.openWith', uri, LARGE_FILE_VIEW_TYPE, view);
}

/** True of files that VS Code shows as text only after a question (10 MB and more in remote windows and the web). */
async function isAskedFor(uri: vscode.Uri): Promise<boolean> {
  const megabytes = vscode.workspace
    .getConfiguration('workbench', uri)
    .get<number>('editorLargeFileConfirmation', Infinity);
  return (await vscode.workspace.fs.stat(uri)).size > megabytes * 1024 * 1024;
}

/** True where the reader has opened it in the view of large files, whatever its size, and not as text. */
function isInOurView(uri: vscode.Uri): boolean {
  return tabOf(uri)?.input instanceof vscode.TabInputCustom;
}

async function isTooLarge(uri: vscode.Uri): Promise<boolean> {
  if (isGone(uri)) throw goneError(uri);
  if (vscode.workspace.textDocuments.some((d) => d.uri.toString() === uri.toString())) return false;
  // A virtual document has no file system behind it.
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === undefined) return false;
  return (await vscode.workspace.fs.stat(uri)).size > MAX_DOCUMENT_BYTES;
}

/** The document's tab, so that a link never opens it twice; our view before one of text. */
function tabOf(uri: vscode.Uri): vscode.Tab | undefined {
  const isOf = (input: { readonly uri: vscode.Uri }) => input.uri.toString() === uri.toString();
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return (
    tabs.find(
      ({ input }) =>
        input instanceof vscode.TabInputCustom && input.viewType === LARGE_FILE_VIEW_TYPE && isOf(input),
    ) ?? tabs.find(({ input }) => input instanceof vscode.TabInputText && isOf(input))
  );
}

const columnOf = (uri: vscode.Uri): vscode.ViewColumn | undefined => tabOf(uri)?.group.viewColumn;
