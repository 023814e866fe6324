import type { DocumentMemory, ReadProgress } from '../../models/document/types.js';

/** UTF-16 code units handed on at a time. */
const PIECE = 64 * 1024;

/**
 * Second readings of documents with the pool off, for comparison: of the very text that the first reading kept,
 * whatever has become of the file since. One a document, made when it is first asked for.
 */
export class PlainReadings {
  readonly #create: () => Promise<DocumentMemory>;
  readonly #readings = new WeakMap<DocumentMemory, Promise<DocumentMemory>>();

  /** @param create gives a memory that has not read anything, its pool off */
  constructor(create: () => Promise<DocumentMemory>) {
    this.#create = create;
  }

  /** Rejects when `signal` is aborted: half a reading is nothing to compare with. */
  of(
    memory: DocumentMemory,
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: ReadProgress) => void },
  ): Promise<DocumentMemory> {
    const known = this.#readings.get(memory);
    if (known) return known;
    const reading = this.#read(memory, options);
    this.#readings.set(memory, reading);
    reading.catch(() => {
      if (this.#readings.get(memory) === reading) this.#readings.delete(memory);
    });
    return reading;
  }

  /** Gives up what belongs to a document that is forgotten. */
  forget(memory: DocumentMemory): void {
    const reading = this.#readings.get(memory);
    this.#readings.delete(memory);
    reading?.then((plain) => plain.dispose()).catch(() => undefined);
  }

  async #read(
    memory: DocumentMemory,
    { signal, onProgress }: Parameters<PlainReadings['of']>[1],
  ): Promise<DocumentMemory> {
    const plain = await this.#create();
    try {
      const totalBytes = memory.coverage.bytes;
      await plain.read(textOf(memory), { totalBytes, signal, onProgress });
      signal.throwIfAborted();
      return plain;
    } catch (error) {
      plain.dispose();
      throw error;
    }
  }
}

async function* textOf(memory: DocumentMemory): AsyncGenerator<string, void, undefined> {
  for (let at = 0; at < memory.length; at += PIECE) {
    yield await Promise.resolve(memory.slice(at, at + PIECE));
  }
}
