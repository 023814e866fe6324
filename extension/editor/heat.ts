import * as vscode from 'vscode';
import type { Span } from '../../models/text/span.js';
import type { Reading, Readings } from '../readings/readings.js';
import type { Tasks } from '../progress/tasks.js';
import { heatLevels, LEVELS, wordsOf } from './heat-levels.js';
import type { Retentions } from './retentions.js';
import { visibleTextOf } from './visible-text.js';

/** Scrolling ends in a pause; only then is it worth drawing. */
const SETTLE_MS = 500;
/** The first of the steps that are underlined. */
const UNDERLINED = LEVELS - 2;

/**
 * Tints the words in view by how much of them the model retains (setting `memmamba.heat.enabled`). Underlines
 * those that stand out, since a tint alone is not seen by everybody. There are four decoration types, and never
 * more than a screenful of ranges, so that the editor stays as quick as it is.
 */
export class Heat implements vscode.Disposable {
  readonly #readings: Readings;
  readonly #retentions: Retentions;
  readonly #tasks: Tasks;
  readonly #types = Array.from({ length: LEVELS }, (_, i) =>
    vscode.window.createTextEditorDecorationType({
      light: { backgroundColor: `rgba(0, 95, 184, ${0.06 + 0.06 * i})` },
      dark: { backgroundColor: `rgba(75, 160, 255, ${0.08 + 0.08 * i})` },
      ...(i >= UNDERLINED && {
        borderStyle: 'solid',
        borderWidth: `0 0 ${i - UNDERLINED + 1}px 0`,
        borderColor: new vscode.ThemeColor('charts.blue'),
      }),
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Editors that have a tint; others need no work on every scroll. */
  readonly #tinted = new WeakSet<vscode.TextEditor>();
  #drawing = 0;

  constructor(readings: Readings, retentions: Retentions, tasks: Tasks) {
    this.#readings = readings;
    this.#retentions = retentions;
    this.#tasks = tasks;
    const schedule = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#draw(), SETTLE_MS);
    };
    this.#subscriptions = [
      ...this.#types,
      vscode.window.onDidChangeTextEditorVisibleRanges(schedule),
      vscode.window.onDidChangeVisibleTextEditors(schedule),
      vscode.workspace.onDidChangeTextDocument(schedule),
      vscode.workspace.onDidChangeConfiguration(schedule),
      readings.onDidChange(schedule),
      tasks.onDidChange(schedule),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  async #draw(): Promise<void> {
    if (this.#tasks.busy) return;
    const drawing = ++this.#drawing;
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const isOn = vscode.workspace
        .getConfiguration('memmamba', document)
        .get<boolean>('heat.enabled', false);
      const reading = isOn ? this.#readings.get(document.uri.toString()) : undefined;
      if (!reading && !this.#tinted.has(editor)) continue;
      const levels = reading && !(await reading.isStale()) ? await this.#levels(editor, reading) : [];
      // The view has moved on meanwhile, and is being drawn.
      if (drawing !== this.#drawing) return;
      this.#tinted.add(editor);
      for (const [i, type] of this.#types.entries()) {
        const range = ({ start, end }: Span) =>
          new vscode.Range(document.positionAt(start), document.positionAt(end));
        editor.setDecorations(type, (levels[i] ?? []).map(range));
      }
    }
  }

  async #levels(editor: vscode.TextEditor, reading: Reading) {
    const visible = visibleTextOf(editor);
    if (!visible) return [];
    const { start, end } = visible;
    const tokens = await this.#retentions.within(reading, visible, { start, end }).catch(() => []);
    const { document } = editor;
    const text = document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end)));
    return heatLevels(wordsOf(text, start), tokens);
  }
}

/** Switches the tint of retained words on or off, for all documents. Gives the new state. */
export async function toggleHeat(): Promise<boolean> {
  const settings = vscode.workspace.getConfiguration('memmamba');
  const isOn = !settings.get<boolean>('heat.enabled', false);
  await settings.update('heat.enabled', isOn, vscode.ConfigurationTarget.Global);
  return isOn;
}
