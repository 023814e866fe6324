import type { Engine } from '../memmamba/engine.js';
import type { TokenBatch } from '../tokenizer/index.js';
import { utf8Length } from '../text/utf8-length.js';
import type { LengthPerplexity } from './types.js';
import { largest } from '../text/lists.js';

/** Tokens scored in each window. */
const TARGETS = 256;
/** Windows a length, evenly spread over the text. */
const WINDOWS = 8;

/**
 * Perplexity by context length. For each length ℓ and each window, the model starts empty, reads the ℓ tokens
 * before the window's targets, and is scored on the targets:
 *
 *   nll = −1/N Σ log p(token | ℓ tokens and the targets before it)      nats a token
 *   bitsPerByte = Σ −log2 p / Σ UTF-8 bytes of the targets               bits a byte
 *
 * The targets are the same tokens for every length wherever the text is long enough for the longest one
 * before them, so that lengths differ by context alone; a length that is too long for the text has no window.
 *
 * @param tokens the whole text's tokens
 * @param text the text itself
 * @throws RangeError for a length below 1
 */
export async function perplexityByLength(
  engine: Engine,
  tokens: TokenBatch,
  text: string,
  lengths: readonly number[],
  options: {
    readonly pool?: 'on' | 'off' | undefined;
    readonly windows?: number;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<LengthPerplexity[]> {
  for (const length of lengths) {
    if (!Number.isInteger(length) || length < 1) {
      throw new RangeError(`A context length must be a whole number of tokens from 1 up, not ${length}.`);
    }
  }
  const count = tokens.ids.length;
  const fitting = lengths.filter((length) => length < count);
  const longest = Math.max(0, largest(fitting));
  const starts = windowStarts(longest, count, options.windows ?? WINDOWS);
  const results: LengthPerplexity[] = [];
  for (const length of lengths) {
    let nats = 0;
    let scored = 0;
    let bytes = 0;
    const windows = fitting.includes(length) ? starts : [];
    for (const start of windows) {
      const end = Math.min(start + TARGETS, count);
      nats += await windowNats(engine, tokens.ids.subarray(start - length, end), length, options);
      scored += end - start;
      bytes += utf8Length(text.slice(tokens.starts[start], tokens.ends[end - 1]));
    }
    results.push({
      length,
      windows: windows.length,
      nll: scored > 0 ? nats / scored : null,
      bitsPerByte: scored > 0 ? nats / Math.LN2 / bytes : null,
    });
  }
  return results;
}

/** First targets of up to `windows` windows that do not overlap, each with `context` tokens before it. */
function windowStarts(context: number, count: number, windows: number): number[] {
  const room = count - context;
  const fit = Math.max(1, Math.min(windows, Math.floor(room / TARGETS)));
  const step = Math.floor(room / fit);
  return Array.from({ length: fit }, (_, i) => context + i * step);
}

/** Σ −log p of `tokens` from index `context` on. */
async function windowNats(
  engine: Engine,
  tokens: Uint32Array,
  context: number,
  {
    pool = 'on',
    signal,
  }: { readonly pool?: 'on' | 'off' | undefined; readonly signal?: AbortSignal | undefined },
): Promise<number> {
  const { vocabSize } = engine.config;
  const state = engine.createState();
  try {
    let nats = 0;
    // The last context token predicts the first target; nothing before it needs logits.
    let at = 0;
    while (at < context - 1) {
      const to = Math.min(at + engine.segmentLength, context - 1);
      await engine.forward(state, tokens.subarray(at, to), { pool, signal });
      at = to;
    }
    // Logits of many tokens at once are large: 64 × 16,384 are 4 MB.
    while (at < tokens.length - 1) {
      const to = Math.min(at + Math.min(64, engine.segmentLength), tokens.length - 1);
      const { logits } = await engine.forward(state, tokens.subarray(at, to), {
        logits: 'all',
        pool,
        signal,
      });
      for (let t = at; t < to; t++) {
        nats += negativeLogProbability(
          logits!.subarray((t - at) * vocabSize, (t - at + 1) * vocabSize),
          tokens[t + 1]!,
        );
      }
      at = to;
    }
    return nats;
  } finally {
    state.dispose();
  }
}

/** −log softmax(logits)[id] in nats, summed in f64. */
export function negativeLogProbability(logits: Float32Array, id: number): number {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > largest) largest = logits[i]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - largest);
  return Math.log(sum) + largest - logits[id]!;
}
