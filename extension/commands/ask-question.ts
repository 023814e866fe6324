import * as vscode from 'vscode';

/** The question that the model was trained on; not translated, for neither was the model. */
const DEFAULT_QUESTION = 'What is the pass key?';

/** Asks the reader for a question to the document's memory; undefined when they think better of it. */
export function askQuestion(title: string): Thenable<string | undefined> {
  const { t } = vscode.l10n;
  return vscode.window.showInputBox({
    title,
    prompt: t('Ask for a key, a code, a number or a name that the document states'),
    value: DEFAULT_QUESTION,
    validateInput: (value) => (value.trim() ? undefined : t('Type a question.')),
  });
}
