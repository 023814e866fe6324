import { createHash } from 'node:crypto';
import { createDocumentMemory, type ReadProgress } from '../document/index.js';
import { fastPass } from '../staged/fast-pass.js';
import { StagedText } from '../staged/staged-text.js';
import { readingSpeed } from '../reading/reading-speed.js';
import { StagedMemory, type Readable } from '../document/staged-memory.js';
import type { Engine } from '../memmamba/engine.js';
import type { Tokenizer } from '../tokenizer/index.js';
import type { FormatOption } from '../text/formats/document-format.js';
import { InputError } from './errors.js';
import type { TextSource } from '../text/text-source.js';

/** Main memory that documents may hold before the one unused for longest is forgotten. */
const CAPACITY = 2 * 2 ** 30;

export interface DocumentSettings {
  readonly engine: () => Promise<Engine>;
  readonly tokenizer: Tokenizer;
  readonly pool: 'on' | 'off';
  /** Seconds that the model may read; what would take longer is read in stages. */
  readonly budget: number | 'all';
  readonly format?: FormatOption;
  readonly signal?: AbortSignal;
  readonly onProgress?: (name: string, progress: ReadProgress) => void;
}

/** Reads each document once, however many requests name it. */
export class Documents {
  readonly #read = new Map<string, Readable>();

  constructor(private readonly settings: DocumentSettings) {}

  /** The document, read to its end, or in stages. What cannot be read is not remembered. */
  async get(source: TextSource): Promise<Readable> {
    const key = createHash('sha256').update(source.key).digest('base64');
    const known = this.#read.get(key);
    if (known) {
      // The last entry of the map is the one used last.
      this.#read.delete(key);
      this.#read.set(key, known);
      return known;
    }
    const { engine, tokenizer, pool, format, signal, onProgress } = this.settings;
    const parts = await this.#partsOf(source);
    const memory = createDocumentMemory({ engine, tokenizer, pool });
    const document = parts
      ? new StagedMemory(memory, parts, source.totalBytes ?? 0, () => source.open())
      : memory;
    const totalBytes = parts ? parts.units : source.totalBytes;
    try {
      await document.read(source.open(), {
        ...(totalBytes !== undefined && { totalBytes }),
        ...(format && { format }),
        ...(signal && { signal }),
        ...(onProgress && { onProgress: (progress) => onProgress(source.name, progress) }),
      });
      signal?.throwIfAborted();
    } catch (error) {
      document.dispose();
      throw error;
    }
    this.#read.set(key, document);
    this.#forget();
    return document;
  }

  dispose(): void {
    for (const document of this.#read.values()) document.dispose();
    this.#read.clear();
  }

  /** What of a document the model is to read, or undefined where it reads all. */
  async #partsOf(source: TextSource): Promise<StagedText | undefined> {
    const { budget, engine, signal } = this.settings;
    if (budget === 'all') return undefined;
    if (source.totalBytes === undefined) {
      throw new InputError(`${source.name}: reading in stages reads twice; write it to a file first.`);
    }
    const tokens = budget * (await readingSpeed(await engine(), signal));
    const pass = await fastPass(() => source.open(), { tokens, signal });
    return pass.isWhole ? undefined : new StagedText(pass.parts);
  }

  #forget(): void {
    let bytes = [...this.#read.values()].reduce((sum, document) => sum + document.byteLength, 0);
    for (const [key, document] of this.#read) {
      if (bytes <= CAPACITY || this.#read.size === 1) break;
      bytes -= document.byteLength;
      document.dispose();
      this.#read.delete(key);
    }
  }
}
