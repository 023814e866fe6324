import type { Span } from '../../models/text/span.js';
import type { VisibleText } from '../../extension/protocol/page.js';
import type { PoolEntry } from '../../models/document/types.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import { MapWindow } from './map-window.js';
import type { Memory } from './memory.js';
import type { ZoomRequest } from './mini-map.js';
import type { Reveal } from './panel.js';
import { RetentionMap } from './retention-map.js';
import { RetentionSettings } from './retention-settings.js';
import { TokensInView, type ShownTokens } from './tokens-in-view.js';
import { failure } from './twin.js';

/** UTF-16 code units around a place that was chosen in the map while no editor follows. */
const AROUND = 600;
const NO_TOKENS: ShownTokens = { tokens: [], text: '', start: 0 };

/** A document that is shown, and what the map shows of it. */
interface Shown {
  readonly memory: Memory;
  readonly window: MapWindow;
  /** What the engine is to do before it fills the map. */
  readonly first: Promise<unknown>;
}

/**
 * Retention of a document: a map of all of it, and the lines that the reader sees in detail. What is in view is
 * computed first; the map fills by itself while it can be seen, and stops for whatever the reader asks.
 */
export class RetentionView {
  readonly element: HTMLElement;
  readonly #reveal: Reveal;
  readonly #settings = new RetentionSettings(() => this.#draw());
  readonly #tokens: TokensInView;
  readonly #map: RetentionMap;
  readonly #problem = el('div');
  #shown: Shown | undefined;
  #view: VisibleText | undefined;
  #inView = NO_TOKENS;
  #notes: readonly PoolEntry[] = [];
  #work: AbortController | undefined;

  constructor(reveal: Reveal) {
    this.#reveal = reveal;
    const go = (range: Span) => this.#go(range);
    this.#tokens = new TokensInView(go);
    this.#map = new RetentionMap({
      onChoose: (offset, preview) => this.#choose(offset, preview),
      onZoom: (zoom) => this.#zoom(zoom),
      onPause: () => this.#restart(),
      reveal: go,
    });
    this.element = this.#layout();
    new ResizeObserver(() => this.#drawMap()).observe(this.element);
  }

  /**
   * Another document, or one that was read anew.
   *
   * @param first what the engine is to do before it fills the map
   */
  open(memory: Memory, first: Promise<unknown>): void {
    this.stop();
    const before = this.#shown;
    const isSame = memory.document === before?.memory.document;
    this.#inView = NO_TOKENS;
    this.#notes = [];
    if (!isSame) {
      this.#view = undefined;
      this.#settings.reset();
    }
    const window = new MapWindow(memory.length, isSame ? before.window : undefined);
    this.#shown = { memory, window, first };
    this.#draw();
    memory.engine.request('pool', { document: memory.document, live: true }).then(
      (notes) => {
        if (this.#shown?.memory !== memory) return;
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
    this.#tokens.mark(next.selection);
    if (this.#work && before?.start === next.start && before.end === next.end) {
      this.#drawMap();
      return;
    }
    this.#shown?.window.moveTo(next);
    this.#restart();
  }

  /** Ends what is being computed; `follow` takes it up again. */
  stop(): void {
    this.#work?.abort();
    this.#work = undefined;
  }

  #layout(): HTMLElement {
    return el(
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
      this.#settings.element,
      this.#problem,
      this.#tokens.legend,
      el(
        'div',
        { class: 'map-and-text' },
        el('div', { class: 'map-column' }, this.#map.map),
        el('div', { class: 'text-column' }, this.#tokens.heatMap),
      ),
      this.#map.readout,
      this.#map.toolbar,
      this.#tokens.table,
      this.#map.table,
    );
  }

  #beginning(): VisibleText {
    return { start: 0, end: Math.min(this.#shown?.memory.length ?? 0, 2 * AROUND) };
  }

  #restart(): void {
    this.stop();
    const view = this.#view;
    if (!this.#shown || !view) return;
    const work = new AbortController();
    this.#work = work;
    this.#problem.replaceChildren();
    void this.#compute(this.#shown, view, work.signal).catch((error: unknown) => {
      if (!work.signal.aborted) this.#problem.replaceChildren(failure(error));
    });
  }

  async #compute({ memory, window, first }: Shown, view: Span, signal: AbortSignal): Promise<void> {
    this.element.setAttribute('aria-busy', 'true');
    this.#map.say(t('Computing the lines in view…'));
    const { document, engine } = memory;
    const retention = ({ start, end }: Span) =>
      engine.request('retention', { document, start, end }, { signal });
    const tokens = await retention(view);
    const start = tokens[0]?.start ?? view.start;
    const text = await engine.request('slice', { document, start, end: tokens.at(-1)?.end ?? view.end });
    signal.throwIfAborted();
    this.#inView = { tokens, text, start };
    this.#settings.offer(tokens[0]?.layers.length ?? 0);
    this.element.removeAttribute('aria-busy');
    this.#draw();
    await first.catch(() => undefined);
    const { rows } = window;
    while (!this.#map.isPaused) {
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

  #zoom(zoom: ZoomRequest): void {
    const window = this.#shown?.window;
    if (!window || !this.#view) return;
    window.zoom(zoom, this.#view);
    this.#restart();
    this.#draw();
    this.#map.sayZoom(window);
  }

  #go(range: Span): void {
    if (this.#shown) this.#reveal(this.#shown.memory.document, range);
  }

  /** A place in the map: the text goes there, and what is there is shown at once. */
  #choose(offset: number, preview: boolean): void {
    if (!this.#shown) return;
    const { document, length } = this.#shown.memory;
    this.#reveal(document, { start: offset, end: offset }, { preview });
    this.follow({ start: Math.max(0, offset - AROUND), end: Math.min(length, offset + AROUND) });
  }

  #draw(): void {
    if (!this.#shown) return;
    this.#tokens.show(this.#inView, this.#settings);
    this.#tokens.mark(this.#view?.selection);
    this.#drawMap();
    this.#drawMapTable();
  }

  #drawMap(): void {
    if (!this.#shown) return;
    this.#map.show(this.#shown.window, this.#settings, { view: this.#view, notes: this.#notes });
  }

  #drawMapTable(): void {
    if (this.#shown) this.#map.showTable(this.#shown.window, this.#settings.measure);
  }
}

const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
