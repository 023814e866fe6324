import type { Answer, Coverage, DocumentMemory, Passage, Summary, TokenRetention } from './types.js';
import { isConfident, lookUp } from '../answers/look-up.js';
import { StagedResults } from '../staged/staged-results.js';
import type { StagedText } from '../staged/staged-text.js';

/** What can be asked of a document, whether the model read all of it or chosen parts. */
export type Readable = Pick<
  DocumentMemory,
  'coverage' | 'read' | 'summarize' | 'passages' | 'ask' | 'answerFrom' | 'retention' | 'dispose'
> & { readonly byteLength: number };

/**
 * A document of which the model reads chosen parts only: the memory of the staged text, with every offset and
 * line turned into those of the document, and with the shares stated in the coverage.
 */
export class StagedMemory implements Readable {
  readonly #results: StagedResults;

  /**
   * @param memory of the staged text
   * @param text the parts
   * @param scannedBytes UTF-8 bytes of the document, all of which the fast pass looked at
   * @param open gives the whole document's text from its start: questions are looked up in it
   */
  constructor(
    private readonly memory: Readable,
    private readonly text: StagedText,
    scannedBytes: number,
    private readonly open: () => AsyncIterable<string>,
  ) {
    this.#results = new StagedResults(text, scannedBytes);
  }

  get byteLength(): number {
    return this.memory.byteLength;
  }

  get coverage(): Coverage {
    return this.#results.coverage(this.memory.coverage);
  }

  /** @param text of the whole document; the parts are picked from it */
  async read(text: AsyncIterable<string>, options?: Parameters<Readable['read']>[1]): Promise<Coverage> {
    const picked = { ...options, cuts: this.text.starts };
    return this.#results.coverage(await this.memory.read(this.text.pick(text), picked));
  }

  async summarize(options?: Parameters<Readable['summarize']>[0]): Promise<Summary> {
    return this.#results.summary(await this.memory.summarize(options));
  }

  async passages(options: Parameters<Readable['passages']>[0]): Promise<readonly Passage[]> {
    return (await this.memory.passages(options)).map(this.#results.passage);
  }

  async ask(options: Parameters<Readable['ask']>[0]): Promise<Answer> {
    const { question, memoryOnly, signal } = options;
    const remembered = this.#results.answer(await this.memory.ask({ ...options, memoryOnly: true }));
    if (memoryOnly || isConfident(remembered, question)) return remembered;
    const read = (text: string) => this.memory.answerFrom({ question, text, ...(signal && { signal }) });
    return lookUp({ question, remembered, text: this.open(), read, signal });
  }

  answerFrom(options: Parameters<Readable['answerFrom']>[0]): Promise<string> {
    return this.memory.answerFrom(options);
  }

  /** Retention of those tokens in [start, end) that the model has read. */
  async retention(options: Parameters<Readable['retention']>[0]): Promise<readonly TokenRetention[]> {
    const tokens: TokenRetention[] = [];
    for (const range of this.text.fromDocument(options.start, options.end)) {
      tokens.push(...(await this.memory.retention({ ...options, ...range })).map(this.#results.token));
    }
    return tokens;
  }

  dispose(): void {
    this.memory.dispose();
  }
}
