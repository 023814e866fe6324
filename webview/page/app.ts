import type {
  DocumentKey,
  EngineAndModel,
  EngineInfo,
  EngineMethods,
} from '../../extension/protocol/engine.js';
import { orCancelled, toMemMambaError } from '../../extension/protocol/errors.js';
import type { HostMethods, PanelMethods, PanelName, VisibleText } from '../../extension/protocol/page.js';
import type { Methods, Params, Remote, RequestOptions } from '../../extension/protocol/rpc.js';
import type { Comparison, ReadProgress } from '../../models/document/types.js';
import { Announcement } from '../elements/announcement.js';
import { el } from '../elements/dom.js';
import { EditNotice, readingWords } from './edit-notice.js';
import { t } from '../elements/l10n.js';
import type { ComparisonState, Memory } from '../panels/memory.js';
import { ComparePanel, verdict } from '../panels/compare.js';
import { FidelityPanel } from '../panels/fidelity.js';
import { Overview, type Underway } from '../panels/overview.js';
import type { Panel, Reveal } from '../panels/panel.js';
import { StatePoolPanel } from '../panels/state-pool.js';
import { tabs } from '../elements/toolkit.js';

type PanelTab = Exclude<PanelName, 'overview'>;

/** What the page answers itself: about its panels, and what is seen of the engine's work. */
export type ShownMethods = PanelMethods & Pick<EngineMethods, 'start' | 'read' | 'compare' | 'forget'>;

/** What is seen: the panels, and what the engine does for the extension. */
export class App {
  readonly #engine: Remote<EngineMethods>;
  readonly #host: () => Remote<HostMethods>;
  readonly element: HTMLElement;
  readonly #overview: Overview;
  readonly #panels: Readonly<Record<PanelTab, Panel>>;
  readonly #tabs: ReturnType<typeof tabs>;
  readonly #memories = new Map<DocumentKey, Memory>();
  readonly #visible = new Map<DocumentKey, VisibleText>();
  /** Documents that are another than the one that was read. */
  readonly #edited = new Map<DocumentKey, { readonly placesKnown: boolean }>();
  readonly #comparisons = new Map<DocumentKey, ComparisonState>();
  readonly #notice: EditNotice;
  /** Said to screen readers, whichever panel is in front: how far a reading is, and how work has ended. */
  readonly #announcement = new Announcement('announcement');
  #comparing: AbortController | undefined;
  #front: PanelName = 'overview';
  #shown: DocumentKey | undefined;
  #engineInfo: EngineInfo | undefined;
  #choice: EngineAndModel | undefined;
  #loading = false;
  #reading: Underway | undefined;
  #error: string | undefined;

  constructor(engine: Remote<EngineMethods>, host: () => Remote<HostMethods>) {
    this.#engine = engine;
    this.#host = host;
    const reveal: Reveal = (document, { start, end }, { preview } = { preview: false }) =>
      this.#tell('reveal', { document, start, end, preview });
    const cancel = () => this.#tell('cancel', {});
    this.#overview = new Overview(cancel, (document, panel) => this.#bringUp(document, panel));
    this.#panels = {
      fidelity: new FidelityPanel(reveal),
      pool: new StatePoolPanel(reveal),
      compare: new ComparePanel(reveal, {
        ask: (question) => this.#compareHere(question),
        cancel: () => {
          this.#comparing?.abort();
          cancel();
        },
      }),
    };
    this.#tabs = tabs(
      'MemMamba',
      [
        { id: 'overview', title: t('Overview'), content: this.#overview.element },
        { id: 'fidelity', title: t('Memory Fidelity'), content: this.#panels.fidelity.element },
        { id: 'pool', title: t('State Pool'), content: this.#panels.pool.element },
        { id: 'compare', title: t('Plain Mamba'), content: this.#panels.compare.element },
      ],
      (id) => {
        this.#front = id as PanelName;
        this.#draw();
      },
    );
    this.#notice = new EditNotice(() => {
      if (this.#shown !== undefined) this.#tell('readAgain', { document: this.#shown });
    });
    this.element = el('div', {}, this.#announcement.element, this.#notice.element, this.#tabs.element);
    this.#draw();
  }

  /** Answers to the extension. */
  readonly methods: Methods<ShownMethods> = {
    start: async (choice, { signal }) => {
      this.#loading = true;
      this.#error = undefined;
      this.#draw();
      try {
        // A worker that loads a model does not hear of a cancel.
        const info = await orCancelled(this.#engine.request('start', choice), signal);
        // Another choice leads to another engine, which has none of the memories of the one before.
        if (choice.engine !== this.#choice?.engine || choice.model !== this.#choice.model) {
          this.#memories.clear();
          this.#comparisons.clear();
        }
        this.#choice = choice;
        this.#engineInfo = info;
        return info;
      } catch (error) {
        const { code, message } = toMemMambaError(error);
        if (code !== 'cancelled') this.#error = message;
        throw error;
      } finally {
        this.#loading = false;
        this.#draw();
      }
    },

    read: async (asked, { signal, progress: tell }) => {
      const { document, name, scannedBytes } = asked;
      this.#memories.delete(document);
      this.#comparisons.delete(document);
      this.#edited.delete(document);
      this.#reading = { document, name, progress: undefined };
      this.#error = undefined;
      this.#draw();
      const onProgress = (progress: ReadProgress) => {
        this.#reading = { document, name, progress };
        tell(progress);
        this.#draw();
      };
      try {
        const coverage = await this.#engine.request('read', asked, { signal, onProgress });
        const length = await this.#engine.request('length', { document });
        this.#memories.set(document, {
          document,
          name,
          coverage: { ...coverage, ...(scannedBytes !== undefined && { scannedBytes }) },
          length,
          engine: this.#engine,
        });
        this.#shown ??= document;
        this.#announcement.say(
          coverage.complete
            ? t('{0} has been read.', name)
            : t('Reading {0} was stopped. What was read until then can be used.', name),
        );
        return coverage;
      } catch (error) {
        this.#error = toMemMambaError(error).message;
        throw error;
      } finally {
        this.#reading = undefined;
        this.#draw();
      }
    },

    compare: ({ document, question }, { signal, progress }) =>
      this.#compare(document, question, { signal, onProgress: progress }),

    show: ({ panel, document, visible }) => {
      if (visible) this.#visible.set(document, visible);
      this.#bringUp(document, panel);
    },
    visible: ({ document, visible }) => {
      this.#visible.set(document, visible);
      if (document === this.#shown) this.#draw();
    },
    edited: ({ document, edited, placesKnown }) => {
      if (edited) this.#edited.set(document, { placesKnown });
      else this.#edited.delete(document);
      this.#draw();
    },
    forget: async ({ document }) => {
      this.#memories.delete(document);
      this.#visible.delete(document);
      this.#edited.delete(document);
      this.#comparisons.delete(document);
      this.#draw();
      await this.#engine.request('forget', { document });
    },
  };

  /** Asks the extension for something that the reader sees happen, or not. */
  #tell<K extends keyof HostMethods>(method: K, params: Params<HostMethods, K>): void {
    void this.#host()
      .request(method, params)
      .catch(() => undefined);
  }

