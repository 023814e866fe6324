import * as vscode from 'vscode';
import { requestKey, type SavedAnalyses } from '../results/saved.js';
import { documentOf } from '../commands/arguments.js';
import { MemMambaError } from '../protocol/errors.js';
import type { Reading } from '../readings/readings.js';
import type { Services } from '../commands/services.js';
import { answerText, passagesText, summaryText } from './result-text.js';

/** The parameters of the tools, each of which has some of them; `package.json` says which are required. */
interface Input {
  /** A URI, an absolute path, or one in the workspace; without it the active document is meant. */
  readonly file?: string;
  readonly sentences?: number;
  readonly query?: string;
  readonly top?: number;
  readonly question?: string;
}
interface Asked {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The answer in words. */
  readonly words: (reading: Reading, signal: AbortSignal) => Promise<string>;
}

/**
 * Let chat agents read long documents through MemMamba, by name. What is asked and answered stays between the agent
 * and this machine's model.
 */
export function toolsOf(services: Services): Readonly<Record<string, vscode.LanguageModelTool<Input>>> {
  const { analyses } = services;
  const tool = (asked: (input: Input) => Asked): vscode.LanguageModelTool<Input> => ({
    prepareInvocation: ({ input }) => ({
      invocationMessage: vscode.l10n.t(
        'MemMamba is reading {0}',
        input.file ?? vscode.l10n.t('the document'),
      ),
    }),
    invoke: async ({ input }, token) => {
      const text = await read(services, input, asked(input), token);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  });
  return {
    memmamba_summarize: tool(({ sentences = 12 }) => ({
      method: 'summarize',
      params: { sentences },
      words: async (reading) => summaryText(reading.source, await analyses.summarize(reading, { sentences })),
    })),
    memmamba_passages: tool(({ query = '', top = 10 }) => ({
      method: 'passages',
      params: { query, top },
      words: async (reading, signal) =>
        passagesText(
          reading.source,
          reading.coverage,
          await analyses.passages(reading, { query, top }, { signal }),
        ),
    })),
    memmamba_ask: tool(({ question = '' }) => ({
      method: 'ask',
      params: { question },
      words: async (reading, signal) =>
        answerText(reading.source, reading.coverage, await analyses.ask(reading, { question }, { signal })),
    })),
  };
}

async function read(
  services: Services,
  { file }: Input,
  { method, params, words }: Asked,
  token: vscode.CancellationToken,
): Promise<string> {
  const controller = new AbortController();
  const listening = token.onCancellationRequested(() => controller.abort());
  try {
    const reading = await services.readings.ensure(
      await documentOf(services, file === undefined ? [] : [uriOf(file)]),
      {
        signal: controller.signal,
        recall: ({ results }: SavedAnalyses) => requestKey(method, params) in results,
      },
    );
    return await words(reading, controller.signal);
  } finally {
    listening.dispose();
  }
}

function uriOf(file: string): vscode.Uri {
  if (/^[a-z][a-z\d+.-]+:/i.test(file)) return vscode.Uri.parse(file, true);
  if (file.startsWith('/') || /^[a-z]:[\\/]/i.test(file)) return vscode.Uri.file(file);
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder) return vscode.Uri.joinPath(folder.uri, file);
  throw new MemMambaError(
    'document',
    vscode.l10n.t('{0} is not in an open folder. Give its whole path.', file),
  );
}
