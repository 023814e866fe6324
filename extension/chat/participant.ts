import * as vscode from 'vscode';
import { requestKey, type SavedAnalyses } from '../results/saved.js';
import { documentOf } from '../commands/arguments.js';
import { fileOf } from '../documents/packed-uri.js';
import { settingsOf } from '../documents/settings.js';
import { toRange } from '../editor/reveal.js';
import { toMemMambaError } from '../protocol/errors.js';
import type { Reading } from '../readings/readings.js';
import type { Services } from '../commands/services.js';
import { intentOf, type Intent } from './intent.js';
import {
  answerResponse,
  passagesResponse,
  summaryResponse,
  type ResponseContext,
  type ResponsePart,
} from './response.js';

type Work = Exclude<Intent, { kind: 'help' }>;

/**
 * `@memmamba` in the chat: reads the attached file, or the active one, with this machine's model, and asks no
 * language model.
 */
export function participantOf(services: Services): vscode.ChatRequestHandler {
  return async (request, _context, stream, token) => {
    const controller = new AbortController();
    const listening = token.onCancellationRequested(() => controller.abort());
    try {
      await reply(services, request, stream, controller.signal);
      return {};
    } catch (error) {
      const { code, message } = toMemMambaError(error);
      return code === 'cancelled' ? {} : { errorDetails: { message } };
    } finally {
      listening.dispose();
    }
  };
}

async function reply(
  services: Services,
  { command, prompt, references }: vscode.ChatRequest,
  stream: vscode.ChatResponseStream,
  signal: AbortSignal,
): Promise<void> {
  const { analyses, readings } = services;
  const { t } = vscode.l10n;
  const intent = intentOf(command, prompt);
  if (intent.kind === 'help') {
    stream.markdown(
      t(
        'Say what to look for: `/find` and a few words, or `/ask` and a question for a key, a code or a name.',
      ),
    );
    return;
  }
  const attached = references.map(({ value }) => uriOf(value)).find((value) => value !== undefined);
  const uri = await documentOf(services, attached ? [attached] : []);
  const work = workOf(intent, uri);
  const reading = await readings.ensure(uri, {
    signal,
    recall: ({ results }: SavedAnalyses) => requestKey(work.method, work.params) in results,
    onStart: ({ name }) => stream.progress(t('MemMamba is reading {0}', name)),
  });
  if (signal.aborted) return;
  const { source, coverage } = reading;
  stream.reference(fileOf(uri));
  const context: ResponseContext = { source, coverage, t };
  for (const part of await work.answer(analyses, reading, context, signal)) show(part, reading, stream);
}

interface Asked {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly answer: (
    analyses: Services['analyses'],
    reading: Reading,
    context: ResponseContext,
    signal: AbortSignal,
  ) => Promise<readonly ResponsePart[]>;
}

/** What to ask of the reading, as the command of the same name would: so their results are one. */
function workOf(intent: Work, uri: vscode.Uri): Asked {
  const settings = settingsOf(uri);
  switch (intent.kind) {
    case 'summarize': {
      const params = { sentences: settings.get('summary.sentences', 7) };
      return {
        method: 'summarize',
        params,
        answer: async (analyses, reading, context, signal) =>
          summaryResponse(await analyses.summarize(reading, params, { signal }), context),
      };
    }
    case 'find': {
      const params = { query: intent.query, top: settings.get('passages.count', 10) };
      return {
        method: 'passages',
        params,
        answer: async (analyses, reading, context, signal) =>
          passagesResponse(await analyses.passages(reading, params, { signal }), context),
      };
    }
    case 'ask': {
      const params = { question: intent.question };
      return {
        method: 'ask',
        params,
        answer: async (analyses, reading, context, signal) =>
          answerResponse(await analyses.ask(reading, params, { signal }), context),
      };
    }
  }
}

function show(part: ResponsePart, reading: Reading, stream: vscode.ChatResponseStream): void {
  if ('markdown' in part) stream.markdown(part.markdown);
  else {
    const range = toRange(reading.selection(part.passage));
    stream.anchor(new vscode.Location(reading.source.uri, range), part.title);
  }
}

/** The file that was attached to a request: the whole of it, or a selection in it. */
function uriOf(value: unknown): vscode.Uri | undefined {
  if (value instanceof vscode.Uri) return value;
  return value instanceof vscode.Location ? value.uri : undefined;
}
