import type { Engine, ForwardResult } from '../memmamba/engine.js';
import { emptySnapshot } from '../memmamba/state.js';
import { abortable } from '../scheduling/abortable.js';
import { undecodedIn } from '../text/decode-text.js';
import { utf8Length } from '../text/utf8-length.js';
import type { Tokenizer } from '../tokenizer/index.js';
import type { Coverage, ReadProgress } from './coverage.js';
import { KeptDocument, LIMITS, type MemoryLimits } from './kept-document.js';
import { halvesOf, segmentsOf, type KnownTokens, type TextSegment } from './token-segments.js';

export interface ReadingOptions {
  /**
   * Gives a live engine: called once before the first use, and again after that engine's device was lost, when
   * it must give another. The memory never disposes an engine; one may serve many documents.
   */
  readonly engine: () => Promise<Engine>;
  readonly tokenizer: Tokenizer;
  /** `off`: the same weights as a plain Mamba, for comparison. Default `on`. */
  readonly pool?: 'on' | 'off';
  readonly limits?: Partial<MemoryLimits>;
}

/** How the reading of a text is watched and ended. */
export interface WatchOptions {
  /** UTF-8 bytes of the text that is read, where known. */
  readonly totalBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** Reads one document, once and again after edits, and holds what is kept of it. */
export class DocumentReading {
  readonly #options: ReadingOptions;
  readonly #onRewind: () => void;
  #phase: 'new' | 'reading' | 'read' = 'new';
  #isDisposed = false;
  #kept: KeptDocument | undefined;
  #bytes = 0;
  #undecoded = 0;
  #isComplete = false;
  #readMs = 0;

  /** @param onRewind told when part of what was read is forgotten, and what was made of it is void */
  constructor(options: ReadingOptions, onRewind: () => void) {
    this.#options = options;
    this.#onRewind = onRewind;
  }