  #bringUp(document: DocumentKey, panel: PanelName): void {
    this.#shown = document;
    this.#front = panel;
    this.#tabs.activate(panel);
    this.#draw();
  }

  #draw(): void {
    const memories = [...this.#memories.values()];
    this.#overview.show({
      engine: this.#engineInfo,
      loading: this.#loading,
      reading: this.#reading,
      memories: memories.map((memory) => ({ memory, edited: this.#edited.has(memory.document) })),
      error: this.#error,
    });
    for (const [name, panel] of Object.entries(this.#panels)) if (name !== this.#front) panel.hide?.();
    const document = this.#shown;
    const memory = document === undefined ? undefined : this.#memories.get(document);
    this.#notice.show(
      this.#front === 'overview' || document === undefined
        ? undefined
        : { name: memory?.name ?? '', edited: this.#edited.get(document) },
      this.#reading?.document === document ? this.#reading : undefined,
    );
    // The notice says it of the document that is shown.
    if (this.#reading && (this.#front === 'overview' || this.#reading.document !== document)) {
      this.#announcement.say(readingWords(this.#reading));
    }
    if (this.#front === 'overview') return;
    // What is read again replaces what is shown when it is there, and not before.
    if (this.#reading && this.#reading.document === document) {
      this.#panels[this.#front].hide?.();
      return;
    }
    this.#panels[this.#front].show({
      memory,
      visible: document === undefined ? undefined : this.#visible.get(document),
      comparison: document === undefined ? undefined : this.#comparisons.get(document),
    });
  }

  /** Reads the text with the pool off and asks both, and shows how far that has come. */
  async #compare(
    document: DocumentKey,
    question: string,
    { signal, onProgress: tell }: RequestOptions<ReadProgress>,
  ): Promise<Comparison> {
    const before = this.#comparisons.get(document);
    const show = (state: ComparisonState | undefined) => {
      if (state) this.#comparisons.set(document, state);
      else this.#comparisons.delete(document);
      this.#draw();
    };
    show({ phase: 'running', question, progress: undefined });
    const onProgress = (progress: ReadProgress) => {
      tell?.(progress);
      show({ phase: 'running', question, progress });
    };
    try {
      const comparison = await this.#engine.request(
        'compare',
        { document, question },
        { signal, onProgress },
      );
      show({ phase: 'done', comparison });
      this.#announcement.say(verdict(comparison));
      return comparison;
    } catch (error) {
      const { code, message } = toMemMambaError(error);
      // After a cancel what was there before is worth more than the news of it.
      if (code === 'cancelled') show(before?.phase === 'done' ? before : undefined);
      else show({ phase: 'failed', question, message });
      throw error;
    }
  }

  /** A question that was asked in the page. */
  #compareHere(question: string): void {
    if (this.#shown === undefined) return;
    this.#comparing?.abort();
    this.#comparing = new AbortController();
    void this.#compare(this.#shown, question, { signal: this.#comparing.signal }).catch(() => undefined);
  }
}
