import { pieces } from '../documents/text.js';
import type { DocumentKey } from '../protocol/engine.js';
import { MemMambaError } from '../protocol/errors.js';
import { PIECE_LENGTH, type TextPiece } from '../protocol/page.js';

/** A text that the engine pulls. */
interface Open {
  readonly text: AsyncGenerator<string, void, undefined>;
  failure?: MemMambaError;
}

/** The texts that the engine is reading: it pulls them, one bounded piece at a time. */
export class OpenTexts {
  readonly #open = new Map<DocumentKey, Open>();

  /**
   * Lets the engine pull a document's text as long as `reading` takes.
   * @throws {MemMambaError} what `text` failed with, whatever the engine makes of it, or what `reading` throws
   */
  async during<T>(key: DocumentKey, text: AsyncIterable<string>, reading: () => Promise<T>): Promise<T> {
    const open: Open = { text: bounded(text) };
    this.#open.set(key, open);
    try {
      return await reading();
    } catch (error) {
      throw open.failure ?? error;
    } finally {
      this.#open.delete(key);
      // A file that was not read to its end is closed.
      open.text.return().catch(() => undefined);
    }
  }

  /** The next piece of a document that is being read. */
  async pull(key: DocumentKey): Promise<TextPiece> {
    const open = this.#open.get(key);
    if (!open) throw new MemMambaError('internal', `No reading of ${key} is under way.`);
    try {
      const next = await open.text.next();
      return next.done ? { text: '', done: true } : { text: next.value, done: false };
    } catch (error) {
      if (error instanceof MemMambaError) open.failure = error;
      throw error;
    }
  }
}

async function* bounded(text: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const piece of text) yield* pieces(piece, PIECE_LENGTH);
}
