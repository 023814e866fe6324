import * as Comlink from 'comlink';
import {
  MemMambaError,
  orCancelled,
  toMemMambaError,
  type DocumentKey,
  type EngineAndModel,
  type EngineInfo,
  type HandlerContext,
  type Handlers,
  type HostMethods,
  type PageConfig,
  type PageMethods,
  type PanelName,
  type Peer,
  type VisibleText,
} from '../extension/protocol.js';
import type { Comparison, ReadProgress } from '../models/document/types.js';
import { el } from './dom.js';
import { EditNotice, readingWords } from './editNotice.js';
import { t } from './l10n.js';
import { once, type ComparisonState, type Memory } from './memories.js';
import { ComparePanel, verdict } from './panels/compare.js';
import { FidelityPanel } from './panels/fidelity.js';
import { Overview, type Underway } from './panels/overview.js';
import type { Panel, Reveal } from './panels/panel.js';
import { StatePoolPanel } from './panels/statePool.js';
import { retentionSample } from './retentionSample.js';
import { tabs } from './toolkit.js';
import { startWorker, type EngineClient } from './workerClient.js';

type HostPeer = Peer<PageMethods, HostMethods>;
type PanelTab = Exclude<PanelName, 'overview'>;

/** The page: answers what the extension asks with the worker's help, and shows the panels. */
export class App {
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
  readonly #announcement = el('p', { id: 'announcement', class: 'unseen', role: 'status' });
  #comparing: AbortController | undefined;
  #front: PanelName = 'overview';
  #shown: DocumentKey | undefined;
  #engine: EngineInfo | undefined;
  #choice: EngineAndModel | undefined;
  #loading = false;
  #reading: Underway | undefined;
  #error: string | undefined;
  #client: Promise<EngineClient> | undefined;
  #nextCall = 1;

