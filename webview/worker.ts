import * as Comlink from 'comlink';
import {
  MemMambaError,
  toMemMambaError,
  type DocumentKey,
  type EngineAndModel,
  type TextPiece,
} from '../extension/protocol.js';
import { compare } from '../models/document/compare.js';
import type { FormatOption } from '../models/text/formats/document-format.js';
import { createDocumentMemory } from '../models/document/index.js';
import { readingSpeed } from '../models/reading/reading-speed.js';
import type { DocumentMemory, PassageMethod, ReadProgress } from '../models/document/types.js';
import type { Engine } from '../models/memmamba/engine.js';
import { checkDevice } from './check.js';
import { EngineHolder } from './engineHolder.js';
import { keepErrorCodes } from './errors.js';
import { PlainReadings } from './plainReadings.js';
import type { CallId, EngineService, WorkerHost } from './service.js';

/** Names of the models' errors, by the code under which the reader's side knows them. */
const CODES: Readonly<Record<string, MemMambaError['code']>> = {
  ModelFileError: 'model',
  EngineUnavailableError: 'engine',
  DeviceLostError: 'engine',
  TextError: 'document',
};

keepErrorCodes((error) => {
  const code = error instanceof Error ? CODES[error.name] : undefined;
  if (code && error instanceof Error) return new MemMambaError(code, error.message);
  const converted = toMemMambaError(error);
  // The reader sees one line; the developer tools keep where a fault of ours came from.
  if (converted.code === 'internal') console.error(error);
  return converted;
});

/** A reading for comparison is asked little: fewer saved states, and hardly an archive. */
const PLAIN_LIMITS = { snapshotBytes: 64 << 20, archiveBytes: 0 };

/** The documents' memories, and the engine under them. */
class Service implements EngineService {
  readonly #holder: EngineHolder;
  readonly #memories = new Map<DocumentKey, DocumentMemory>();
  readonly #plain: PlainReadings;
  readonly #calls = new Map<CallId, AbortController>();
  /** Measured reading speeds, in tokens a second. */
  readonly #speeds = new WeakMap<Engine, Promise<number>>();

  constructor(host: WorkerHost) {
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

  async start(choice: EngineAndModel) {
    const { info, replaced } = await this.#holder.start(choice);
    if (replaced) this.#forgetAll();
    return info;
  }

  check(choice: EngineAndModel) {
    return checkDevice(() => this.start(choice));
  }

  async speed(choice: EngineAndModel) {
    await this.start(choice);
    const engine = await this.#holder.engine();
    const known = this.#speeds.get(engine) ?? readingSpeed(engine);
    this.#speeds.set(engine, known);
    known.catch(() => this.#speeds.delete(engine));
    return known;
  }

  read(
    call: CallId,
    document: DocumentKey,
    { totalBytes, format }: { readonly totalBytes?: number; readonly format?: FormatOption },
    pull: () => Promise<TextPiece>,
    onProgress: (progress: ReadProgress) => void,
  ) {
    return this.#cancellable(call, async (signal) => {
      const options = {
        signal,
        onProgress,
        ...(totalBytes !== undefined && { totalBytes }),
        ...(format && { format }),
      };
      let known = this.#memories.get(document);
      // One that came to nothing is of no use, and may not be read a second time.
      if (known?.coverage.tokens === 0) {
        await this.forget(document);
        known = undefined;
      }
      const memory =
        known ??
        createDocumentMemory({ engine: this.#holder.engine, tokenizer: await this.#holder.tokenizer() });
      this.#memories.set(document, memory);
      if (known) this.#plain.forget(known);
      try {
        // Of a text that was read before, only what follows the first difference is read again.
        return await (known?.update
          ? known.update(piecesOf(pull), options)
          : memory.read(piecesOf(pull), options));
      } catch (error) {
        // What was read before a cancel stays, with its share said; an error leaves nothing to build on.
        if (signal.aborted) return memory.coverage;
        await this.forget(document);
        throw error;
      }
    });
  }

  summarize(call: CallId, document: DocumentKey, sentences?: number) {
    return this.#cancellable(call, async (signal) => {
      const memory = this.#memory(document);
      const summary = await memory.summarize({ signal, ...(sentences !== undefined && { sentences }) });
      // While the summary is read there is time for what a search needs.
      memory.prepare?.().catch(() => undefined);
      return summary;
    });
  }

  passages(
    call: CallId,
    document: DocumentKey,
    options: { query: string; top?: number; method?: PassageMethod },
  ) {
    return this.#cancellable(call, (signal) => this.#memory(document).passages({ ...options, signal }));
  }

  ask(call: CallId, document: DocumentKey, options: { question: string; memoryOnly?: boolean }) {
    return this.#cancellable(call, (signal) => this.#memory(document).ask({ ...options, signal }));
  }

  answerFrom(call: CallId, document: DocumentKey, options: { question: string; text: string }) {
    return this.#cancellable(call, (signal) => this.#memory(document).answerFrom({ ...options, signal }));
  }

  retention(call: CallId, document: DocumentKey, range: { start: number; end: number }) {
    return this.#cancellable(call, (signal) => this.#memory(document).retention({ ...range, signal }));
  }

  pool(document: DocumentKey, live: boolean) {
    return Promise.resolve(this.#memory(document).pool({ live }));
  }

  fidelity(call: CallId, document: DocumentKey) {
    return this.#cancellable(call, (signal) => this.#memory(document).fidelity({ signal }));
  }

  slice(document: DocumentKey, { start, end }: { start: number; end: number }) {
    return Promise.resolve(this.#memory(document).slice(start, end));
  }

  length(document: DocumentKey) {
    return Promise.resolve(this.#memory(document).length);
  }

  compare(
    call: CallId,
    document: DocumentKey,
    question: string,
    onProgress: (progress: ReadProgress) => void,
  ) {
    return this.#cancellable(call, async (signal) => {
      const memory = this.#memory(document);
      const plain = await this.#plain.of(memory, { signal, onProgress });
      return compare(memory, plain, { question, signal });
    });
  }

  forget(document: DocumentKey) {
    const memory = this.#memories.get(document);
    if (memory) this.#plain.forget(memory);
    memory?.dispose();
    this.#memories.delete(document);
    return Promise.resolve();
  }

  cancel(call: CallId) {
    this.#calls.get(call)?.abort();
    return Promise.resolve();
  }

  #memory(document: DocumentKey): DocumentMemory {
    const memory = this.#memories.get(document);
    if (!memory) throw new MemMambaError('internal', `${document} has not been read.`);
    return memory;
  }

  #forgetAll(): void {
    for (const memory of this.#memories.values()) {
      this.#plain.forget(memory);
      memory.dispose();
    }
    this.#memories.clear();
  }

  async #cancellable<T>(call: CallId, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#calls.set(call, controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#calls.delete(call);
    }
  }
}

async function* piecesOf(pull: () => Promise<TextPiece>): AsyncGenerator<string> {
  for (;;) {
    const { text, done } = await pull();
    if (done) return;
    yield text;
  }
}

/** What the page finds at the other end: the service, made with what the page lends. */
export interface WorkerRoot {
  connect(host: WorkerHost): EngineService;
}

const root: WorkerRoot = {
  connect: (host) => Comlink.proxy(new Service(host)),
};

Comlink.expose(root);
