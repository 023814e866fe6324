import * as vscode from 'vscode';
import type { Answer, Passage } from '../../models/document/types.js';
import { requestKey, type SavedAnalyses } from '../results/saved.js';
import { fileOf, nameOf } from '../documents/packed-uri.js';
import { MemMambaError } from '../protocol/errors.js';
import { settingsOf } from '../documents/settings.js';
import type { DocumentSource } from '../documents/source.js';
import type { Services } from './services.js';
import { contextOf } from '../summary/context.js';
import { findingsMarkdown, summaryMarkdown } from '../summary/markdown.js';
import { documentOf } from './arguments.js';
import { read } from './read.js';

type Format = 'md' | 'json';

/**
 * Writes what is known of a document to a file: summary, questions with their answers, searches with their
 * passages; as JSON also the notes in the pools. Gives the file's URI.
 */
export async function exportAnalysis(
  services: Services,
  ...args: unknown[]
): Promise<vscode.Uri | undefined> {
  const { analyses, engine, tasks } = services;
  const { t } = vscode.l10n;
  const uri = await documentOf(services, args);
  const name = nameOf(uri);
  const target = await vscode.window.showSaveDialog({
    title: t('Export Analysis'),
    filters: { Markdown: ['md'], JSON: ['json'] },
    defaultUri: vscode.Uri.joinPath(fileOf(uri), '..', `${name}.analysis.md`),
  });
  if (!target) return undefined;
  const format: Format = target.path.endsWith('.json') ? 'json' : 'md';
  const text = await tasks.run(t('MemMamba: exporting the analysis'), async (task) => {
    const sentences = settingsOf(uri).get('summary.sentences', 7);
    const recall = ({ results }: SavedAnalyses) =>
      format === 'md' && requestKey('summarize', { sentences }) in results;
    const reading = await read(services, uri, task, { recall });
    const options = reading.coverage.complete ? { signal: task.signal } : {};
    const summary = await analyses.summarize(reading, { sentences }, options);
    const { answers, passages } = findings(reading.saved?.results ?? {});
    if (format === 'json') {
      const pool = await analyses.livePool(reading);
      const { coverage, engine: info, source } = reading;
      const document = fileOf(uri).toString();
      const file = fileReport(source);
      const all = { document, file, coverage, engine: info, summary, answers, passages, pool };
      return `${JSON.stringify(all, null, 2)}\n`;
    }
    const base = { name, totalBytes: 0, link: () => '', t };
    const context = { ...base, ...contextOf(reading, engine.choice) };
    return summaryMarkdown(summary, context) + findingsMarkdown(answers, passages, context);
  });
  try {
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MemMambaError('document', t('{0} cannot be written: {1}', target.path, reason));
  }
  await vscode.commands.executeCommand('vscode.open', target);
  return target;
}

/** Of a packed file: what it is, what of it gave no text, and its pages or chapters by their offsets in the text. */
function fileReport({ packed }: DocumentSource) {
  if (!packed) return undefined;
  const { format, title, parts, unread, anchors } = packed;
  return { format, title, parts, unread, anchors };
}

/** Questions and searches among what is kept, by what was asked. */
function findings(results: Readonly<Record<string, unknown>>): {
  answers: { question: string; answer: Answer }[];
  passages: { query: string; passages: readonly Passage[] }[];
} {
  const of = (method: string, name: string) =>
    Object.entries(results).flatMap(([key, result]) => {
      if (!key.startsWith(`${method} `)) return [];
      const params = Object.fromEntries(JSON.parse(key.slice(method.length + 1)) as [string, unknown][]);
      return [{ words: String(params[name]), result }];
    });
  return {
    answers: of('ask', 'question').map(({ words, result }) => ({
      question: words,
      answer: result as Answer,
    })),
    passages: of('passages', 'query').map(({ words, result }) => ({
      query: words,
      passages: result as readonly Passage[],
    })),
  };
}
