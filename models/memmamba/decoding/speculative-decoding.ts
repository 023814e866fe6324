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
 */
export async function decode(
  engine: Engine,
  state: ModelState,
  prompt: Uint32Array,
  decoding: Decoding,
): Promise<readonly number[]> {
  const { pool, signal, longest, isEnd, isEnough, draft: drafted, onToken } = decoding;
  const seen = { pool, ...(signal && { signal }) };
  const wanted = { ...seen, attention: onToken !== undefined };
  const said: number[] = [];
  const room = onToken ? Math.min(TRACED, engine.segmentLength) : engine.segmentLength;
  const whole = Math.floor((prompt.length - 1) / room) * room;
  for (let at = 0; at < whole; at += engine.segmentLength)
    await engine.forward(state, prompt.subarray(at, Math.min(at + engine.segmentLength, whole)), seen);
  /** The state in front of `pending`: the caller's until a draft was right to its end. */
  let current = state;
  /** Tokens that are certain and not in the state yet. */
  let pending = prompt.subarray(whole);
  try {
    while (said.length < longest && !isEnough?.(said)) {
      // A pass says one token more than is drafted.
      const most = Math.min(engine.segmentLength - pending.length, longest - said.length - 1);
      const draft = drafted?.(said).subarray(0, Math.max(0, most)) ?? new Uint32Array(0);
      const tokens = joined(pending, draft);
      const logits = draft.length > 0 ? 'all' : 'last';
      const ahead = draft.length > 0 ? engine.cloneState(current) : current;
      const drop = () => {
        if (ahead !== current) ahead.dispose();
      };
      let result: ForwardResult;
      try {
        result = await engine.forward(ahead, tokens, { ...wanted, logits });
      } catch (error) {
        drop();
        throw error;
      }
      const { vocabSize } = engine.config;
      const first = pending.length - 1;
      const chosen: number[] = [];
      for (let i = 0; i <= draft.length; i++) {
        const at = logits === 'all' ? (first + i) * vocabSize : 0;
        const id = argMax(result.logits!.subarray(at, at + vocabSize));
        if (isEnd(id)) {
          drop();
          return said;
        }
        said.push(id);
        chosen.push(id);
        onToken?.(id, { trace: result.attention!, row: first + i, rows: tokens.length });
        if (id !== draft[i]) break;
      }
      if (chosen.length > draft.length) {
        // All of it was read; the last token was not.
        if (ahead !== current && current !== state) current.dispose();
        current = ahead;
        pending = Uint32Array.of(chosen.at(-1)!);
      } else {
        drop();
        pending = joined(pending, Uint32Array.from(chosen));
      }
    }
    return said;
  } finally {
    if (current !== state) current.dispose();
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
