import * as vscode from 'vscode';
import { formatShare } from '../protocol/format.js';
import { formatDuration } from '../progress/reading-progress.js';
import type { Readings } from '../readings/readings.js';

/** Says what was read of a document that was read in stages, and offers to read everything. */
export function offerEverything(readings: Readings): vscode.Disposable {
  return readings.onDidStage(({ source, coverage, stages }) => {
    const { t } = vscode.l10n;
    const everything = t('Read Everything');
    const message = t(
      'The model read {0} of {1}: what is rare in it, and parts from all over it. The fast pass looked at all of it. Reading everything would take about {2}.',
      formatShare(coverage.bytes / source.totalBytes),
      source.name,
      formatDuration(stages?.secondsForAll ?? 0, t),
    );
    void vscode.window.showInformationMessage(message, everything).then((chosen) => {
      if (chosen) void vscode.commands.executeCommand('memmamba.readEverything', source.uri);
    });
  });
}
