import type {
  Answer,
  Coverage,
  Passage,
  PoolEntry,
  Summary,
  TokenRetention,
} from '../../models/document/types.js';
import type { AskOptions, Readable, ReadOptions } from '../../models/staged/readable.js';
import type { AboutDocument, DocumentKey, EngineMethods } from '../protocol/engine.js';
import type { Remote } from '../protocol/rpc.js';
import type { OpenTexts } from './open-texts.js';

/** Where the engine is asked; `notify` tells it something that does not matter where it does not run. */
export interface EngineRemote extends Remote<EngineMethods> {
  notify(method: 'forget', params: AboutDocument): void;
}

/** A document whose memory is in the engine's page: whatever it is asked goes over the wire. */
export class RemoteDocument implements Readable {
  readonly #engine: EngineRemote;
  readonly #texts: OpenTexts;
  readonly #document: DocumentKey;
  readonly #name: string;
  #coverage: Coverage = { tokens: 0, bytes: 0, complete: false };

  /**
   * @param texts where the engine pulls the text
   * @param source the document's key, and its name for people
   */
  constructor(
    engine: EngineRemote,
    texts: OpenTexts,
    { key, name }: { readonly key: DocumentKey; readonly name: string },
  ) {
    this.#engine = engine;
    this.#texts = texts;
    this.#document = key;
    this.#name = name;
  }

  get coverage(): Coverage {
    return this.#coverage;
  }

  async read(
    text: AsyncIterable<string>,
    { signal, onProgress, ...about }: ReadOptions = {},
  ): Promise<Coverage> {
    const asked = { document: this.#document, name: this.#name, ...about };
    this.#coverage = await this.#texts.during(this.#document, text, () =>
      this.#engine.request('read', asked, { signal, onProgress }),
    );
    return this.#coverage;
  }

  summarize({ signal, ...asked }: Parameters<Readable['summarize']>[0] = {}): Promise<Summary> {
    return this.#engine.request('summarize', { document: this.#document, ...asked }, { signal });
  }

  passages({ signal, ...asked }: Parameters<Readable['passages']>[0]): Promise<readonly Passage[]> {
    return this.#engine.request('passages', { document: this.#document, ...asked }, { signal });
  }

  ask({ signal, question, memoryOnly = false, onRefine }: AskOptions): Promise<Answer> {
    const asked = { document: this.#document, question, ...(memoryOnly && { memoryOnly }) };
    return this.#engine.request('ask', asked, { signal, onProgress: onRefine });
  }

  async pointAt({
    signal,
    onRead,
    ...asked
  }: Parameters<Readable['pointAt']>[0]): ReturnType<Readable['pointAt']> {
    const about = { document: this.#document, ...asked };
    return (await this.#engine.request('pointAt', about, { signal, onProgress: onRead })) ?? undefined;
  }

  answerFrom({ signal, ...asked }: Parameters<Readable['answerFrom']>[0]): Promise<string> {
    return this.#engine.request('answerFrom', { document: this.#document, ...asked }, { signal });
  }

  retention({
    signal,
    start,
    end,
  }: Parameters<Readable['retention']>[0]): Promise<readonly TokenRetention[]> {
    return this.#engine.request('retention', { document: this.#document, start, end }, { signal });
  }

  pool({ live = false }: Parameters<Readable['pool']>[0] = {}): Promise<readonly PoolEntry[]> {
    return this.#engine.request('pool', { document: this.#document, live });
  }

  dispose(): void {
    this.#engine.notify('forget', { document: this.#document });
  }
}
