import type { PoolEntry, TokenRetention } from '../../models/document/types.js';
import type { TextRange } from '../../extension/protocol/engine.js';
import { formatShare } from '../../extension/protocol/format.js';
import type { VisibleText } from '../../extension/protocol/page.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import type { Memory } from './memory.js';
import { actionLink, button, checkbox, dropdown, table } from '../elements/toolkit.js';
import { HeatMap, heatTokens } from './heat-map.js';
import { MiniMap, rowShare, type ZoomRequest } from './mini-map.js';
import type { Reveal } from './panel.js';
import { measured, RetentionRows, SHORTEST_ROW, type Measure } from './retention-rows.js';
import { LEAST, type TintScale } from './tint.js';
import { count, failure, legendItem, more, Twin } from './twin.js';

const MEAN = 'mean';
/** How much of the document the map shows: each step half of the one before. */
const ZOOM = 2;
const DEEPEST = 8;
/** Stretches of the document whose rows are kept, for who zooms out again. */
const KEPT_STRETCHES = 12;
/** UTF-16 code units around a place that was chosen in the map while no editor follows. */
const AROUND = 600;

/**
 * Retention of a document: a map of all of it, and the lines that the reader sees in detail. What is in view is
 * computed first; the map fills by itself while it can be seen, and stops for whatever the reader asks.
 */
export class RetentionView {
  readonly #reveal: Reveal;
  readonly element: HTMLElement;
  readonly #tools = el('div', { class: 'toolbar' });
  readonly #status = el('p', { class: 'muted', id: 'map-status' });
  /** Only what the reader did is said aloud, not how far the rows are. */
  readonly #zoomed = el('p', { class: 'unseen', role: 'status' });
  readonly #said = el('p', { class: 'muted readout', 'aria-hidden': 'true' });
  readonly #problem = el('div');
  readonly #legend = el('div', { class: 'legend', id: 'heat-legend' });
  readonly #miniMap: MiniMap;
  readonly #heatMap: HeatMap;
  readonly #tokenTwin = new Twin(t('The tokens in view as a table'));
  readonly #mapTwin = new Twin(t('The map as a table'));
  readonly #pause: HTMLElement & { disabled: boolean };
  readonly #zoomIn: HTMLElement & { disabled: boolean };
  readonly #zoomOut: HTMLElement & { disabled: boolean };
  #memory: Memory | undefined;
  #first: Promise<unknown> = Promise.resolve();
  #view: VisibleText | undefined;
  #measure: Measure = { layer: MEAN, counted: true };
  #scale: TintScale = 'logarithmic';
  #zoom = 0;
  #rows: RetentionRows | undefined;
  #stretches = new Map<string, RetentionRows>();
  #notes: readonly PoolEntry[] = [];
  #tokens: readonly TokenRetention[] = [];
  #text: { readonly start: number; readonly words: string } = { start: 0, words: '' };
  #isPaused = false;
  #work: AbortController | undefined;
  #layers = 0;

