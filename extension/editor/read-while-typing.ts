import * as vscode from 'vscode';
import { toMemMambaError } from '../protocol/errors.js';
import type { Readings } from '../readings/readings.js';
import type { Tasks } from '../progress/tasks.js';

/** Typing ends in a pause; only then is it worth reading. */
const SETTLE_MS = 700;

/**
 * While the reader types in a document that was read, reads again what the edit may have changed (setting
 * `memmamba.incremental`), so that hovers and panels stay about the text as it is. Gives way to everything else.
 */
export function readWhileTyping(readings: Readings, tasks: Tasks): vscode.Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading: AbortController | undefined;
  const stop = () => {
    clearTimeout(timer);
    reading?.abort();
    reading = undefined;
  };
  const read = async (uri: vscode.Uri) => {
    if (tasks.busy) return;
    const controller = new AbortController();
    reading = controller;
    try {
      await readings.ensure(uri, { signal: controller.signal });
    } catch (error) {
      // Nobody has asked for it; a command that needs the document will say what is wrong.
      if (toMemMambaError(error).code === 'internal') console.error(error);
    }
  };
  const listening = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    const isOn = vscode.workspace.getConfiguration('memmamba', document).get<boolean>('incremental', false);
    if (contentChanges.length === 0 || !isOn || !readings.get(document.uri.toString())) return;
    stop();
    timer = setTimeout(() => void read(document.uri), SETTLE_MS);
  });
  return new vscode.Disposable(() => {
    stop();
    listening.dispose();
  });
}
