import * as vscode from 'vscode';
import type { TokenRetention } from '../../models/analysis/types.js';
import type { Engine } from '../engine.js';
import type { Reading, Readings } from '../readings.js';
import { MAX_VISIBLE, type TextRange } from '../protocol.js';
import { hoverMarkdown } from './hoverText.js';

/**
 * Tells what the model still remembers of the word under the pointer, in documents that were read.
 *
 * Retention is computed for the lines in view at once, so the next hover there needs no computing; what is
 * known of a reading is kept as long as the reading.
 */
export class RetentionHover implements vscode.HoverProvider {
  private readonly known = new WeakMap<
    Reading,
    { range: TextRange; tokens: Promise<readonly TokenRetention[]> }[]
  >();

  constructor(
    private readonly readings: Readings,
    private readonly engine: Engine,
  ) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancellation: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    if (!vscode.workspace.getConfiguration('memmamba', document).get<boolean>('hover.enabled', true))
      return undefined;
    const reading = this.readings.get(document.uri.toString());
    const wordRange = document.getWordRangeAtPosition(position, /[\p{L}\p{N}_'’-]+/u);
    if (!reading || !wordRange) return undefined;
    if (await reading.isStale()) return undefined;

    const start = document.offsetAt(wordRange.start);
    const end = document.offsetAt(wordRange.end);
    const around = await this.around(reading, document, { start, end }).catch(() => undefined);
    if (!around || cancellation.isCancellationRequested) return undefined;
    const text = hoverMarkdown(
      {
        word: around.filter((token) => token.start < end && token.end > start),
        around,
        tokens: reading.coverage.tokens,
        complete: reading.coverage.complete,
      },
      vscode.l10n.t,
    );
    if (text === undefined) return undefined;
    const markdown = new vscode.MarkdownString(text);
    return new vscode.Hover(markdown, wordRange);
  }

  /** Retention of the tokens in view around a word. */
  private around(
    reading: Reading,
    document: vscode.TextDocument,
    word: TextRange,
  ): Promise<readonly TokenRetention[]> {
    const known = this.known.get(reading) ?? [];
    this.known.set(reading, known);
    const hit = known.find(({ range }) => range.start <= word.start && range.end >= word.end);
    if (hit) return hit.tokens;
    const range = inView(document, word);
    const tokens = this.engine.request('retention', { document: reading.source.key, ...range });
    const entry = { range, tokens };
    known.push(entry);
    tokens.catch(() => known.splice(known.indexOf(entry), 1));
    return tokens;
  }
}

function inView(document: vscode.TextDocument, word: TextRange): TextRange {
  const editor = vscode.window.visibleTextEditors.find((e) => e.document === document);
  const range = editor?.visibleRanges.find((r) => r.contains(document.positionAt(word.start)));
  const start = range ? Math.min(document.offsetAt(range.start), word.start) : word.start;
  const end = range ? Math.max(document.offsetAt(range.end), word.end) : word.end;
  if (end - start <= MAX_VISIBLE) return { start, end };
  return {
    start: Math.max(start, word.start - MAX_VISIBLE / 2),
    end: Math.min(end, Math.max(word.end, word.start + MAX_VISIBLE / 2)),
  };
}
