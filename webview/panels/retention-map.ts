import type { Span } from '../../models/text/span.js';
import { formatShare } from '../../extension/protocol/format.js';
import type { VisibleText } from '../../extension/protocol/page.js';
import type { PoolEntry } from '../../models/document/types.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import { table } from '../elements/table.js';
import { actionLink, button } from '../elements/toolkit.js';
import type { MapWindow } from './map-window.js';
import { MiniMap, rowShare, type ZoomRequest } from './mini-map.js';
import type { Measure, RetentionRows } from './retention-rows.js';
import type { RetentionSettings } from './retention-settings.js';
import { count, more, Twin } from './twin.js';

export interface MapActions {
  /** The reader chose a place; `preview` while they drag over the map. */
  readonly onChoose: (offset: number, preview: boolean) => void;
  readonly onZoom: (zoom: ZoomRequest) => void;
  /** The reader paused the filling of the map, or wants it to go on. */
  readonly onPause: () => void;
  readonly reveal: (range: Span) => void;
}

/** What the map shows besides retention. */
export interface MapContent {
  readonly view: VisibleText | undefined;
  /** Notes that are in a pool now. */
  readonly notes: readonly PoolEntry[];
}

/** The map of retention with its tools, what they say, and its table. */
export class RetentionMap {
  readonly map: HTMLElement;
  readonly readout = el('p', { class: 'muted readout', 'aria-hidden': 'true' });
  readonly toolbar: HTMLElement;
  readonly table: HTMLElement;
  readonly #reveal: MapActions['reveal'];
  readonly #miniMap: MiniMap;
  readonly #twin = new Twin(t('The map as a table'));
  readonly #status = el('p', { class: 'muted', id: 'map-status' });
  /** Only what the reader did is said aloud, not how far the rows are. */
  readonly #zoomed = el('p', { class: 'unseen', role: 'status' });
  readonly #pause: HTMLElement & { disabled: boolean };
  readonly #zoomIn: HTMLElement & { disabled: boolean };
  readonly #zoomOut: HTMLElement & { disabled: boolean };
  #isPaused = false;

  constructor({ onChoose, onZoom, onPause, reveal }: MapActions) {
    this.#reveal = reveal;
    this.#miniMap = new MiniMap(onChoose, (said) => (this.readout.textContent = said), onZoom);
    this.#pause = button('map-pause', t('Pause'), () => {
      this.#isPaused = !this.#isPaused;
      onPause();
    });
    this.#zoomIn = button('map-zoom-in', t('Zoom In'), () => onZoom({ steps: 1 }));
    this.#zoomOut = button('map-zoom-out', t('Zoom Out'), () => onZoom({ steps: -1 }));
    this.map = this.#miniMap.element;
    this.toolbar = el(
      'div',
      { class: 'toolbar' },
      this.#zoomIn,
      this.#zoomOut,
      this.#pause,
      this.#status,
      this.#zoomed,
    );
    this.table = this.#twin.element;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Says what is computed before the map. */
  say(words: string): void {
    this.#status.textContent = words;
  }

  /** Says aloud how far the reader has zoomed. */
  sayZoom(window: MapWindow): void {
    this.#zoomed.textContent = zoomWords(window);
  }

  show(window: MapWindow, { measure, scale }: RetentionSettings, { view, notes }: MapContent): void {
    const { rows } = window;
    const { layer } = measure;
    const max = scale === 'highest' ? highest(rows, measure) : 1;
    this.#miniMap.show(
      rows,
      measure,
      { scale, max },
      {
        view,
        selection: view?.selection,
        notes: notes.filter((note) => layer === 'mean' || note.layer === layer).map(({ start }) => start),
      },
    );
    this.#drawTools(window);
  }

  showTable({ rows }: MapWindow, measure: Measure): void {
    this.#twin.show(() =>
      table(
        'map-table',
        t('Retention by row of the map'),
        [
          {
            title: t('From character'),
            cell: (row: number) => {
              const { start } = rows.sampleOf(row);
              return actionLink(count(start), t('Go to character {0}', count(start)), () =>
                this.#reveal({ start, end: start }),
              );
            },
            by: (row: number) => row,
          },
          {
            title: t('Retained'),
            cell: (row: number) => {
              const value = rowShare(rows, row, measure);
              return value === undefined ? t('not computed yet') : formatShare(value);
            },
            by: (row: number) => rowShare(rows, row, measure) ?? -1,
          },
        ],
        Array.from({ length: rows.rows }, (_, row) => row),
        more,
      ),
    );
  }

  #drawTools(window: MapWindow): void {
    const { rows } = window;
    const { known } = rows;
    this.#status.textContent = [
      zoomWords(window),
      known < rows.rows
        ? t('{0} of {1} rows computed.', count(known), count(rows.rows))
        : t('All rows computed.'),
      ...(rows.isSampled ? [t('Each row shows the beginning of its stretch.')] : []),
    ].join(' ');
    this.#pause.textContent = this.#isPaused ? t('Continue') : t('Pause');
    this.#pause.hidden = known === rows.rows;
    this.#zoomIn.disabled = !window.canZoomIn;
    this.#zoomOut.disabled = !window.canZoomOut;
  }
}

function zoomWords({ share }: MapWindow): string {
  return share === 1
    ? t('The map shows the whole text.')
    : t('The map shows {0} of the text.', formatShare(share));
}

/** The highest value of the tiles that are known. */
function highest(rows: RetentionRows, measure: Measure): number {
  let max = 0;
  for (let row = 0; row < rows.rows; row++) {
    for (const value of rows.tiles(row, measure) ?? []) if (value > max) max = value;
  }
  return max;
}
