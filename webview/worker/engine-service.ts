import type {
  DocumentKey,
  DocumentToRead,
  EngineAndModel,
  EngineInfo,
  EngineMethods,
} from '../../extension/protocol/engine.js';
import { MemMambaError, orCancelled } from '../../extension/protocol/errors.js';
import type { TextPiece } from '../../extension/protocol/page.js';
import type { Call, Methods } from '../../extension/protocol/rpc.js';
import { compare } from '../../models/document/compare.js';
import { createDocumentMemory } from '../../models/document/index.js';
import { readingSpeed } from '../../models/reading/reading-speed.js';
import type { Coverage, DocumentMemory, Fidelity, ReadProgress } from '../../models/document/types.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { once } from './once.js';
import { checkDevice } from './check-device.js';
import type { WorkerHost } from './connection.js';
import { EngineHolder } from './engine-holder.js';
import { PlainReadings } from './plain-readings.js';
import { retentionSample } from './retention-sample.js';

/** A reading for comparison is asked little: fewer saved states, and hardly an archive. */
const PLAIN_LIMITS = { snapshotBytes: 64 << 20, archiveBytes: 0 };

interface Known {
  readonly memory: DocumentMemory;
  /** Panels and commands ask for it alike. */
  readonly fidelity: () => Promise<Fidelity>;
}

const knownOf = (memory: DocumentMemory): Known => ({ memory, fidelity: once(() => memory.fidelity()) });

/** The engine and the memories of the documents: answers what is asked of them, whoever asks. */
export class EngineService {
  readonly #host: Pick<WorkerHost, 'pull'>;
  readonly #holder: EngineHolder;
  readonly #documents = new Map<DocumentKey, Known>();
  readonly #plain: PlainReadings;
  /** Measured reading speeds, in tokens a second. */
  readonly #speeds = new WeakMap<Engine, Promise<number>>();

  constructor(host: WorkerHost) {
    this.#host = host;
    this.#holder = new EngineHolder(host);
    this.#plain = new PlainReadings(async () =>
      createDocumentMemory({
        engine: this.#holder.engine,
        tokenizer: await this.#holder.tokenizer(),
        pool: 'off',
        limits: PLAIN_LIMITS,
      }),
    );
  }

  /** What `EngineMethods` declares. */
  readonly methods: Methods<EngineMethods> = {
    start: (choice, { signal }) => orCancelled(this.#start(choice), signal),

    check: (choice, { signal }) =>
      orCancelled(
        checkDevice(() => this.#start(choice)),
        signal,
      ),

    speed: (choice, { signal }) => orCancelled(this.#speed(choice), signal),

    read: (document, call) => this.#read(document, call),

    length: ({ document }) => this.#memory(document).length,

    slice: ({ document, start, end }) => this.#memory(document).slice(start, end),

    summarize: async ({ document, ...options }, { signal }) => {
      const memory = this.#memory(document);
      const summary = await memory.summarize({ ...options, signal });
      // While the summary is read there is time for what a search needs.
      memory.prepare?.().catch(() => undefined);
      return summary;
    },

    passages: ({ document, ...asked }, { signal }) => this.#memory(document).passages({ ...asked, signal }),

    ask: ({ document, ...asked }, { signal, progress }) =>
      this.#memory(document).ask({ ...asked, signal, onRefine: progress }),

    pointAt: async ({ document, ...asked }, { signal, progress }) =>
      (await this.#memory(document).pointAt({ ...asked, signal, onRead: progress })) ?? null,

    answerFrom: ({ document, ...asked }, { signal }) =>
      this.#memory(document).answerFrom({ ...asked, signal }),

    retention: ({ document, ...range }, { signal }) => this.#memory(document).retention({ ...range, signal }),

    sample: ({ document }, { signal }) => retentionSample(this.#memory(document), signal),

    pool: ({ document, live = false }) => this.#memory(document).pool({ live }),

    fidelity: ({ document }, { signal }) => orCancelled(this.#known(document).fidelity(), signal),

    compare: async ({ document, question }, { signal, progress }) => {
      const memory = this.#memory(document);
      const plain = await this.#plain.of(memory, { signal, onProgress: progress });
      return compare(memory, plain, { question, signal });
    },

    forget: ({ document }) => this.#forget(document),
  };

  async #read(
    { document, name: _, ...about }: DocumentToRead,
    { signal, progress }: Call<ReadProgress>,
  ): Promise<Coverage> {
    const options = { ...about, signal, onProgress: progress };
    let before = this.#documents.get(document)?.memory;
    // One that came to nothing is of no use, and may not be read a second time.
    if (before?.coverage.tokens === 0) {
      this.#forget(document);
      before = undefined;
    }
    const memory =
      before ??
      createDocumentMemory({ engine: this.#holder.engine, tokenizer: await this.#holder.tokenizer() });
    this.#documents.set(document, knownOf(memory));
    if (before) this.#plain.forget(before);
    const text = piecesOf(() => this.#host.pull(document));
    try {
      // Of a text that was read before, only what follows the first difference is read again.
      return await (before?.update ? before.update(text, options) : memory.read(text, options));
    } catch (error) {
      // What was read before a cancel stays, with its share said; an error leaves nothing to build on.
      if (signal.aborted) return memory.coverage;
      this.#forget(document);
      throw error;
    }
  }

  async #start(choice: EngineAndModel): Promise<EngineInfo> {
    const { info, replaced } = await this.#holder.start(choice);
    if (replaced) for (const document of [...this.#documents.keys()]) this.#forget(document);
    return info;
  }

  async #speed(choice: EngineAndModel): Promise<number> {
    await this.#start(choice);
    const engine = await this.#holder.engine();
    const known = this.#speeds.get(engine) ?? readingSpeed(engine);
    this.#speeds.set(engine, known);
    known.catch(() => this.#speeds.delete(engine));
    return known;
  }

  #known(document: DocumentKey): Known {
    const known = this.#documents.get(document);
    if (!known) throw new MemMambaError('internal', `${document} has not been read.`);
    return known;
  }

  #memory(document: DocumentKey): DocumentMemory {
    return this.#known(document).memory;
  }

  #forget(document: DocumentKey): void {
    const memory = this.#documents.get(document)?.memory;
    this.#documents.delete(document);
    if (!memory) return;
    this.#plain.forget(memory);
    memory.dispose();
  }
}

async function* piecesOf(pull: () => Promise<TextPiece>): AsyncGenerator<string> {
  for (;;) {
    const { text, done } = await pull();
    if (done) return;
    yield text;
  }
}
