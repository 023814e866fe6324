import * as vscode from 'vscode';
import type { Comparison } from '../../models/analysis/types.js';
import { visibleText } from '../editor/visibleText.js';
import type { Services } from '../services.js';
import { documentOf, wordsOf } from './arguments.js';
import { askQuestion } from './askQuestion.js';

/**
 * Reads the document a second time with the state pool off, asks both readings the same question, and shows what
 * the note block is for. Gives the comparison.
 */
export async function comparePlain(services: Services, ...args: unknown[]): Promise<Comparison | undefined> {
  const { engine, readings, tasks } = services;
  const { t } = vscode.l10n;
  const uri = documentOf(services, args);
  const question = wordsOf(args) ?? (await askQuestion(t('Compare with Plain Mamba')));
  if (question === undefined) return undefined;

  return tasks.run(t('MemMamba: comparing with plain Mamba'), async (task) => {
    const reading = await readings.ensure(uri, {
      signal: task.signal,
      onProgress: (progress) => task.read(progress, progress.totalBytes ?? 0),
    });
    const document = reading.source.key;
    const visible = visibleText(uri);
    engine.reveal();
    await engine.request('show', { panel: 'compare', document, ...(visible && { visible }) });
    task.say(t('reading once more, with the pool off'));
    return engine.request(
      'compare',
      { document, question },
      {
        // After a cancelled first reading the part that was read is still worth comparing.
        ...(reading.coverage.complete && { signal: task.signal }),
        onProgress: (progress) => task.read(progress, progress.totalBytes ?? 0),
      },
    );
  });
}
