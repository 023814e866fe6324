import type { DocumentKey, EngineInfo } from '../../extension/protocol/engine.js';
import { formatShare } from '../../extension/protocol/format.js';
import type { PanelName } from '../../extension/protocol/page.js';
import type { Coverage, ReadProgress } from '../../models/document/types.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import type { Memory } from './memory.js';
import { actionLink, button } from '../elements/toolkit.js';

/** A reading that is under way. */
export interface Underway {
  readonly document: DocumentKey;
  readonly name: string;
  readonly progress: ReadProgress | undefined;
}

/** How far it has come, in percent; undefined where the size of the text is not known. */
export function percentOf({ progress }: Underway): number | undefined {
  return progress?.totalBytes ? Math.min(99, (100 * progress.bytes) / progress.totalBytes) : undefined;
}

export interface OverviewState {
  readonly engine: EngineInfo | undefined;
  readonly loading: boolean;
  readonly reading: Underway | undefined;
  readonly memories: readonly { readonly memory: Memory; readonly edited: boolean }[];
  readonly error: string | undefined;
}

const count = (n: number) => Math.round(n).toLocaleString('en-US');

/** What runs, what is being read, and what was read. */
export class Overview {
  readonly #bringUp: (document: DocumentKey, panel: PanelName) => void;
  readonly element: HTMLElement;
  readonly #error = el('p', { id: 'error', class: 'error', role: 'alert', hidden: true });
  readonly #engine = el('p', { id: 'engine' });
  readonly #status = el('p', { id: 'reading-status' });
  readonly #bar = el('progress', {
    id: 'reading-progress',
    max: 100,
    'aria-label': t('Share of the document read'),
  });
  readonly #reading: HTMLElement;
  readonly #documents = el('ul', { id: 'documents' });
  readonly #empty = el(
    'p',
    { class: 'muted' },
    t('No document has been read yet. Run “Summarize with MemMamba” on one.'),
  );

  #drawn = '';

  /** @param bringUp shows a panel about a document */
  constructor(cancel: () => void, bringUp: (document: DocumentKey, panel: PanelName) => void) {
    this.#bringUp = bringUp;
    this.#reading = el(
      'section',
      { hidden: true, 'aria-label': t('Reading') },
      this.#status,
      this.#bar,
      button('cancel', t('Cancel'), cancel),
    );
    this.element = el(
      'div',
      { class: 'panel', 'data-panel': 'overview' },
      el('h1', {}, 'MemMamba'),
      this.#error,
      this.#engine,
      this.#reading,
      el('h2', {}, t('Documents in memory')),
      this.#empty,
      this.#documents,
      el(
        'p',
        { class: 'muted' },
        t(
          'This tab holds the model and everything it read. Reading goes on while it is hidden; closing it ends it.',
        ),
      ),
    );
  }

  show({ engine, loading, reading, memories, error }: OverviewState): void {
    this.#error.hidden = error === undefined;
    this.#error.textContent = error ?? '';
    this.#engine.textContent = engine
      ? [t('Model {0} on {1} ({2}).', engine.model, engine.engine, engine.device), engine.reason].join(' ')
      : loading
        ? t('Loading the model…')
        : t('The model is loaded when it is first needed.');

    this.#reading.hidden = reading === undefined;
    if (reading) {
      const { progress } = reading;
      const share = percentOf(reading);
      if (share === undefined) this.#bar.removeAttribute('value');
      else this.#bar.value = share;
      this.#status.textContent = progress
        ? t(
            'Reading {0}: {1} %, {2} tokens, {3} tokens/s',
            reading.name,
            Math.floor(share ?? 0),
            count(progress.tokens),
            count(progress.tokensPerSecond),
          )
        : t('Reading {0}…', reading.name);
    }

    this.#empty.hidden = memories.length > 0;
    // Only what changed is drawn anew: a link may have the keyboard while something is read.
    const drawn = JSON.stringify(
      memories.map(({ memory: { document, name, coverage }, edited }) => [document, name, coverage, edited]),
    );
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#documents.replaceChildren(...memories.map((shown) => this.#item(shown)));
  }

  #item({ memory: { document, name, coverage }, edited }: OverviewState['memories'][number]): HTMLElement {
    const link = (panel: PanelName, title: string) =>
      actionLink(title, t('{0} of {1}', title, name), () => this.#bringUp(document, panel));
    return el(
      'li',
      {},
      el('strong', {}, name),
      ` — ${shareOf(coverage)}, ${t('{0} tokens', count(coverage.tokens))}`,
      ...(edited ? [`, ${t('edited since')}`] : []),
      el(
        'div',
        { class: 'links' },
        link('fidelity', t('Memory Fidelity')),
        link('pool', t('State Pool')),
        link('compare', t('Plain Mamba')),
      ),
    );
  }
}

function shareOf({ bytes, complete, scannedBytes }: Coverage): string {
  if (scannedBytes !== undefined) return t('{0} of it read by the model', formatShare(bytes / scannedBytes));
  return complete ? t('read whole') : t('read in part');
}
