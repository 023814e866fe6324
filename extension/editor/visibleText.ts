import * as vscode from 'vscode';
import type { Engine } from '../engine.js';
import { MAX_VISIBLE, type VisibleText } from '../protocol.js';
import type { Readings } from '../readings.js';

/** Scrolling ends in a pause; only then is it worth telling. */
const SETTLE_MS = 250;

/**
 * Tells the page which lines the reader sees of a document that was read, and what is selected there, so that
 * its panels move along.
 */
export function followVisibleText(engine: Engine, readings: Readings): vscode.Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = ({ textEditor }: { readonly textEditor: vscode.TextEditor }) => {
    const key = textEditor.document.uri.toString();
    if (!readings.get(key)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const visible = visibleTextOf(textEditor);
      if (visible) engine.notify('visible', { document: key, visible });
    }, SETTLE_MS);
  };
  const listening = vscode.Disposable.from(
    vscode.window.onDidChangeTextEditorVisibleRanges(tell),
    vscode.window.onDidChangeTextEditorSelection(tell),
  );
  return new vscode.Disposable(() => {
    clearTimeout(timer);
    listening.dispose();
  });
}

/** What the reader sees of a document, if it is in an editor. */
export function visibleText(uri: vscode.Uri): VisibleText | undefined {
  const editor = vscode.window.visibleTextEditors.find((e) => e.document.uri.toString() === uri.toString());
  return editor && visibleTextOf(editor);
}

/** What the reader sees in an editor. */
export function visibleTextOf({
  document,
  selection,
  visibleRanges,
}: vscode.TextEditor): VisibleText | undefined {
  const [first] = visibleRanges;
  const last = visibleRanges.at(-1);
  if (!first || !last) return undefined;
  const start = document.offsetAt(first.start);
  const end = Math.min(document.offsetAt(last.end), start + MAX_VISIBLE);
  return {
    start,
    end,
    selection: { start: document.offsetAt(selection.start), end: document.offsetAt(selection.end) },
  };
}