  get coverage(): Coverage {
    return {
      tokens: this.#kept?.session.position ?? 0,
      bytes: this.#bytes,
      complete: this.#isComplete,
      ...(this.#undecoded > 0 && { undecoded: this.#undecoded }),
    };
  }

  /** What is kept, as far as anything is; also while the document is being read. */
  get kept(): KeptDocument | undefined {
    return this.#kept;
  }

  /** Milliseconds that reading took. */
  get milliseconds(): number {
    return this.#readMs;
  }

  /** Whether the document was read, to its end or to a cancel, and is still there. */
  get isReady(): boolean {
    return !this.#isDisposed && this.#phase === 'read' && this.#kept !== undefined;
  }

  /**
   * What is kept of a document that was read.
   *
   * @throws {Error} while it is being read, before, and after `dispose`
   */
  use(): KeptDocument {
    this.#throwIfDisposed();
    if (this.#phase === 'reading')
      throw new Error('The document is still being read; wait, or cancel the reading.');
    if (!this.#kept) throw new Error('The document has not been read yet.');
    return this.#kept;
  }

  /** Reads a text for the first time. */
  read(text: AsyncIterable<string>, options: WatchOptions): Promise<Coverage> {
    if (this.#phase !== 'new')
      throw new Error('This document was read already; make a new memory to read it anew, or update it.');
    this.#phase = 'reading';
    const kept = this.#prepare();
    // Whoever waits below hears of a failure.
    kept.catch(() => undefined);
    const { tokenizer } = this.#options;
    return this.#readAll(
      async () => segmentsOf(tokenizer, text, (await kept).engine.segmentLength, options.signal),
      options,
      kept,
    );
  }

  /** Reads the text as it is now, as far as it changed. */
  update(text: AsyncIterable<string>, options: WatchOptions): Promise<Coverage> {
    const kept = this.use();
    this.#phase = 'reading';
    const { tokenizer } = this.#options;
    const known = this.#known(kept);
    const segments = () =>
      Promise.resolve(segmentsOf(tokenizer, text, kept.engine.segmentLength, options.signal, known));
    return this.#readAll(segments, options, Promise.resolve(kept));
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#kept?.session.dispose();
    this.#kept = undefined;
  }

  async #prepare(): Promise<KeptDocument> {
    const { pool = 'on', limits } = this.#options;
    const engine = await this.#options.engine();
    const kept = new KeptDocument(engine, this.#options.engine, pool, { ...LIMITS, ...limits });
    this.#throwIfDisposed();
    return (this.#kept = kept);
  }

  /** Reads segments to their end, or to a cancel. */
  async #readAll(
    segments: () => Promise<AsyncIterable<TextSegment>>,
    { signal, totalBytes, onProgress }: WatchOptions,
    prepared: Promise<KeptDocument>,
  ): Promise<Coverage> {
    const begin = performance.now();
    try {
      const kept = await abortable(prepared, signal);
      this.#throwIfDisposed();
      this.#isComplete = false;
      const start = performance.now();
      let read = 0;
      for await (const segment of await segments()) {
        await this.#readSegment(kept, segment, signal);
        read += segment.tokens.ids.length;
        const { tokens, bytes } = this.coverage;
        const tokensPerSecond = (read / (performance.now() - start)) * 1000;
        onProgress?.({ tokens, bytes, tokensPerSecond, ...(totalBytes !== undefined && { totalBytes }) });
      }
      this.#isComplete = true;
    } catch (error) {
      // After a cancel what was read stays usable, and the coverage says how much that is.
      if (!signal?.aborted) throw error;
    } finally {
      this.#kept?.archive.finish();
      this.#readMs += performance.now() - begin;
      if (!this.#isDisposed) this.#phase = 'read';
    }
    return this.coverage;
  }

  async #readSegment(
    kept: KeptDocument,
    segment: TextSegment,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { session, points } = kept;
    const { tokens, text, cuts } = segment;
    const position = session.position;
    const record = (result: ForwardResult) => {
      kept.record(position, tokens, result);
      for (const cut of cuts) kept.tokens.markCut(position + cut);
      kept.text.append(text);
      this.#bytes += utf8Length(text);
      this.#undecoded += undecodedIn(text);
    };
    const isRead = await abortable(session.advance(tokens.ids, { ...kept.wanted, signal }, record), signal);
    if (!isRead) {
      for (const half of halvesOf(segment)) await this.#readSegment(kept, half, signal);
      return;
    }
    if (points.isDue(session.position)) points.save(await session.snapshot());
  }

  /** What was read, as a new text is compared with it. */
  #known(kept: KeptDocument): KnownTokens {
    const { tokens, points, text } = kept;
    return {
      length: tokens.length,
      isSame: (token, id, start) => tokens.id(token) === id && tokens.start(token) === start,
      slice: (start, end) => text.slice(start, end),
      cutBefore: (token, offset) => {
        const cut = tokens.cutBefore(token, offset);
        return { token: cut, start: cut === 0 ? 0 : tokens.start(cut) };
      },
      resumeAt: (same) => (same === tokens.length ? same : points.at(same).position),
      rewind: (position) => this.#rewind(kept, position),
    };
  }

  /**
   * Forgets the tokens from `position` on, which is that of a saved state, or of the end of what was read. Then
   * everything stands as it stood when the token before `position` had just been read.
   */
  async #rewind(kept: KeptDocument, position: number): Promise<void> {
    const { session, points, config } = kept;
    const isEnd = position === session.position;
    const snapshot = isEnd ? await session.snapshot() : points.at(position).snapshot;
    this.#throwIfDisposed();
    if (!isEnd) {
      points.rewind(position);
      session.rewind(position);
    }
    const forgotten = kept.truncate(position, (snapshot ?? emptySnapshot(config)).layers);
    this.#bytes -= utf8Length(forgotten);
    this.#undecoded -= undecodedIn(forgotten);
    this.#onRewind();
  }

  #throwIfDisposed(): void {
    if (this.#isDisposed) throw new Error('The memory of this document was closed.');
  }
}
