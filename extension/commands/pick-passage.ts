import * as vscode from 'vscode';
import type { Passage } from '../../models/document/types.js';
import type { Edits } from '../readings/edits.js';
import { reveal } from '../editor/reveal.js';
import { shareRead, wasReadWhole } from '../progress/reading-progress.js';
import type { Reading } from '../readings/readings.js';

interface PassageItem extends vscode.QuickPickItem {
  readonly passage?: Passage;
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/**
 * Offers passages, best first: moving through the list shows each in the editor, Enter goes there, Escape
 * goes back to where the reader was. Does not wait for the choice. Those in which the answer stands
 * (`isAnswer`) are told from the others.
 */
export function pickPassage(
  passages: readonly Passage[],
  reading: Reading,
  title: string,
  edits: Edits,
  isAnswer?: (passage: Passage) => boolean,
): void {
  const { t } = vscode.l10n;
  const pick = vscode.window.createQuickPick<PassageItem>();
  const before = vscode.window.activeTextEditor;
  const selection = before?.selection;
  const { coverage, source } = reading;
  const isWhole = wasReadWhole(coverage);
  pick.title = isWhole ? title : `${title} · ${shareRead(coverage, source.totalBytes, t)}`;
  pick.placeholder = t('Enter goes to the passage');
  pick.matchOnDetail = true;
  const itemOf = (passage: Passage): PassageItem => ({
    label: t('Line {0}', passage.line),
    description: t('score {0}', passage.score.toFixed(3)),
    detail: oneLine(passage.snippet ?? passage.text),
    passage,
  });
  const heading = (label: string): PassageItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  if (isAnswer) {
    const others = passages.filter((passage) => !isAnswer(passage));
    pick.items = [
      heading(t('It stands here')),
      ...passages.filter(isAnswer).map(itemOf),
      ...(others.length > 0 ? [heading(t('Where the model looked besides'))] : []),
      ...others.map(itemOf),
    ];
  } else {
    pick.items = passages.map(itemOf);
  }

  const show = async (item: PassageItem | undefined, preview: boolean) => {
    if (!item?.passage) return;
    try {
      await reveal(source.uri, edits.place(reading, item.passage), { preview });
    } catch (error) {
      if (!preview)
        void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  };
  let accepted = false;
  pick.onDidChangeActive(([item]) => void show(item, true));
  pick.onDidAccept(() => {
    accepted = true;
    const [item] = pick.activeItems;
    pick.hide();
    void show(item, false);
  });
  pick.onDidHide(() => {
    pick.dispose();
    if (!accepted && before && selection) {
      void vscode.window.showTextDocument(before.document, {
        viewColumn: before.viewColumn ?? vscode.ViewColumn.One,
        selection,
      });
    }
  });
  pick.show();
}
