import * as vscode from 'vscode';
import type { Engine } from '../engine.js';
import type { Readings } from '../readings.js';

/** Scrolling ends in a pause; only then is it worth telling. */
const SETTLE_MS = 250;

/** Tells the page which lines the reader sees of a document that was read, so that its panels move along. */
export function followVisibleRange(engine: Engine, readings: Readings): vscode.Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listening = vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor, visibleRanges }) => {
    const { document } = textEditor;
    const key = document.uri.toString();
    const [range] = visibleRanges;
    if (!range || !readings.get(key)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      engine.notify('visible', {
        document: key,
        start: document.offsetAt(range.start),
        end: document.offsetAt(range.end),
      });
    }, SETTLE_MS);
  });
  return new vscode.Disposable(() => {
    clearTimeout(timer);
    listening.dispose();
  });
}
