import * as vscode from 'vscode';
import type { Answer } from '../../models/analysis/types.js';
import type { Services } from '../services.js';
import { documentOf, wordsOf } from './arguments.js';
import { askQuestion } from './askQuestion.js';
import { requestKey, type SavedAnalyses } from '../analyses/saved.js';
import { pickPassage } from './pickPassage.js';
import { read } from './read.js';

/**
 * Asks the memory for a key, a code or a name. An answer counts as a hit only if it stands in the text;
 * others are shown as what they are. Gives the answer.
 */
export async function findPasskey(services: Services, ...args: unknown[]): Promise<Answer | undefined> {
  const { analyses, tasks } = services;
  const { t } = vscode.l10n;
  const uri = documentOf(services, args);
  const question = wordsOf(args) ?? (await askQuestion(t('Find Passkey')));
  if (question === undefined) return undefined;

  const { reading, answer } = await tasks.run(t('MemMamba: asking the memory'), async (task) => {
    const recall = ({ results }: SavedAnalyses) => requestKey('ask', { question }) in results;
    const reading = await read(services, uri, task, { recall });
    task.say(t('answering'));
    const answer = await analyses.ask(
      reading,
      { question },
      reading.coverage.complete ? { signal: task.signal } : {},
    );
    return { reading, answer };
  });

  if (answer.answer === 'none') {
    void vscode.window.showInformationMessage(
      reading.coverage.complete && !reading.stages
        ? t('MemMamba finds no answer to this in {0}.', reading.source.name)
        : t('MemMamba finds no answer to this in the part of {0} that was read.', reading.source.name),
    );
  } else if (answer.evidence.length === 0) {
    void vscode.window.showWarningMessage(
      t('The model says “{0}”, but the text does not: this is not a hit.', answer.answer),
    );
  } else {
    pickPassage(
      answer.evidence,
      reading,
      answer.verified
        ? t('{0} — found in the text', answer.answer)
        : t('{0} — NOT in the text, so not a hit; what the model looked at:', answer.answer),
      services.edits,
      answer.verified ? ({ text }) => text.includes(answer.answer) : undefined,
    );
  }
  return answer;
}
