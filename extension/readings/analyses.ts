import type { Span } from '../../models/text/span.js';
import type { Answer, Passage, PoolEntry, Summary, TokenRetention } from '../../models/document/types.js';
import type { AskOptions } from '../../models/staged/readable.js';
import type { Engine } from '../engine/engine.js';
import { MemMambaError, orCancelled } from '../protocol/errors.js';
import type { Reading, Readings } from './readings.js';
import { requestKey, withResult } from '../results/saved.js';

interface Options {
  readonly signal?: AbortSignal;
}

/** What can be asked of a reading. An answer that is saved is given at once. */
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
    return this.#saved(reading, requestKey('summarize', params), () =>
      reading.document.summarize({ ...params, ...options }),
    );
  }

  passages(
    reading: Reading,
    params: { readonly query: string; readonly top: number },
    options: Options = {},
  ): Promise<readonly Passage[]> {
    return this.#saved(reading, requestKey('passages', params), () =>
      reading.document.passages({ ...params, ...options }),
    );
  }

  /** @param options.onLookUp told the share of a document read in stages that was searched for the question */
  ask(
    reading: Reading,
    params: { readonly question: string },
    options: Options & Pick<AskOptions, 'onLookUp'> = {},
  ): Promise<Answer> {
    return this.#saved(reading, requestKey('ask', params), async () => {
      const { signal } = options;
      try {
        return await orCancelled(reading.document.ask({ ...params, ...options }), signal);
      } catch (error) {
        throw signal?.aborted ? new MemMambaError('cancelled', 'Cancelled.') : error;
      }
    });
  }

  /** Retention of the tokens in a range of the document, of those that the model has read. */
  retention(
    reading: Reading,
    { start, end }: Span,
    options: Options = {},
  ): Promise<readonly TokenRetention[]> {
    return reading.document.retention({ start, end, ...options });
  }

  /** Retention of tokens from all over what the model has read, in rising order. */
  retentionSample(reading: Reading, options: Options = {}): Promise<readonly number[]> {
    return this.#engine.request('sample', { document: reading.source.key }, options);
  }

  /** The notes that are in a state pool at the end of what was read. */
  async livePool(reading: Reading): Promise<readonly PoolEntry[]> {
    return reading.document.pool({ live: true });
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
