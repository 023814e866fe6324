import type { AskedQuestion, ReaderEngine } from '../../memmamba/engine.js';
import { readerEnd, readerPassage, readerQuestion } from '../../memmamba/prompts.js';
import type { Tokenizer } from '../../tokenizer/index.js';

/** Tokens of a question that are read. */
const LONGEST_QUESTION = 64;

/** What the reader makes of one passage; entry i is of its i-th token. */
export interface PassageReading {
  /** Logits of the answer's first and last token. */
  readonly start: Float32Array;
  readonly end: Float32Array;
  /** UTF-16 offsets in the passage where each token starts and ends. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** A question on its way through passages. */
export class QuestionReader {
  readonly #engine: ReaderEngine;
  readonly #asked: AskedQuestion;
  readonly #tokenizer: Tokenizer;
  readonly #end: Uint32Array;

  private constructor(engine: ReaderEngine, asked: AskedQuestion, tokenizer: Tokenizer) {
    this.#engine = engine;
    this.#asked = asked;
    this.#tokenizer = tokenizer;
    this.#end = tokenizer.encode(readerEnd()).ids;
  }

  /**
   * Reads the question; its first 64 tokens, if it is longer.
   *
   * @throws the signal's reason
   */
  static async ask(
    engine: ReaderEngine,
    tokenizer: Tokenizer,
    question: string,
    signal?: AbortSignal,
  ): Promise<QuestionReader> {
    const ids = tokenizer.encode(readerQuestion(question)).ids.subarray(0, LONGEST_QUESTION);
    return new QuestionReader(engine, await engine.ask(ids, signal), tokenizer);
  }

  /** Logit of “not here”: one softmax runs over it and the starts of all passages. */
  get none(): number {
    return this.#asked.none;
  }

  /**
   * Reads passages behind the question, each by itself; of a very long one what the reader takes at once.
   *
   * @throws the signal's reason
   */
  async read(passages: readonly string[], signal?: AbortSignal): Promise<PassageReading[]> {
    const encoded = passages.map((passage) => this.#encode(passage));
    const read = await this.#asked.read(
      encoded.map(({ ids }) => ids),
      this.#end,
      signal,
    );
    return read.map((logits, i) => ({ ...logits, starts: encoded[i]!.starts, ends: encoded[i]!.ends }));
  }

  dispose(): void {
    this.#asked.dispose();
  }

  #encode(passage: string) {
    const { before, text } = readerPassage(passage);
    const { ids, starts, ends } = this.#tokenizer.encode(text);
    const inPassage = (offset: number) => Math.min(Math.max(0, offset - before), passage.length);
    const room = this.#engine.longest - this.#end.length;
    return {
      ids: ids.subarray(0, room),
      starts: Uint32Array.from(starts.subarray(0, room), inPassage),
      ends: Uint32Array.from(ends.subarray(0, room), inPassage),
    };
  }
}
