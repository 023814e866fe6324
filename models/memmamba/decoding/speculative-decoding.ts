import type { AttentionTrace, Engine, ForwardResult, ModelState } from '../engine.js';

/** Tokens in front of an answer whose pool attention is traced at most: the trace grows with each of them. */
const TRACED = 512;

/** Pool attention that chose one token: row `row` of the `rows` in a trace. */
export interface AttentionRow {
  readonly trace: AttentionTrace;
  readonly row: number;
  readonly rows: number;
}

export interface Decoding {
  readonly pool: 'on' | 'off';
  readonly signal?: AbortSignal | undefined;
  /** Tokens at most. */
  readonly longest: number;
  /** True of a token that ends what is said and is no part of it. */
  readonly isEnd: (id: number) => boolean;
  /** True of tokens said if what would follow them does not matter: then there is no further pass. */
  readonly isEnough?: ((said: readonly number[]) => boolean) | undefined;
  /** Guesses what follows the tokens said so far; none where it has no guess. */
  readonly draft?: ((said: readonly number[]) => Uint32Array) | undefined;
  /** Told each token when it was chosen, with the attention of the step that chose it, before the next draft. */
  readonly onToken?: ((id: number, attention: AttentionRow) => void) | undefined;
}

/**
 * Greedy decoding that checks a drafted continuation in one pass. That is speculative decoding (Leviathan, Kalman and
 * Matias 2022, https://arxiv.org/abs/2211.17192) at temperature 0. The pass reads the tokens that are certain and the
 * draft behind them on a copy of the state. Of the draft stays the longest beginning in which every token is the
 * arg-max of the logits in front of it. The arg-max behind that is one token more, so each pass gives one at least.
 * What is said is what decoding token by token says, whatever the draft. A state cannot be cut, so after a wrong draft
 * the copy is dropped. What was right of it is read with the next pass, which costs no pass of its own.
 *
 * @param state is advanced; how far depends on the drafts, so it is of no use behind
 * @param prompt what stands in front of what is said; read first, one token at least
 * @returns ids of the tokens said; where they were enough, the first of what plain decoding says
 * @throws {RangeError} if a token that is read is not in the vocabulary
 * @throws {Error} what else {@link Engine.forward} throws, such as the reason of `signal`
 */
export async function decode(
  engine: Engine,
  state: ModelState,
  prompt: Uint32Array,
  decoding: Decoding,
): Promise<readonly number[]> {
  const { pool, signal, onToken } = decoding;
  const seen = { pool, ...(signal && { signal }) };
  const room = onToken ? Math.min(TRACED, engine.segmentLength) : engine.segmentLength;
  const whole = Math.floor((prompt.length - 1) / room) * room;
  for (let at = 0; at < whole; at += engine.segmentLength)
    await engine.forward(state, prompt.subarray(at, Math.min(at + engine.segmentLength, whole)), seen);
  const decoder = new Decoder(engine, state, prompt.subarray(whole), decoding);
  try {
    await decoder.run();
    return decoder.said;
  } finally {
    decoder.dispose();
  }
}

/** One decoding under way. */
class Decoder {
  readonly said: number[] = [];
  readonly #engine: Engine;
  readonly #decoding: Decoding;
  readonly #given: ModelState;
  /** The state in front of `pending`: the caller's until a draft was right to its end. */
  #current: ModelState;
  /** Tokens that are certain and not in the state yet. */
  #pending: Uint32Array;

  constructor(engine: Engine, state: ModelState, pending: Uint32Array, decoding: Decoding) {
    this.#engine = engine;
    this.#decoding = decoding;
    this.#given = state;
    this.#current = state;
    this.#pending = pending;
  }

  async run(): Promise<void> {
    const { longest, isEnough } = this.#decoding;
    while (this.said.length < longest && !isEnough?.(this.said)) {
      if (await this.#pass()) return;
    }
  }

  dispose(): void {
    this.#release(this.#current);
  }

  /** Checks one draft; true if what is said has ended. */
  async #pass(): Promise<boolean> {
    const { pool, signal, onToken } = this.#decoding;
    const draft = this.#draft();
    const logits = draft.length > 0 ? 'all' : 'last';
    const ahead = draft.length > 0 ? this.#engine.cloneState(this.#current) : this.#current;
    const options = { pool, ...(signal && { signal }), attention: onToken !== undefined, logits } as const;
    let chosen: number[] | undefined;
    try {
      const result = await this.#engine.forward(ahead, joined(this.#pending, draft), options);
      chosen = this.#choose(result, draft);
      if (chosen === undefined) return true;
      if (chosen.length > draft.length) this.#keep(ahead, chosen.at(-1)!);
      else this.#pending = joined(this.#pending, Uint32Array.from(chosen));
      return false;
    } finally {
      if (ahead !== this.#current) ahead.dispose();
    }
  }

  /** A pass says one token more than is drafted. */
  #draft(): Uint32Array {
    const { longest, draft } = this.#decoding;
    const most = Math.min(this.#engine.segmentLength - this.#pending.length, longest - this.said.length - 1);
    return draft?.(this.said).subarray(0, Math.max(0, most)) ?? new Uint32Array(0);
  }

  /** The tokens that a pass says; undefined if the end is among them. */
  #choose(result: ForwardResult, draft: Uint32Array): number[] | undefined {
    const { isEnd, onToken } = this.#decoding;
    const { vocabSize } = this.#engine.config;
    const first = this.#pending.length - 1;
    const rows = this.#pending.length + draft.length;
    const chosen: number[] = [];
    for (let i = 0; i <= draft.length; i++) {
      const at = draft.length > 0 ? (first + i) * vocabSize : 0;
      const id = argMax(result.logits!.subarray(at, at + vocabSize));
      if (isEnd(id)) return undefined;
      this.said.push(id);
      chosen.push(id);
      onToken?.(id, { trace: result.attention!, row: first + i, rows });
      if (id !== draft[i]) break;
    }
    return chosen;
  }

  /** All of a draft was read; the last token was not. */
  #keep(ahead: ModelState, last: number): void {
    if (ahead !== this.#current) this.#release(this.#current);
    this.#current = ahead;
    this.#pending = Uint32Array.of(last);
  }

  /** The caller's state is not ours to dispose of. */
  #release(state: ModelState): void {
    if (state !== this.#given) state.dispose();
  }
}

function joined(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (b.length === 0) return a;
  const both = new Uint32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
