import * as vscode from 'vscode';
import type { Passage } from '../../models/document/types.js';
import { settingsOf } from '../documents/settings.js';
import type { Services } from './services.js';
import { documentOf, wordsOf } from './arguments.js';
import { requestKey, type SavedAnalyses } from '../results/saved.js';
import { pickPassage } from './pick-passage.js';
import { read } from './read.js';

/** Lists the passages that best match a query in plain words; Enter goes there. Gives the passages. */
export async function findPassages(
  services: Services,
  ...args: unknown[]
): Promise<readonly Passage[] | undefined> {
  const { analyses, tasks } = services;
  const { t } = vscode.l10n;
  const uri = await documentOf(services, args);
  const query =
    wordsOf(args) ??
    (await vscode.window.showInputBox({
      title: t('Find Passages'),
      prompt: t('What the passage is about, in plain words'),
      placeHolder: t('the storm and the lighthouse'),
      validateInput: (value) => (value.trim() ? undefined : t('Type at least one word.')),
    }));
  if (query === undefined) return undefined;

  const found = await tasks.run(t('MemMamba: finding passages'), async (task) => {
    const top = settingsOf(uri).get('passages.count', 10);
    const params = { query, top };
    const recall = ({ results }: SavedAnalyses) => requestKey('passages', params) in results;
    const reading = await read(services, uri, task, { recall });
    task.report(t('searching'));
    const passages = await analyses.passages(
      reading,
      params,
      reading.coverage.complete ? { signal: task.signal } : {},
    );
    return { reading, passages };
  });

  if (found.passages.length === 0) {
    void vscode.window.showInformationMessage(t('No passage in {0} matches.', found.reading.source.name));
  } else {
    pickPassage(found.passages, found.reading, t('Passages for “{0}”', query), services.edits);
  }
  return found.passages;
}
