import { createHash } from 'node:crypto';
import { createDocumentMemory, type ReadProgress } from '../analysis/index.js';
import type { MemMambaDocument } from '../analysis/document-memory.js';
import type { Engine } from '../memmamba/engine.js';
import type { Tokenizer } from '../tokenizer/index.js';
import type { TextSource } from './text-source.js';

/** Main memory that documents may hold before the one unused for longest is forgotten. */
const CAPACITY = 2 * 2 ** 30;

export interface DocumentSettings {
  readonly engine: () => Promise<Engine>;
  readonly tokenizer: Tokenizer;
  readonly pool: 'on' | 'off';
  readonly signal?: AbortSignal;
  readonly onProgress?: (name: string, progress: ReadProgress) => void;
}

/** Reads each document once, however many requests name it. */
export class Documents {
  readonly #read = new Map<string, MemMambaDocument>();

  constructor(private readonly settings: DocumentSettings) {}

  /** The document, read to its end. What cannot be read is not remembered. */
  async get(source: TextSource): Promise<MemMambaDocument> {
    const key = createHash('sha256').update(source.key).digest('base64');
    const known = this.#read.get(key);
    if (known) {
      // The last entry of the map is the one used last.
      this.#read.delete(key);
      this.#read.set(key, known);
      return known;
    }
    const { engine, tokenizer, pool, signal, onProgress } = this.settings;
    const document = createDocumentMemory({ engine, tokenizer, pool });
    try {
      await document.read(source.open(), {
        ...(source.totalBytes !== undefined && { totalBytes: source.totalBytes }),
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
