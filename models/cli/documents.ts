import type { FormatOption } from '../text/formats/document-format.js';
import { createHash } from 'node:crypto';
import { createDocumentMemory, type ReadProgress } from '../document/index.js';
import { readingSpeed } from '../reading/reading-speed.js';
import type { Readable } from '../staged/readable.js';
import { readWithin, type Budget } from '../staged/read-within.js';
import type { Engine } from '../memmamba/engine.js';
import type { Tokenizer } from '../tokenizer/index.js';
import { InputError } from './errors.js';
import { structureOf } from '../packed/structure.js';
import type { FileText } from './text-source.js';

const CAPACITY = 2 * 2 ** 30;

export interface DocumentSettings {
  readonly engine: () => Promise<Engine>;
  readonly tokenizer: Tokenizer;
  readonly pool: 'on' | 'off';
  /** What documents are read as. */
  readonly format?: FormatOption;
  /** Seconds that the model may read; what would take longer is read in stages. */
  readonly budget: number | 'all';
  /** Tokens a second at which the engine reads; measured unless given. */
  readonly speed?: number;
  /** Bytes of main memory that documents may hold before the one unused for longest is forgotten (2 GiB). */
  readonly capacity?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (name: string, progress: ReadProgress) => void;
}

interface Known {
  readonly document: Readable;
  /** Bytes of main memory that it takes. */
  readonly byteLength: () => number;
}

/** Reads each document once, however many requests name it. */
export class Documents {
  readonly #settings: DocumentSettings;

  readonly #read = new Map<string, Known>();

  constructor(settings: DocumentSettings) {
    this.#settings = settings;
  }

  /** The document, read to its end, or in stages. What cannot be read is not remembered. */
  async get(source: FileText): Promise<Readable> {
    const key = createHash('sha256').update(source.key).digest('base64');
    const known = this.#read.get(key);
    if (known) {
      // The last entry of the map is the one used last.
      this.#read.delete(key);
      this.#read.set(key, known);
      return known.document;
    }
    const { engine, tokenizer, pool, format, signal, onProgress } = this.#settings;
    const budget = await this.#budgetFor(source);
    const memory = createDocumentMemory({ engine, tokenizer, pool });
    try {
      const { packed } = source;
      const unread = { ...source, ...(packed && { blocks: structureOf(packed) }) };
      const { document } = await readWithin(memory, unread, budget, {
        signal,
        format,
        ...(onProgress && { onProgress: (progress) => onProgress(source.name, progress) }),
      });
      signal?.throwIfAborted();
      this.#read.set(key, { document, byteLength: () => memory.byteLength });
      this.#forget();
      return document;
    } catch (error) {
      memory.dispose();
      throw error;
    }
  }

  dispose(): void {
    for (const { document } of this.#read.values()) document.dispose();
    this.#read.clear();
  }

  /** What the model may read of a document; undefined where that is all of it. */
  async #budgetFor(source: FileText): Promise<Budget | undefined> {
    const { budget, engine, signal, speed } = this.#settings;
    if (budget === 'all') return undefined;
    if (source.totalBytes === undefined) {
      throw new InputError(`${source.name}: reading in stages reads twice; write it to a file first.`);
    }
    const tokens = budget * (speed ?? (await readingSpeed(await engine(), signal)));
    return { whole: tokens, tokens };
  }

  #forget(): void {
    const { capacity = CAPACITY } = this.#settings;
    let bytes = [...this.#read.values()].reduce((sum, { byteLength }) => sum + byteLength(), 0);
    for (const [key, { document, byteLength }] of this.#read) {
      if (bytes <= capacity || this.#read.size === 1) break;
      bytes -= byteLength();
      document.dispose();
      this.#read.delete(key);
    }
  }
}
