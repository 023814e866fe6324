import * as vscode from 'vscode';
import type { Span } from '../../models/text/span.js';
import type { TokenRetention } from '../../models/document/types.js';
import type { Analyses } from '../readings/analyses.js';
import { MAX_VISIBLE } from '../protocol/page.js';
import type { Reading, Readings } from '../readings/readings.js';
import type { Tasks } from '../progress/tasks.js';
import { visibleTextOf } from './visible-text.js';

type Tokens = readonly TokenRetention[];

interface Known {
  readonly range: Span;
  readonly tokens: Promise<Tokens>;
}

/** Scrolling ends in a pause; only then is it worth computing. */
const SETTLE_MS = 400;

/**
 * Retention of the lines in view. It costs a second pass over them, so it is computed for all of them at
 * once and ahead of being asked for, whenever the view comes to rest and nothing else is under way. What is
 * known is kept as long as the reading it belongs to.
 */
export class Retentions implements vscode.Disposable {
  readonly #readings: Readings;
  readonly #analyses: Analyses;
  readonly #tasks: Tasks;
  readonly #known = new WeakMap<Reading, Known[]>();
  readonly #samples = new WeakMap<Reading, readonly number[]>();
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ahead: AbortController | undefined;

  constructor(readings: Readings, analyses: Analyses, tasks: Tasks) {
    this.#readings = readings;
    this.#analyses = analyses;
    this.#tasks = tasks;
    const schedule = () => this.#schedule();
    this.#subscriptions = [
      vscode.window.onDidChangeTextEditorVisibleRanges(schedule),
      vscode.window.onDidChangeActiveTextEditor(schedule),
      readings.onDidChange(schedule),
      tasks.onDidChange(schedule),
    ];
  }

  /** Retention of a word's tokens and of those in view with it. */
  around(reading: Reading, document: vscode.TextDocument, word: Span): Promise<Tokens> {
    return this.#of(reading, inView(document, word), word);
  }

  /** The same for a view of ours, which knows what it shows. */
  within(reading: Reading, view: Span, word: Span): Promise<Tokens> {
    return this.#of(reading, view, word);
  }

  /** Retention of tokens from all over what was read, in rising order, once that is known. */
  sample(reading: Reading): readonly number[] | undefined {
    return this.#samples.get(reading);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#ahead?.abort();
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #of(reading: Reading, range: Span, wanted: Span, signal?: AbortSignal): Promise<Tokens> {
    const known = this.#known.get(reading) ?? [];
    this.#known.set(reading, known);
    const hit = known.find((entry) => entry.range.start <= wanted.start && entry.range.end >= wanted.end);
    if (hit) return hit.tokens;
    const tokens = this.#analyses.retention(reading, range, signal ? { signal } : {});
    const entry = { range, tokens };
    known.push(entry);
    const forget = () => {
      const at = known.indexOf(entry);
      if (at >= 0) known.splice(at, 1);
    };
    tokens.catch(forget);
    // Whoever asks meanwhile asks anew instead of waiting for what was called off.
    signal?.addEventListener('abort', forget, { once: true });
    return tokens;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#ahead?.abort();
    this.#ahead = undefined;
    if (this.#tasks.busy) return;
    this.#timer = setTimeout(() => void this.#computeAhead(), SETTLE_MS);
  }

  async #computeAhead(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const reading = editor && this.#readings.get(editor.document.uri.toString());
    const visible = editor && visibleTextOf(editor);
    const enabled = vscode.workspace.getConfiguration('memmamba').get<boolean>('hover.enabled', true);
    if (!reading || !visible || !enabled || (await reading.isStale())) return;
    const controller = new AbortController();
    this.#ahead = controller;
    const { signal } = controller;
    try {
      await this.#of(reading, visible, visible, signal);
      if (!this.#samples.has(reading)) {
        this.#samples.set(reading, await this.#analyses.retentionSample(reading, { signal }));
      }
    } catch {
      // Called off, or the page is gone: whoever rests on a word asks for it.
    }
    if (this.#ahead === controller) this.#ahead = undefined;
  }
}

function inView(document: vscode.TextDocument, word: Span): Span {
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
