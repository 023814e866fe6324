import * as vscode from 'vscode';
import type { Span } from '../../models/text/span.js';
import type { Engine } from '../engine/engine.js';
import { MAX_VISIBLE, type VisibleText } from '../protocol/page.js';
import type { Edits } from '../readings/edits.js';
import type { Reading, Readings } from '../readings/readings.js';

/** Scrolling ends in a pause; only then is it worth telling. */
const SETTLE_MS = 250;

/**
 * Tells the page which lines the reader sees of a document that was read, and what is selected there, so that
 * its panels move along.
 */
export function followVisibleText(engine: Engine, readings: Readings, edits: Edits): vscode.Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = ({ textEditor }: { readonly textEditor: vscode.TextEditor }) => {
    const key = textEditor.document.uri.toString();
    const reading = readings.get(key);
    if (!reading) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const visible = inPage(reading, visibleTextOf(textEditor), edits);
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

/** What the reader sees of a document, if it is in an editor, in the offsets of the engine's page. */
export function visibleInPage(reading: Reading, edits: Edits): VisibleText | undefined {
  const { key } = reading.source;
  const editor = vscode.window.visibleTextEditors.find((e) => e.document.uri.toString() === key);
  return editor && inPage(reading, visibleTextOf(editor), edits);
}

/**
 * The page knows the text as it was read, and of a document that was read in stages the parts only that the model
 * has read.
 */
function inPage(reading: Reading, now: VisibleText | undefined, edits: Edits): VisibleText | undefined {
  if (!now) return undefined;
  const visible: VisibleText = {
    ...edits.toRead(reading, now),
    ...(now.selection && { selection: edits.toRead(reading, now.selection) }),
  };
  const { stages } = reading;
  if (!stages) return visible;
  const read = ({ start, end }: Span): Span | undefined => {
    const parts = stages.text.fromDocument(start, end);
    const [first] = parts;
    const last = parts.at(-1);
    return first && last && { start: first.start, end: last.end };
  };
  const shown = read(visible);
  const selection = visible.selection && read(visible.selection);
  return shown && { ...shown, ...(selection && { selection }) };
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
