import * as vscode from 'vscode';
import type { ActiveDocument } from '../documents/active.js';
import { formatCount, shortShare } from '../progress/reading-progress.js';
import { READ_AGAIN } from '../ids/command-ids.js';
import type { Edits } from '../readings/edits.js';
import type { Readings } from '../readings/readings.js';
import type { Tasks } from '../progress/tasks.js';

/** Progress while something is read (a click cancels it), else how much of the active document was read. */
export class StatusBar implements vscode.Disposable {
  readonly #tasks: Tasks;
  readonly #readings: Readings;
  readonly #active: ActiveDocument;
  readonly #edits: Edits;
  readonly #item = vscode.window.createStatusBarItem('memmamba.status', vscode.StatusBarAlignment.Right, 90);
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(tasks: Tasks, readings: Readings, active: ActiveDocument, edits: Edits) {
    this.#tasks = tasks;
    this.#readings = readings;
    this.#active = active;
    this.#edits = edits;
    this.#item.name = 'MemMamba';
    const update = () => this.#update();
    this.#subscriptions = [
      this.#item,
      tasks.onDidChange(update),
      readings.onDidChange(update),
      active.onDidChange(update),
      edits.onDidChange(update),
    ];
    this.#update();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #update(): void {
    const item = this.#item;
    const { t } = vscode.l10n;
    if (this.#tasks.busy) {
      const { percent } = this.#tasks;
      item.text = `$(sync~spin) MemMamba${percent === undefined ? '' : ` ${t('{0} %', percent)}`}`;
      item.tooltip = t('MemMamba is reading. Click to cancel.');
      item.command = 'memmamba.cancel';
      item.accessibilityInformation = { label: item.tooltip, role: 'button' };
      item.show();
      return;
    }
    const uri = this.#active.peek();
    const reading = uri && this.#readings.get(uri.toString());
    if (!reading) {
      item.hide();
      return;
    }
    const { coverage, source, engine } = reading;
    const share = shortShare(coverage, source, t);
    if (this.#edits.isEdited(reading)) {
      item.text = `$(edit) ${t('edited since it was read')}`;
      item.tooltip = t('{0} was edited since MemMamba read it. Click to read it again.', source.name);
      item.command = READ_AGAIN;
      item.accessibilityInformation = { label: item.tooltip, role: 'button' };
      item.show();
      return;
    }
    item.text = `$(book) ${t('{0} read', share)}`;
    item.tooltip = t(
      'MemMamba read {0} of {1}: {2} tokens, on {3}. Click to see the state pool.',
      share,
      source.name,
      formatCount(coverage.tokens),
      engine.device,
    );
    item.command = 'memmamba.showStatePool';
    item.accessibilityInformation = { label: item.tooltip, role: 'button' };
    item.show();
  }
}