  constructor(reveal: Reveal) {
    this.#reveal = reveal;
    this.#miniMap = new MiniMap(
      (offset, preview) => this.#choose(offset, preview),
      (said) => (this.#said.textContent = said),
      (zoom) => this.#zoomBy(zoom),
    );
    this.#heatMap = new HeatMap((token) => {
      if (this.#memory) this.#reveal(this.#memory.document, token);
    });
    this.#pause = button('map-pause', t('Pause'), () => {
      this.#isPaused = !this.#isPaused;
      this.#restart();
    });
    this.#zoomIn = button('map-zoom-in', t('Zoom In'), () => this.#zoomBy({ steps: 1 }));
    this.#zoomOut = button('map-zoom-out', t('Zoom Out'), () => this.#zoomBy({ steps: -1 }));
    this.element = el(
      'section',
      { 'aria-labelledby': 'retention-heading' },
      el('h2', { id: 'retention-heading' }, t('Retention')),
      el(
        'p',
        { class: 'muted' },
        t(
          'Share of each token that is still there at the end of what was read: the whole text, and the lines in view.',
        ),
      ),
      this.#tools,
      this.#problem,
      this.#legend,
      el(
        'div',
        { class: 'map-and-text' },
        el('div', { class: 'map-column' }, this.#miniMap.element),
        el('div', { class: 'text-column' }, this.#heatMap.element),
      ),
      this.#said,
      el('div', { class: 'toolbar' }, this.#zoomIn, this.#zoomOut, this.#pause, this.#status, this.#zoomed),
      this.#tokenTwin.element,
      this.#mapTwin.element,
    );
    new ResizeObserver(() => this.#drawMap()).observe(this.element);
  }

  /**
   * Another document, or one that was read anew.
   *
   * @param first what the engine is to do before it fills the map
   */
  open(memory: Memory, first: Promise<unknown>): void {
    this.stop();
    const isSame = memory.document === this.#memory?.document;
    this.#first = first;
    this.#memory = memory;
    this.#tokens = [];
    this.#notes = [];
    if (!isSame) {
      this.#layers = 0;
      this.#view = undefined;
      this.#zoom = 0;
      this.#measure = { ...this.#measure, layer: MEAN };
    }
    this.#stretches = new Map();
    const start = this.#zoom === 0 ? 0 : (this.#rows?.range.start ?? 0);
    this.#rows = this.#stretch(memory, start);
    this.#drawTools();
    this.#draw();
    memory.engine.request('pool', { document: memory.document, live: true }).then(
      (notes) => {
        if (this.#memory !== memory) return;
        this.#notes = notes;
        this.#draw();
      },
      () => undefined,
    );
  }

  /** The reader sees another part of the text, or selected something in it. */
  follow(visible: VisibleText | undefined): void {
    const before = this.#view;
    const next = visible ?? before ?? this.#beginning();
    this.#view = next;
    this.#heatMap.mark(next.selection);
    if (this.#work && before?.start === next.start && before.end === next.end) {
      this.#drawMap();
      return;
    }
    if (this.#memory) this.#moveWindow(this.#memory, next);
    this.#restart();
  }

  /** Ends what is being computed; `follow` takes it up again. */
  stop(): void {
    this.#work?.abort();
    this.#work = undefined;
  }

  #beginning(): VisibleText {
    return { start: 0, end: Math.min(this.#memory?.length ?? 0, 2 * AROUND) };
  }

  #restart(): void {
    this.stop();
    const memory = this.#memory;
    const view = this.#view;
    if (!memory || !view) return;
    const work = new AbortController();
    this.#work = work;
    this.#problem.replaceChildren();
    void this.#compute(memory, view, work.signal).catch((error: unknown) => {
      if (!work.signal.aborted) this.#problem.replaceChildren(failure(error));
    });
  }

  async #compute(memory: Memory, view: TextRange, signal: AbortSignal): Promise<void> {
    this.element.setAttribute('aria-busy', 'true');
    this.#status.textContent = t('Computing the lines in view…');
    const { document, engine } = memory;
    const retention = ({ start, end }: TextRange) =>
      engine.request('retention', { document, start, end }, { signal });
    const tokens = await retention(view);
    const start = tokens[0]?.start ?? view.start;
    const words = await engine.request('slice', { document, start, end: tokens.at(-1)?.end ?? view.end });
    signal.throwIfAborted();
    this.#tokens = tokens;
    const layers = tokens[0]?.layers.length ?? 0;
    if (layers !== this.#layers) {
      this.#layers = layers;
      this.#drawTools();
    }
    this.#text = { start, words };
    this.element.removeAttribute('aria-busy');
    this.#draw();
    await this.#first.catch(() => undefined);
    const rows = this.#rows;
    while (rows && !this.#isPaused) {
      const row = rows.next(view.start);
      if (row === undefined) break;
      // Not while the page is hidden: then no frame comes.
      await nextFrame();
      signal.throwIfAborted();
      rows.set(row, await retention(rows.sampleOf(row)));
      this.#drawMap();
    }
    // Not row by row: whoever reads the table would lose their place in it.
    this.#drawMapTable();
  }

  /** Rows of the stretch that the map shows at this zoom if it begins at `start`, as near to it as there is text. */
  #stretch(memory: Memory, start: number): RetentionRows {
    const length = Math.ceil(memory.length / ZOOM ** this.#zoom);
    const from = Math.round(Math.max(0, Math.min(memory.length - length, start)));
    const key = `${from} ${length}`;
    const rows = this.#stretches.get(key) ?? new RetentionRows({ start: from, end: from + length });
    this.#stretches.delete(key);
    this.#stretches.set(key, rows);
    for (const oldest of this.#stretches.keys()) {
      if (this.#stretches.size <= KEPT_STRETCHES) break;
      this.#stretches.delete(oldest);
    }
    return rows;
  }

  /** Keeps the lines in view inside the part that the map shows. */
  #moveWindow(memory: Memory, view: TextRange): void {
    const range = this.#rows?.range;
    if (range && view.start >= range.start && view.start < range.end) return;
    const length = memory.length / ZOOM ** this.#zoom;
    this.#rows = this.#stretch(memory, (view.start + Math.min(view.end, memory.length) - length) / 2);
  }

  /** Without a place that is to stay, zooms about the lines in view. */
  #zoomBy({ steps, at, share = 0.5 }: ZoomRequest): void {
    const memory = this.#memory;
    const view = this.#view;
    if (!memory || !view) return;
    const isDeepest = this.#rows !== undefined && this.#rows.rowLength <= SHORTEST_ROW;
    const wanted = this.#zoom + (isDeepest ? Math.min(0, steps) : steps);
    this.#zoom = Math.max(0, Math.min(DEEPEST, wanted));
    const place = at ?? (view.start + Math.min(view.end, memory.length)) / 2;
    this.#rows = this.#stretch(memory, place - (share * memory.length) / ZOOM ** this.#zoom);
    this.#restart();
    this.#draw();
    this.#zoomed.textContent = this.#zoomWords();
  }

  #zoomWords(): string {
    return this.#zoom === 0
      ? t('The map shows the whole text.')
      : t('The map shows {0} of the text.', formatShare(1 / ZOOM ** this.#zoom));
  }

  /** A place in the map: the text goes there, and what is there is shown at once. */
  #choose(offset: number, preview: boolean): void {
    const memory = this.#memory;
    if (!memory) return;
    this.#reveal(memory.document, { start: offset, end: offset }, { preview });
    this.follow({ start: Math.max(0, offset - AROUND), end: Math.min(memory.length, offset + AROUND) });
  }

  #drawTools(): void {
    const layers = dropdown(
      'heat-layer',
      t('Layer'),
      [
        { value: MEAN, label: t('Mean of all layers') },
        ...Array.from({ length: this.#layers }, (_, layer) => ({
          value: String(layer),
          label: t('Layer {0}', layer + 1),
        })),
      ],
      (value) => {
        this.#measure = { ...this.#measure, layer: value === MEAN ? MEAN : Number(value) };
        this.#draw();
      },
      String(this.#measure.layer),
    );
    const counted = checkbox(
      'heat-counted',
      t('Count the state pool'),
      (checked) => {
        this.#measure = { ...this.#measure, counted: checked };
        this.#draw();
      },
      this.#measure.counted,
    );
    const scale = dropdown(
      'heat-scale',
      t('Tint'),
      [
        { value: 'logarithmic', label: t('by powers of ten') },
        { value: 'highest', label: t('up to the highest value') },
        { value: 'whole', label: t('0 to 100 %') },
      ],
      (value) => {
        this.#scale = value as TintScale;
        this.#draw();
      },
      this.#scale,
    );
    this.#tools.replaceChildren(layers, scale, counted);
  }

  /** Whether a token's note lies in a pool that is shown. */
  #isNoted({ pool }: TokenRetention): boolean {
    const { layer } = this.#measure;
    return pool.some((stay) => stay.leftAt === null && (layer === MEAN || stay.layer === layer));
  }

  #draw(): void {
    const memory = this.#memory;
    if (!memory) return;
    const read = (token: TokenRetention) => ({
      value: measured(token, this.#measure),
      noted: this.#isNoted(token),
    });
    const heat = heatTokens(this.#tokens, this.#text.words, this.#text.start, read);
    const max =
      this.#scale === 'highest' ? heat.reduce((highest, { value }) => Math.max(highest, value), 0) : 1;
    this.#heatMap.show(heat, { scale: this.#scale, max });
    this.#heatMap.mark(this.#view?.selection);
    this.#legend.replaceChildren(
      legendItem(
        'ramp',
        [
          this.#scale === 'logarithmic'
            ? t(
                '{0} to 100 % retained, by powers of ten: tint, and height of the bar below.',
                formatShare(LEAST),
              )
            : t('0 % to {0} retained: tint, and height of the bar below.', formatShare(max)),
          this.#measure.counted
            ? t('A note in a layer’s pool counts as 100 % there.')
            : t('The state alone, the pool not counted.'),
        ].join(' '),
      ),
      legendItem('framed', t('Framed: its note is in the pool now.')),
      legendItem('overlined', t('Line above, arrow in the map: selected in the text.')),
    );
    this.#tokenTwin.show(() =>
      table(
        'heat-table',
        t('Retention of the tokens in view'),
        [
          {
            title: t('Token'),
            cell: (token) =>
              actionLink(token.text.trim() || '␣', t('Go to “{0}”', token.text.trim() || '␣'), () =>
                this.#reveal(memory.document, token),
              ),
          },
          { title: t('Retained'), cell: ({ value }) => formatShare(value), by: ({ value }) => value },
          {
            title: t('In the pool'),
            cell: ({ noted }) => (noted ? t('yes') : t('no')),
            by: ({ noted }) => Number(noted),
          },
        ],
        heat,
        more,
      ),
    );
    this.#drawMap();
    this.#drawMapTable();
  }

  #drawMap(): void {
    const rows = this.#rows;
    const memory = this.#memory;
    if (!rows || !memory) return;
    const { layer } = this.#measure;
    let max = 0;
    for (let row = 0; row < rows.rows; row++) {
      for (const value of rows.tiles(row, this.#measure) ?? []) if (value > max) max = value;
    }
    this.#miniMap.show(
      rows,
      this.#measure,
      { scale: this.#scale, max: this.#scale === 'highest' ? max : 1 },
      {
        view: this.#view,
        selection: this.#view?.selection,
        notes: this.#notes.filter((note) => layer === MEAN || note.layer === layer).map(({ start }) => start),
      },
    );
    const known = rows.known;
    this.#status.textContent = [
      this.#zoomWords(),
      known < rows.rows
        ? t('{0} of {1} rows computed.', count(known), count(rows.rows))
        : t('All rows computed.'),
      ...(rows.isSampled ? [t('Each row shows the beginning of its stretch.')] : []),
    ].join(' ');
    this.#pause.textContent = this.#isPaused ? t('Continue') : t('Pause');
    this.#pause.hidden = known === rows.rows;
    this.#zoomIn.disabled = this.#zoom === DEEPEST || rows.rowLength <= SHORTEST_ROW;
    this.#zoomOut.disabled = this.#zoom === 0;
  }

  #drawMapTable(): void {
    const rows = this.#rows;
    const memory = this.#memory;
    if (!rows || !memory) return;
    this.#mapTwin.show(() =>
      table(
        'map-table',
        t('Retention by row of the map'),
        [
          {
            title: t('From character'),
            cell: (row: number) => {
              const { start } = rows.sampleOf(row);
              return actionLink(count(start), t('Go to character {0}', count(start)), () =>
                this.#reveal(memory.document, { start, end: start }),
              );
            },
            by: (row: number) => row,
          },
          {
            title: t('Retained'),
            cell: (row: number) => {
              const value = rowShare(rows, row, this.#measure);
              return value === undefined ? t('not computed yet') : formatShare(value);
            },
            by: (row: number) => rowShare(rows, row, this.#measure) ?? -1,
          },
        ],
        Array.from({ length: rows.rows }, (_, row) => row),
        more,
      ),
    );
  }
}

const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
