import * as vscode from 'vscode';
import type { EnsureOptions, Reading } from '../readings/readings.js';
import type { Services } from './services.js';
import type { Task } from '../progress/tasks.js';

/** Reads a document unless it was read, and shows in `task` how far that has come. */
export function read(
  { readings }: Services,
  uri: vscode.Uri,
  task: Task,
  options: Omit<Partial<EnsureOptions>, 'signal'> = {},
): Promise<Reading> {
  return readings.ensure(uri, {
    ...options,
    signal: task.signal,
    onProgress: (progress) => {
      task.reportReading(progress, progress.totalBytes ?? 0);
      options.onProgress?.(progress);
    },
    onUnpack: (share) => task.report(vscode.l10n.t('unpacking the document: {0} %', Math.floor(100 * share))),
    onLook: (share) => task.report(vscode.l10n.t('opening the document: {0} %', Math.floor(100 * share))),
    onStart: (source, isKnown) => {
      if (!isKnown) task.report(vscode.l10n.t('starting the model'));
      options.onStart?.(source, isKnown);
    },
    onScan: (share) => {
      task.report(vscode.l10n.t('looking at all of it: {0} %', Math.floor(100 * share)));
      options.onScan?.(share);
    },
  });
}
