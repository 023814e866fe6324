import * as vscode from 'vscode';
import type { Summary } from '../../models/document/types.js';
import type { EngineChoice } from '../protocol/engine.js';
import { textOf } from '../documents/packed-file.js';
import { nameOf } from '../documents/packed-uri.js';
import type { Readings } from '../readings/readings.js';
import { contextOf } from './context.js';
import { messageMarkdown, summaryMarkdown } from './markdown.js';
import { sourceOf } from '../documents/summary-uri.js';

/**
 * Text of a document of ours whose tab was restored in a later session: the summary that is kept of its source,
 * if the source is still the same text; else what to do.
 */
export async function restoredText(
  uri: vscode.Uri,
  readings: Readings,
  choice: () => EngineChoice,
): Promise<string> {
  const { t } = vscode.l10n;
  const source = sourceOf(uri);
  const base = { name: nameOf(source ?? uri), totalBytes: 0, link: () => '', t };
  try {
    const reading = source && (await readings.recall(await textOf(source), new AbortController().signal));
    const kept = Object.entries(reading?.saved?.results ?? {}).findLast(([key]) =>
      key.startsWith('summarize '),
    );
    if (reading && kept) {
      return summaryMarkdown(kept[1] as Summary, { ...base, ...contextOf(reading, choice()) });
    }
  } catch (error) {
    // The source is gone, or cannot be read any more.
    console.warn(error);
  }
  return messageMarkdown(
    t('This was made in an earlier session. Run the command again to make it anew.'),
    base,
  );
}
