import type { Engine, ForwardOptions, ModelState } from './engine.js';
import { EngineUseError } from './errors.js';
import { noneLogit, passageLogits, READER_WIDTH, type ReadPassage } from './reader-head.js';

/**
 * A question that the reader has read: its state is small, and every passage continues a copy of it. Passages are read
 * one after the other.
 */
export class AskedQuestion {
  /** Logit of “not here”: one softmax runs over it and the starts of all passages. */
  readonly none: number;
  readonly #engine: Engine;
  readonly #state: ModelState;

  private constructor(engine: Engine, state: ModelState, none: number) {
    this.#engine = engine;
    this.#state = state;
    this.none = none;
  }

  /**
   * Reads a question from an empty state.
   *
   * @param question its tokens, one at least
   * @throws {EngineUseError} where the model has no reader, or the question no token
   */
  static async ask(engine: Engine, question: Uint32Array, signal?: AbortSignal): Promise<AskedQuestion> {
    if (question.length === 0) throw new EngineUseError('The question has no token.');
    const state = engine.createState();
    try {
      const outputs = await readOn(engine, state, question, signal);
      return new AskedQuestion(engine, state, noneLogit(outputs));
    } catch (error) {
      state.dispose();
      throw error;
    }
  }

  /**
   * Reads a passage behind the question.
   *
   * @param passage its tokens, one at least
   * @param end tokens behind it, one at least: the last has seen all of the passage
   * @returns a start and an end logit for every token of the passage
   */
  async read(passage: Uint32Array, end: Uint32Array, signal?: AbortSignal): Promise<ReadPassage> {
    const copy = this.#engine.cloneState(this.#state);
    try {
      const tokens = new Uint32Array(passage.length + end.length);
      tokens.set(passage);
      tokens.set(end, passage.length);
      return passageLogits(await readOn(this.#engine, copy, tokens, signal), passage.length);
    } finally {
      copy.dispose();
    }
  }

  dispose(): void {
    this.#state.dispose();
  }
}

/** (L, 260) what the reader makes of tokens; the state is advanced. */
async function readOn(
  engine: Engine,
  state: ModelState,
  tokens: Uint32Array,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const options: ForwardOptions = { pool: 'off', reader: true, ...(signal && { signal }) };
  const outputs = new Float32Array(tokens.length * READER_WIDTH);
  for (let at = 0; at < tokens.length; at += engine.segmentLength) {
    const part = tokens.subarray(at, at + engine.segmentLength);
    outputs.set((await engine.forward(state, part, options)).reader!, at * READER_WIDTH);
  }
  return outputs;
}
