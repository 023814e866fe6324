import type { PoolEntry } from '../../models/analysis/types.js';
import { el } from '../dom.js';
import { t } from '../l10n.js';
import type { Memory } from '../memories.js';
import { actionLink, checkbox, dropdown, progressRing, table } from '../toolkit.js';
import type { Panel, PanelState, Reveal } from './panel.js';

const ALL = 'all';

/** Which notes entered which layer's pool, when they left, and what took their place. */
export class StatePoolPanel implements Panel {
  readonly element = el('div', { class: 'panel', 'data-panel': 'pool' });
  #memory: Memory | undefined;
  #entries: readonly PoolEntry[] = [];
  #layer = ALL;
  #liveOnly = false;
  readonly #body = el('div');

  constructor(private readonly reveal: Reveal) {}

  show({ memory }: PanelState): void {
    if (memory === this.#memory && memory) return;
    this.#memory = memory;
    if (!memory) {
      this.element.replaceChildren(
        el('p', { class: 'muted' }, t('Read a document first: run “Show State Pool” on it.')),
      );
      return;
    }
    this.element.replaceChildren(progressRing(t('Loading the state pool')));
    memory.pool().then(
      (entries) => {
        if (this.#memory === memory) this.#draw(memory, entries);
      },
      (error: unknown) => {
        if (this.#memory !== memory) return;
        this.element.replaceChildren(el('p', { class: 'error', role: 'alert' }, String(error)));
        this.#memory = undefined;
      },
    );
  }

  #draw(memory: Memory, entries: readonly PoolEntry[]): void {
    this.#entries = entries;
    this.#layer = ALL;
    this.#liveOnly = false;
    const layers = [...new Set(entries.map(({ layer }) => layer))].sort((a, b) => a - b);
    this.element.replaceChildren(
      el('h2', {}, t('State pool of {0}', memory.name)),
      el(
        'p',
        { class: 'muted' },
        t(
          'The notes that each layer kept of the text. A note enters at the end of its chunk and leaves when notes with higher scores need its place.',
        ),
      ),
      el(
        'div',
        { class: 'toolbar' },
        dropdown(
          'pool-layer',
          t('Layer'),
          [
            { value: ALL, label: t('All layers') },
            ...layers.map((layer) => ({ value: String(layer), label: t('Layer {0}', layer + 1) })),
          ],
          (value) => {
            this.#layer = value;
            this.#drawTable();
          },
        ),
        checkbox('pool-live', t('In the pool at the end only'), (checked) => {
          this.#liveOnly = checked;
          this.#drawTable();
        }),
      ),
      this.#body,
    );
    this.#drawTable();
  }

  #drawTable(): void {
    const memory = this.#memory;
    if (!memory) return;
    const byToken = new Map(this.#entries.map((entry) => [`${entry.layer} ${entry.token}`, entry]));
    const rows = this.#entries.filter(
      ({ layer, leftAt }) =>
        (this.#layer === ALL || String(layer) === this.#layer) && (!this.#liveOnly || leftAt === null),
    );
    const link = (entry: PoolEntry) =>
      actionLink(quote(entry.text), t('Go to “{0}” in line {1}', entry.text.trim(), entry.line), () =>
        this.reveal(memory.document, entry),
      );
    this.#body.replaceChildren(
      el('p', { id: 'pool-count', role: 'status' }, t('{0} notes', rows.length.toLocaleString('en-US'))),
      table(
        'pool-table',
        t('State pool'),
        [
          { title: t('Layer'), width: '6em', cell: ({ layer }) => String(layer + 1) },
          { title: t('Text'), width: 'minmax(9em, 2fr)', cell: link },
          { title: t('Line'), width: '5em', cell: ({ line }) => String(line) },
          { title: t('Score'), width: '6em', cell: ({ score }) => score.toFixed(3) },
          { title: t('Entered'), width: '7em', cell: ({ enteredAt }) => String(enteredAt) },
          {
            title: t('Left'),
            width: '7em',
            cell: ({ leftAt }) => (leftAt === null ? t('in the pool') : String(leftAt)),
          },
          {
            title: t('Replaced by'),
            width: 'minmax(9em, 1fr)',
            cell: ({ layer, replacedBy }) => {
              const by = replacedBy === null ? undefined : byToken.get(`${layer} ${replacedBy}`);
              return by ? link(by) : '';
            },
          },
        ],
        rows,
        (left) => t('Show more ({0} left)', left.toLocaleString('en-US')),
      ),
    );
  }
}

/** A token as the reader can tell it: blanks and line ends visible. */
function quote(text: string): string {
  return `“${text.replace(/\r?\n/g, '⏎').replace(/\t/g, '⇥')}”`;
}
