import * as vscode from 'vscode';
import type { Passage } from '../../models/document/types.js';
import type { Anchor } from '../../models/packed/types.js';
import { whereWords } from '../formatting/place.js';
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
  const { coverage, source } = reading;
  const pick = vscode.window.createQuickPick<PassageItem>();
  pick.title = wasReadWhole(coverage, source) ? title : `${title} · ${shareRead(coverage, source, t)}`;
  pick.placeholder = t('Enter goes to the passage');
  pick.matchOnDetail = true;
  const itemOf = itemsOf(source.packed?.anchors);
  pick.items = isAnswer ? sortedItems(passages, itemOf, isAnswer) : passages.map(itemOf);

  const goBack = wayBack();
  let accepted = false;
  pick.onDidChangeActive(([item]) => void show(item, reading, edits, true));
  pick.onDidAccept(() => {
    accepted = true;
    const [item] = pick.activeItems;
    pick.hide();
    void show(item, reading, edits, false);
  });
  pick.onDidHide(() => {
    pick.dispose();
    if (!accepted) goBack();
  });
  pick.show();
}

type ItemOf = (passage: Passage) => PassageItem;

/** Items that name the page, chapter, slide or sheet where the document has such, and the line. */
function itemsOf(anchors: readonly Anchor[] | undefined): ItemOf {
  const { t } = vscode.l10n;
  return (passage) => ({
    label: whereWords(passage, anchors, t),
    description: t('score {0}', passage.score.toFixed(3)),
    detail: oneLine(passage.snippet ?? passage.text),
    passage,
  });
}

/** The passages in which the answer stands first, under a heading each. */
function sortedItems(
  passages: readonly Passage[],
  itemOf: ItemOf,
  isAnswer: (passage: Passage) => boolean,
): PassageItem[] {
  const { t } = vscode.l10n;
  const heading = (label: string): PassageItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const others = passages.filter((passage) => !isAnswer(passage));
  return [
    heading(t('It stands here')),
    ...passages.filter(isAnswer).map(itemOf),
    ...(others.length > 0 ? [heading(t('Where the model looked besides'))] : []),
    ...others.map(itemOf),
  ];
}

/** Shows an item's passage in the editor; while the reader moves through the list (`preview`) errors are not worth telling. */
async function show(
  item: PassageItem | undefined,
  reading: Reading,
  edits: Edits,
  preview: boolean,
): Promise<void> {
  if (!item?.passage) return;
  try {
    await reveal(reading.source.uri, edits.place(reading, item.passage), { preview });
  } catch (error) {
    if (!preview) void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}

/** Remembers where the reader is, and leads back there. */
function wayBack(): () => void {
  const before = vscode.window.activeTextEditor;
  const selection = before?.selection;
  return () => {
    if (!before || !selection) return;
    void vscode.window.showTextDocument(before.document, {
      viewColumn: before.viewColumn ?? vscode.ViewColumn.One,
      selection,
    });
  };
}
