import * as vscode from 'vscode';
import type { Comparison } from '../../models/document/types.js';
import type { Services } from './services.js';
import { documentOf, wordsOf } from './arguments.js';
import { askQuestion } from './ask-question.js';
import { showPanel } from './show-panel.js';

/**
 * Reads the document a second time with the state pool off, asks both readings the same question, and shows what
 * the note block is for. Gives the comparison.
 */
export async function comparePlain(services: Services, ...args: unknown[]): Promise<Comparison | undefined> {
  const { engine, tasks } = services;
  const { t } = vscode.l10n;
  const uri = await documentOf(services, args);
  const question = wordsOf(args) ?? (await askQuestion(t('Compare with Plain Mamba')));
  if (question === undefined) return undefined;

  const title = t('MemMamba: comparing with plain Mamba');
  const reading = await showPanel(services, 'compare', title, [uri]);
  // A task of its own: of a first reading that was cancelled, what was read is still worth comparing.
  return tasks.run(title, (task) =>
    engine.request(
      'compare',
      { document: reading.source.key, question },
      {
        signal: task.signal,
        onProgress: (progress) => task.reportReading(progress, progress.totalBytes ?? 0),
      },
    ),
  );
}
