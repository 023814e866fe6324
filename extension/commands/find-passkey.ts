import * as vscode from 'vscode';
import type { Answer } from '../../models/document/types.js';
import type { Services } from './services.js';
import { documentOf, wordsOf } from './arguments.js';
import { askQuestion } from './ask-question.js';
import { foundWords, noAnswer } from '../formatting/no-answer.js';
import { requestKey, type SavedAnalyses } from '../results/saved.js';
import { pickPassage } from './pick-passage.js';
import { read } from './read.js';

/**
 * Asks for a key, a code or a name: the memory, and the whole text for the place that fits the question. An answer
 * counts as a hit only if the text bears it out; others are shown as what they are. Gives the answer.
 */
export async function findPasskey(services: Services, ...args: unknown[]): Promise<Answer | undefined> {
  const { analyses, tasks } = services;
  const { t } = vscode.l10n;
  const uri = await documentOf(services, args);
  const question = wordsOf(args) ?? (await askQuestion(t('Find Passkey')));
  if (question === undefined) return undefined;

  const { reading, answer } = await tasks.run(t('MemMamba: asking the memory'), async (task) => {
    const recall = ({ results }: SavedAnalyses) => requestKey('ask', { question }) in results;
    const reading = await read(services, uri, task, { recall });
    task.report(t('answering'));
    const answer = await analyses.ask(
      reading,
      { question },
      reading.coverage.complete
        ? {
            signal: task.signal,
            onLookUp: (share) =>
              task.report(t('looking it up in the whole text: {0} %', Math.floor(100 * share))),
          }
        : {},
    );
    return { reading, answer };
  });

  if (answer.answer === 'none') {
    void vscode.window.showInformationMessage(noAnswer(reading.source, reading.coverage, answer, t));
  } else if (answer.evidence.length === 0) {
    void vscode.window.showWarningMessage(
      t('The model says “{0}”, but the text does not: this is not a hit.', answer.answer),
    );
  } else {
    pickPassage(
      answer.evidence,
      reading,
      answer.verified
        ? foundWords(answer.answer, answer, t)
        : answer.probability !== undefined
          ? t('Likely: {0} ({1} %)', answer.answer, Math.round(100 * answer.probability))
          : t('{0} — the text does not bear this out, so no hit; what the model looked at:', answer.answer),
      services.edits,
      answer.verified ? ({ text }) => text.includes(answer.answer) : undefined,
    );
  }
  return answer;
}
