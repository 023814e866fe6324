import * as vscode from 'vscode';
import type { ReadProgress } from '../../models/document/types.js';
import { progressParts, readingState } from './reading-progress.js';

/** What a piece of work that the reader waits for can do. */
export interface Task {
  /** Aborted by the notification's button, by “Cancel Reading”, and when the extension stops. */
  readonly signal: AbortSignal;
  /** Says what is going on. */
  report(message: string): void;
  /** Says how far a reading has come. */
  reportReading(progress: ReadProgress, totalBytes: number): void;
}

/** Shows what is going on, and lets the reader stop it. */
export class Tasks implements vscode.Disposable {
  readonly #running = new Set<AbortController>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** Percent of the document that has been read, while one is. */
  percent: number | undefined;

  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Runs `work` with a progress notification. */
  async run<T>(title: string, work: (task: Task) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#running.add(controller);
    this.#update();
    try {
      return await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title, cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => controller.abort());
          let shown = 0;
          return work({
            signal: controller.signal,
            report: (message) => progress.report({ message }),
            reportReading: (read, totalBytes) => {
              const state = readingState(read, totalBytes);
              const { percent } = state;
              const message = progressParts(state, vscode.l10n.t).join(' · ');
              progress.report({ message, increment: percent - shown });
              shown = percent;
              if (this.percent !== percent) {
                this.percent = percent;
                this.#changed.fire();
              }
            },
          });
        },
      );
    } finally {
      this.#running.delete(controller);
      this.percent = undefined;
      this.#update();
    }
  }

  cancelAll(): void {
    for (const controller of this.#running) controller.abort();
  }

  dispose(): void {
    this.cancelAll();
    this.#changed.dispose();
  }

  #update(): void {
    void vscode.commands.executeCommand('setContext', 'memmamba.busy', this.busy);
    this.#changed.fire();
  }
}
