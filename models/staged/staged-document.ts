import type { Answer } from '../answers/answer.js';
import { cleanQuestion } from '../answers/clean-question.js';
import { isConfident, lookUp } from '../answers/look-up.js';
import { NONE } from '../answers/no-answer.js';
import type { PoolEntry, TokenRetention } from '../fidelity/types.js';
import type { Coverage } from '../reading/coverage.js';
import type { Passage } from '../reading/passage.js';
import type { Summary } from '../summary/types.js';
import { askStaged } from './ask-staged.js';
import type { AskOptions, Readable, ReadOptions } from './readable.js';
import { StagedResults } from './staged-results.js';
import type { StagedText } from './staged-text.js';

/** Passages shown with an answer. */
const SHOWN = 5;

/**
 * A document of which the model reads chosen parts only: the memory of the staged text, with every offset and line
 * turned into those of the document, and with the shares stated in the coverage. Every reading in stages goes through
 * it, wherever the memory is.
 */
export class StagedDocument implements Readable {
  readonly #memory: Readable;
  readonly #open: () => AsyncIterable<string>;
  readonly #scannedBytes: number;
  readonly #results: StagedResults;

  /**
   * @param memory of the staged text
   * @param text the parts
   * @param scannedBytes UTF-8 bytes of the document, all of which the fast pass looked at
   * @param open gives the whole document's text from its start: each question that the memory does not answer for sure
   *   is looked up in it
   * @param undecoded characters of the document that stand for bytes which are no UTF-8
   */
  constructor(
    memory: Readable,
    readonly text: StagedText,
    scannedBytes: number,
    open: () => AsyncIterable<string>,
    undecoded = 0,
  ) {
    this.#memory = memory;
    this.#open = open;
    this.#scannedBytes = scannedBytes;
    this.#results = new StagedResults(text, scannedBytes, undecoded);
  }

  get coverage(): Coverage {
    return this.#results.coverage(this.#memory.coverage);
  }

  /** @param text the staged text: see {@link StagedText.pieces} */
  async read(text: AsyncIterable<string>, options: ReadOptions = {}): Promise<Coverage> {
    const parts = { cuts: this.text.starts, scannedBytes: this.#scannedBytes };
    return this.#results.coverage(await this.#memory.read(text, { ...options, ...parts }));
  }

  async summarize(options?: Parameters<Readable['summarize']>[0]): Promise<Summary> {
    return this.#results.summary(await this.#memory.summarize(options));
  }

  async passages(options: Parameters<Readable['passages']>[0]): Promise<readonly Passage[]> {
    return (await this.#memory.passages(options)).map(this.#results.passage);
  }

  async ask({ onLookUp, ...options }: AskOptions): Promise<Answer> {
    const { memoryOnly, signal } = options;
    const question = cleanQuestion(options.question);
    const aborting = signal ? { signal } : {};
    const remembered = this.#results.answer(
      await this.#memory.ask({ question, memoryOnly: true, ...aborting }),
    );
    if (memoryOnly) return remembered;
    const passages = await this.passages({ query: question, top: SHOWN, ...aborting });
    options.onRefine?.({ answer: NONE, verified: false, evidence: [], passages });
    const onProgress = (units: number) => onLookUp?.(Math.min(1, units / this.#scannedBytes));
    const hasReader =
      (await this.#memory.pointAt({ question, texts: [], recalled: '', ...aborting })) !== undefined;
    if (hasReader) {
      const asked = { memory: this.#memory, remembered, passages, text: this.#open(), onProgress };
      return (await askStaged(asked, { ...options, question })) ?? remembered;
    }
    if (isConfident(remembered, question)) return { ...remembered, passages };
    const read = (text: string) => this.#memory.answerFrom({ question, text, ...aborting });
    const found = { question, remembered, text: this.#open(), read, signal, onProgress };
    return { ...(await lookUp(found)), passages };
  }

  pointAt(options: Parameters<Readable['pointAt']>[0]): ReturnType<Readable['pointAt']> {
    return this.#memory.pointAt(options);
  }

  answerFrom(options: Parameters<Readable['answerFrom']>[0]): Promise<string> {
    return this.#memory.answerFrom(options);
  }

  /** Retention of those tokens in [start, end) that the model has read. */
  async retention(options: Parameters<Readable['retention']>[0]): Promise<readonly TokenRetention[]> {
    const ranges = this.text.fromDocument(options.start, options.end);
    const parts = await Promise.all(ranges.map((range) => this.#memory.retention({ ...options, ...range })));
    return parts.flat().map(this.#results.token);
  }

  async pool(options?: Parameters<Readable['pool']>[0]): Promise<readonly PoolEntry[]> {
    return (await this.#memory.pool(options)).map(this.#results.poolEntry);
  }

  dispose(): void {
    this.#memory.dispose();
  }
}