  constructor(
    private readonly config: PageConfig,
    private readonly host: () => HostPeer,
  ) {
    const reveal: Reveal = (document, { start, end }, { preview } = { preview: false }) =>
      void this.host()
        .request('reveal', { document, start, end, preview })
        .catch(() => undefined);
    const cancel = () =>
      void this.host()
        .request('cancel', {})
        .catch(() => undefined);
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
      if (this.#shown === undefined) return;
      void this.host()
        .request('readAgain', { document: this.#shown })
        .catch(() => undefined);
    });
    this.element = el('div', {}, this.#announcement, this.#notice.element, this.#tabs.element);
    this.#draw();
  }

  /** Answers to the extension. */
  readonly handlers: Handlers<PageMethods> = {
    start: async (choice, { signal }) => {
      this.#loading = true;
      this.#error = undefined;
      this.#draw();
      try {
        const client = await orCancelled(this.#worker(), signal);
        const info = await orCancelled(client.start(choice), signal);
        // Another choice leads to another engine, which has none of the memories of the one before.
        if (choice.engine !== this.#choice?.engine || choice.model !== this.#choice.model) {
          this.#memories.clear();
          this.#comparisons.clear();
        }
        this.#choice = choice;
        this.#engine = info;
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

    check: async (choice, { signal }) => {
      const client = await this.#worker();
      return orCancelled(client.check(choice), signal);
    },

    speed: async (choice, { signal }) => orCancelled((await this.#worker()).speed(choice), signal),

    read: async ({ document, name, totalBytes, scannedBytes, format }, context) => {
      this.#memories.delete(document);
      this.#comparisons.delete(document);
      this.#edited.delete(document);
      this.#reading = { document, name, progress: undefined };
      this.#error = undefined;
      this.#draw();
      const pull = () => this.host().request('pull', { document });
      const onProgress = (progress: ReadProgress) => {
        this.#reading = { document, name, progress };
        context.progress(progress);
        this.#draw();
      };
      try {
        const coverage = await this.#call(context, (client, call) =>
          client.read(
            call,
            document,
            { ...(totalBytes !== undefined && { totalBytes }), ...(format && { format }) },
            Comlink.proxy(pull),
            Comlink.proxy(onProgress),
          ),
        );
        const length = await (await this.#worker()).length(document);
        const known = { ...coverage, ...(scannedBytes !== undefined && { scannedBytes }) };
        this.#memories.set(document, this.#memory(document, name, known, length));
        this.#shown ??= document;
        this.#announce(
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

    summarize: ({ document, sentences }, context) =>
      this.#call(context, (client, call) => client.summarize(call, document, sentences)),
    passages: ({ document, ...options }, context) =>
      this.#call(context, (client, call) => client.passages(call, document, options)),
    ask: ({ document, ...options }, context) =>
      this.#call(context, (client, call) => client.ask(call, document, options)),
    answerFrom: ({ document, ...options }, context) =>
      this.#call(context, (client, call) => client.answerFrom(call, document, options)),
    retention: ({ document, start, end }, context) =>
      this.#call(context, (client, call) => client.retention(call, document, { start, end })),
    sample: ({ document }, { signal }) => retentionSample(this.#known(document), signal),
    pool: async ({ document, live }) => {
      const entries = await this.#known(document).pool();
      return live ? entries.filter(({ leftAt }) => leftAt === null) : entries;
    },
    fidelity: ({ document }, { signal }) => orCancelled(this.#known(document).fidelity(), signal),

    compare: ({ document, question }, context) => this.#compare(document, question, context),

    show: ({ panel, document, visible }) => {
      if (visible) this.#visible.set(document, visible);
      this.#bringUp(document, panel);
      return null;
    },
    visible: ({ document, visible }) => {
      this.#visible.set(document, visible);
      if (document === this.#shown) this.#draw();
      return null;
    },
    edited: ({ document, edited, placesKnown }) => {
      if (edited) this.#edited.set(document, { placesKnown });
      else this.#edited.delete(document);
      this.#draw();
      return null;
    },
    forget: async ({ document }) => {
      this.#memories.delete(document);
      this.#visible.delete(document);
      this.#edited.delete(document);
      this.#comparisons.delete(document);
      this.#draw();
      await (await this.#worker()).forget(document);
      return null;
    },
  };

  #bringUp(document: DocumentKey, panel: PanelName): void {
    this.#shown = document;
    this.#front = panel;
    this.#tabs.activate(panel);
    this.#draw();
  }

  #announce(words: string): void {
    // Only what changed is said aloud.
    if (this.#announcement.textContent !== words) this.#announcement.textContent = words;
  }

  #draw(): void {
    const memories = [...this.#memories.values()];
    this.#overview.show({
      engine: this.#engine,
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
      this.#announce(readingWords(this.#reading));
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
    context: Pick<HandlerContext<ReadProgress>, 'signal'> & { progress?: (progress: ReadProgress) => void },
  ): Promise<Comparison> {
    const before = this.#comparisons.get(document);
    const show = (state: ComparisonState | undefined) => {
      if (state) this.#comparisons.set(document, state);
      else this.#comparisons.delete(document);
      this.#draw();
    };
    show({ phase: 'running', question, progress: undefined });
    const onProgress = (progress: ReadProgress) => {
      context.progress?.(progress);
      show({ phase: 'running', question, progress });
    };
    try {
      this.#known(document);
      const comparison = await this.#call(context, (client, call) =>
        client.compare(call, document, question, Comlink.proxy(onProgress)),
      );
      show({ phase: 'done', comparison });
      this.#announce(verdict(comparison));
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

  #memory(document: DocumentKey, name: string, coverage: Memory['coverage'], length: number): Memory {
    const never = new AbortController().signal;
    return {
      document,
      name,
      coverage,
      length,
      pool: once(async () => (await this.#worker()).pool(document, false)),
      fidelity: once(() => this.#call({ signal: never }, (client, call) => client.fidelity(call, document))),
      retention: (range, signal) =>
        this.#call({ signal }, (client, call) => client.retention(call, document, range)),
      slice: async (range) => (await this.#worker()).slice(document, range),
    };
  }

  #known(document: DocumentKey): Memory {
    const memory = this.#memories.get(document);
    if (!memory) throw new MemMambaError('internal', `${document} has not been read.`);
    return memory;
  }

  #worker(): Promise<EngineClient> {
    const client = (this.#client ??= startWorker(this.config));
    client.catch(() => {
      if (this.#client === client) this.#client = undefined;
    });
    return client;
  }

  /** Calls the worker so that aborting the signal cancels the call there. */
  async #call<T>(
    { signal }: Pick<HandlerContext<never>, 'signal'>,
    work: (client: EngineClient, call: number) => Promise<T>,
  ): Promise<T> {
    const client = await this.#worker();
    const call = this.#nextCall++;
    const cancel = () => void client.cancel(call);
    if (signal.aborted) throw new MemMambaError('cancelled', t('Cancelled.'));
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await work(client, call);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }
}
