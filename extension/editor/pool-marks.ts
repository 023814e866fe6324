import * as vscode from 'vscode';
import type { Analyses } from '../readings/analyses.js';
import type { Reading, Readings } from '../readings/readings.js';

/**
 * Marks in the overview ruler (setting `memmamba.overviewRuler.enabled`) the lines whose notes are in a state
 * pool at the end of the document: one mark a line, and no more lines than the pools have places.
 */
export class PoolMarks implements vscode.Disposable {
  readonly #readings: Readings;
  readonly #analyses: Analyses;
  readonly #type = vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor('charts.blue'),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    isWholeLine: true,
  });
  readonly #lines = new WeakMap<Reading, Promise<readonly number[]>>();
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(readings: Readings, analyses: Analyses) {
    this.#readings = readings;
    this.#analyses = analyses;
    const draw = () => void this.#draw();
    this.#subscriptions = [
      this.#type,
      readings.onDidChange(draw),
      vscode.window.onDidChangeVisibleTextEditors(draw),
      vscode.workspace.onDidChangeConfiguration(draw),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  async #draw(): Promise<void> {
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const settings = vscode.workspace.getConfiguration('memmamba', document);
      const isOn = settings.get<boolean>('overviewRuler.enabled', true);
      const reading = isOn ? this.#readings.get(document.uri.toString()) : undefined;
      const lines = reading && !(await reading.isStale()) ? await this.#linesOf(reading) : [];
      editor.setDecorations(
        this.#type,
        lines.map((line) => new vscode.Range(line, 0, line, 0)),
      );
    }
  }

  #linesOf(reading: Reading): Promise<readonly number[]> {
    const known =
      this.#lines.get(reading) ??
      this.#analyses
        .livePool(reading)
        .then((notes) => [
          ...new Set(notes.map(({ start, end }) => reading.selection({ start, end }).start.line)),
        ]);
    this.#lines.set(reading, known);
    return known.catch(() => {
      this.#lines.delete(reading);
      return [];
    });
  }
}
