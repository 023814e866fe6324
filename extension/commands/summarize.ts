import * as vscode from 'vscode';
import type { Summary } from '../../models/document/types.js';
import { readingState, type ReadingState } from '../progress/reading-progress.js';
import { requestKey } from '../results/saved.js';
import { besideText } from '../webviews/view-column.js';
import { toMemMambaError } from '../protocol/errors.js';
import type { Services } from './services.js';
import {
  messageMarkdown,
  readingMarkdown,
  summaryMarkdown,
  type SummaryContext,
} from '../summary/markdown.js';
import { contextOf } from '../summary/context.js';
import { fileOf, nameOf } from '../documents/packed-uri.js';
import { settingsOf } from '../documents/settings.js';
import { summaryUri } from '../documents/summary-uri.js';
import { SUMMARY_VIEW_TYPE } from '../ids/view-types.js';
import { documentOf } from './arguments.js';
import { read } from './read.js';

/** Updates a second of a summary that is being made: legible, and no load on the editor. */
const UPDATE_MS = 400;

/**
 * Reads the document and opens its summary beside it, at once and growing: progress first, then the
 * summary, of as much as was read if the reader cancels. Gives the summary.
 */
export async function summarize(services: Services, ...args: unknown[]): Promise<Summary | undefined> {
  const { analyses, documents, engine, tasks } = services;
  const { t } = vscode.l10n;
  const uri = await documentOf(services, args);
  const target = summaryUri(fileOf(uri));
  const name = nameOf(uri);
  let context: SummaryContext = { name, totalBytes: 0, link: () => '', t };

  const show = (text: string) => documents.set(target, text);
  let shownAt = 0;
  const showState = (state?: ReadingState) => {
    if (state && Date.now() - shownAt < UPDATE_MS) return;
    shownAt = Date.now();
    show(readingMarkdown(state, context));
  };

  try {
    return await tasks.run(t('MemMamba: reading {0}', name), async (task) => {
      showState();
      const sentences = settingsOf(uri).get('summary.sentences', 7);
      const reading = await read(services, uri, task, {
        recall: ({ results }) => requestKey('summarize', { sentences }) in results,
        onStart: (source, isKnown) => {
          context = { ...context, totalBytes: source.totalBytes };
          // Only now: a document that cannot be read gets a message, not a tab.
          // And after the engine's page, which would cover it.
          if (!isKnown) engine.prepare();
          void open(target, engine.column);
        },
        onProgress: (progress) => showState(readingState(progress, progress.totalBytes ?? 0)),
      });
      context = { ...context, ...contextOf(reading, engine.choice) };
      if (reading.coverage.tokens === 0) {
        show(messageMarkdown(t('Cancelled before anything was read.'), context));
        return undefined;
      }
      task.report(t('choosing sentences'));
      // A cancelled reading still gets its summary: the cancel was meant for the reading.
      const options = reading.coverage.complete ? { signal: task.signal } : {};
      const summary = await analyses.summarize(reading, { sentences }, options);
      show(summaryMarkdown(summary, { ...context, edited: await reading.isStale() }));
      return summary;
    });
  } catch (error) {
    const { code, message } = toMemMambaError(error);
    show(messageMarkdown(code === 'cancelled' ? t('Cancelled before anything was read.') : message, context));
    throw error;
  }
}

/** Opens the summary where it is already open, else with the engine's tab, else beside the document. */
async function open(uri: vscode.Uri, engineColumn: vscode.ViewColumn | undefined): Promise<void> {
  const { activeTabGroup, all } = vscode.window.tabGroups;
  const isSummary = ({ input }: vscode.Tab) =>
    input instanceof vscode.TabInputCustom && input.uri.toString() === uri.toString();
  const column = all.find(({ tabs }) => tabs.some(isSummary))?.viewColumn ?? engineColumn;
  await vscode.commands.executeCommand('vscode.openWith', uri, SUMMARY_VIEW_TYPE, {
    viewColumn: column === undefined || column === activeTabGroup.viewColumn ? besideText() : column,
    preserveFocus: true,
    preview: false,
  });
}
