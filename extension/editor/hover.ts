import * as vscode from 'vscode';
import type { Readings } from '../readings/readings.js';
import { hoverMarkdown } from './hover-text.js';
import type { Retentions } from './retentions.js';

/** The commands that a hover links to, and may run. */
const FIDELITY = 'memmamba.showMemoryFidelity';
const POOL = 'memmamba.showStatePool';

/** Links to the panels that say more, as Markdown. */
function panelLinks(uri: vscode.Uri): string {
  const args = encodeURIComponent(JSON.stringify([uri]));
  const link = (title: string, command: string) => `[${title}](command:${command}?${args})`;
  return [link(vscode.l10n.t('Memory Fidelity'), FIDELITY), link(vscode.l10n.t('State Pool'), POOL)].join(
    ' · ',
  );
}

/** Tells what the model still remembers of the word under the pointer, in documents that were read. */
export class RetentionHover implements vscode.HoverProvider {
  readonly #readings: Readings;
  readonly #retentions: Retentions;

  constructor(readings: Readings, retentions: Retentions) {
    this.#readings = readings;
    this.#retentions = retentions;
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancellation: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    if (!vscode.workspace.getConfiguration('memmamba', document).get<boolean>('hover.enabled', true))
      return undefined;
    const reading = this.#readings.get(document.uri.toString());
    const wordRange = document.getWordRangeAtPosition(position, /[\p{L}\p{N}_'’-]+/u);
    if (!reading || !wordRange) return undefined;
    if (await reading.isStale()) return undefined;

    const start = document.offsetAt(wordRange.start);
    const end = document.offsetAt(wordRange.end);
    const around = await this.#retentions.around(reading, document, { start, end }).catch(() => undefined);
    if (!around || cancellation.isCancellationRequested) return undefined;
    const text = hoverMarkdown(
      {
        word: around.filter((token) => token.start < end && token.end > start),
        around,
        sample: this.#retentions.sample(reading),
        tokens: reading.coverage.tokens,
        complete: reading.coverage.complete,
      },
      vscode.l10n.t,
    );
    if (text === undefined) return undefined;
    const markdown = new vscode.MarkdownString(`${text}\n\n${panelLinks(document.uri)}`);
    markdown.isTrusted = { enabledCommands: [FIDELITY, POOL] };
    return new vscode.Hover(markdown, wordRange);
  }
}
