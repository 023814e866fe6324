import { AskedQuestion } from '../../memmamba/asked-question.js';
import type { Engine } from '../../memmamba/engine.js';
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

/** A question on its way through passages, one after the other. */
export class QuestionReader {
  readonly #asked: AskedQuestion;
  readonly #tokenizer: Tokenizer;
  readonly #end: Uint32Array;

  private constructor(asked: AskedQuestion, tokenizer: Tokenizer) {
    this.#asked = asked;
    this.#tokenizer = tokenizer;
    this.#end = tokenizer.encode(readerEnd()).ids;
  }

  /**
   * Reads the question; its first 64 tokens, if it is longer.
   *
   * @throws {EngineUseError} where the model has no reader
   */
  static async ask(
    engine: Engine,
    tokenizer: Tokenizer,
    question: string,
    signal?: AbortSignal,
  ): Promise<QuestionReader> {
    const ids = tokenizer.encode(readerQuestion(question)).ids.subarray(0, LONGEST_QUESTION);
    return new QuestionReader(await AskedQuestion.ask(engine, ids, signal), tokenizer);
  }

  /** Logit of “not here”: one softmax runs over it and the starts of all passages. */
  get none(): number {
    return this.#asked.none;
  }

  /** Reads a passage behind the question. */
  async read(passage: string, signal?: AbortSignal): Promise<PassageReading> {
    const { before, text } = readerPassage(passage);
    const { ids, starts, ends } = this.#tokenizer.encode(text);
    const inPassage = (offset: number) => Math.min(Math.max(0, offset - before), passage.length);
    return {
      ...(await this.#asked.read(ids, this.#end, signal)),
      starts: Uint32Array.from(starts, inPassage),
      ends: Uint32Array.from(ends, inPassage),
    };
  }

  dispose(): void {
    this.#asked.dispose();
  }
}
