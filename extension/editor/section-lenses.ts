import * as vscode from 'vscode';
import type { SummarySection } from '../../models/document/types.js';
import type { Analyses } from '../readings/analyses.js';
import type { Reading, Readings } from '../readings/readings.js';
import { linkToSource, summaryUri } from '../documents/summary-uri.js';
import type { Tasks } from '../progress/tasks.js';
import type { Edits } from '../readings/edits.js';
import { selectionToFragment } from '../documents/fragment.js';
import { lensTitle, notesBySection } from './lens-text.js';
import { OPEN_LINK } from '../ids/command-ids.js';

/** What stands above the headings of a document. */
interface Sections {
  readonly sections: readonly SummarySection[];
  /** Words of each section whose notes are in a pool. */
  readonly notes: readonly number[];
}

/**
 * Above each heading of a document that was read, the sentence that says most of its section, and how many of its
 * words are in the state pools (setting `memmamba.codeLens.enabled`). What was summarized before costs nothing;
 * else it is computed once a reading, when nothing else is under way.
 */
export class SectionLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #readings: Readings;
  readonly #analyses: Analyses;
  readonly #tasks: Tasks;
  readonly #edits: Edits;
  readonly #known = new WeakMap<Reading, Sections>();
  readonly #asked = new WeakSet<Reading>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #subscriptions: vscode.Disposable;

  constructor(readings: Readings, analyses: Analyses, tasks: Tasks, edits: Edits) {
    this.#readings = readings;
    this.#analyses = analyses;
    this.#tasks = tasks;
    this.#edits = edits;
    const refresh = () => this.#changed.fire();
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      readings.onDidChange(refresh),
      tasks.onDidChange(() => {
        if (!tasks.busy) refresh();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('memmamba.codeLens')) refresh();
      }),
      vscode.languages.registerCodeLensProvider({ scheme: '*' }, this),
    );
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const settings = vscode.workspace.getConfiguration('memmamba', document);
    const reading = settings.get<boolean>('codeLens.enabled', false)
      ? this.#readings.get(document.uri.toString())
      : undefined;
    if (!reading) return [];
    const known = this.#known.get(reading);
    if (!known) void this.#compute(reading);
    return known ? this.#lenses(reading, known) : [];
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #lenses(reading: Reading, { sections, notes }: Sections): vscode.CodeLens[] {
    const { uri } = reading.source;
    const { t } = vscode.l10n;
    return sections.flatMap(({ start, sentences: [first] }, i) => {
      const { line } = this.#edits.place(reading, { start, end: start }).start;
      const range = new vscode.Range(line, 0, line, 0);
      const noted = notes[i] ?? 0;
      const href = first && linkToSource(uri, selectionToFragment(reading.selection(first)));
      return [
        ...(first && href
          ? [
              new vscode.CodeLens(range, {
                title: lensTitle(first.text),
                tooltip: t('Go to the passage'),
                command: OPEN_LINK,
                arguments: [href, summaryUri(uri).toString()],
              }),
            ]
          : []),
        ...(noted > 0
          ? [
              new vscode.CodeLens(range, {
                title: t('{0} words in the state pool', noted),
                tooltip: t('Show State Pool'),
                command: 'memmamba.showStatePool',
                arguments: [uri],
              }),
            ]
          : []),
      ];
    });
  }

  async #compute(reading: Reading): Promise<void> {
    if (this.#tasks.busy || this.#asked.has(reading)) return;
    this.#asked.add(reading);
    try {
      const settings = vscode.workspace.getConfiguration('memmamba', reading.source.uri);
      const { sections } = await this.#analyses.summarize(reading, {
        sentences: settings.get('summary.sentences', 7),
      });
      const notes = notesBySection(sections, await this.#analyses.livePool(reading));
      this.#known.set(reading, { sections, notes });
      this.#changed.fire();
    } catch {
      // The page is gone, or the document was read anew: the next reading is asked again.
      this.#asked.delete(reading);
    }
  }
}
