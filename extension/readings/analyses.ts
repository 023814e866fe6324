import type { Span } from '../../models/text/span.js';
import { isConfident, lookUp } from '../../models/answers/look-up.js';
import type { Answer, Passage, PoolEntry, Summary, TokenRetention } from '../../models/document/types.js';
import type { Engine } from '../engine/engine.js';
import { MemMambaError, orCancelled } from '../protocol/errors.js';
import type { Reading, Readings } from './readings.js';
import { requestKey, withResult } from '../results/saved.js';

interface Options {
  readonly signal?: AbortSignal;
}

/**
 * What can be asked of a reading. An answer that is saved is given at once; what the engine says of the parts
 * of a document that was read in stages is turned into what it says of the document.
 */
export class Analyses {
  readonly #engine: Engine;
  readonly #readings: Readings;

  constructor(engine: Engine, readings: Readings) {
    this.#engine = engine;
    this.#readings = readings;
  }

  summarize(
    reading: Reading,
    params: { readonly sentences: number },
    options: Options = {},
  ): Promise<Summary> {
    return this.#saved(reading, requestKey('summarize', params), async () => {
      const document = reading.source.key;
      const summary = await this.#engine.request('summarize', { document, ...params }, options);
      return reading.stages?.results.summary(summary) ?? summary;
    });
  }

  passages(
    reading: Reading,
    params: { readonly query: string; readonly top: number },
    options: Options = {},
  ): Promise<readonly Passage[]> {
    return this.#saved(reading, requestKey('passages', params), async () => {
      const found = await this.#engine.request(
        'passages',
        { document: reading.source.key, ...params },
        options,
      );
      return reading.stages ? found.map(reading.stages.results.passage) : found;
    });
  }

  /** @param options.onLookUp told the share of a document read in stages that was searched for the question */
  ask(
    reading: Reading,
    params: { readonly question: string },
    options: Options & { readonly onLookUp?: (share: number) => void } = {},
  ): Promise<Answer> {
    return this.#saved(reading, requestKey('ask', params), async () => {
      const { source, stages } = reading;
      const document = source.key;
      const { signal, onLookUp } = options;
      const only = signal ? { signal } : {};
      if (!stages) return this.#engine.request('ask', { document, ...params }, only);
      // The page knows the parts only, so the whole is searched here, where the file is.
      const said = await this.#engine.request('ask', { document, ...params, memoryOnly: true }, only);
      const remembered = stages.results.answer(said);
      if (isConfident(remembered, params.question)) return remembered;
      const looking = lookUp({
        ...params,
        remembered,
        text: source.read(),
        read: (text) => this.#engine.request('answerFrom', { document, ...params, text }, only),
        signal,
        onProgress: (units) => onLookUp?.(Math.min(1, units / source.totalBytes)),
      });
      try {
        return await (signal ? orCancelled(looking, signal) : looking);
      } catch (error) {
        throw signal?.aborted ? new MemMambaError('cancelled', 'Cancelled.') : error;
      }
    });
  }

  /** Retention of the tokens in a range of the document, of those that the model has read. */
  async retention(reading: Reading, range: Span, options: Options = {}): Promise<TokenRetention[]> {
    const { stages, source } = reading;
    const ask = ({ start, end }: Span) =>
      this.#engine.request('retention', { document: source.key, start, end }, options);
    if (!stages) return [...(await ask(range))];
    const parts = await Promise.all(stages.results.text.fromDocument(range.start, range.end).map(ask));
    return parts.flat().map(stages.results.token);
  }

  /** Retention of tokens from all over what the model has read, in rising order. */
  retentionSample(reading: Reading, options: Options = {}): Promise<readonly number[]> {
    return this.#engine.request('sample', { document: reading.source.key }, options);
  }

  /** The notes that are in a state pool at the end of what was read. */
  async livePool(reading: Reading): Promise<readonly PoolEntry[]> {
    const notes = await this.#engine.request('pool', { document: reading.source.key, live: true });
    return reading.stages ? notes.map(reading.stages.results.poolEntry) : notes;
  }

  /** What is saved, or what `make` makes, which is saved if the document was read to its end. */
  async #saved<T>(reading: Reading, key: string, make: () => Promise<T>): Promise<T> {
    if (reading.saved && key in reading.saved.results && isOf(reading))
      return reading.saved.results[key] as T;
    const result = await make();
    if (reading.coverage.complete) {
      void this.#readings.keep(reading, withResult(reading.saved, reading, key, result));
    }
    return result;
  }
}

/** True if what is saved was made from as much of the text as this reading has. */
function isOf({ saved, coverage }: Reading): boolean {
  return saved?.coverage.scannedBytes === coverage.scannedBytes && saved?.coverage.bytes === coverage.bytes;
}
