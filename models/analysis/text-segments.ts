import type { TokenBatch, Tokenizer } from '../tokenizer/index.js';
import { abortable } from './abort.js';

/** Tokens to be read at once, and the text up to the end of the last, from where the segment before ended. */
export interface TextSegment {
  readonly tokens: TokenBatch;
  readonly text: string;
  /** Offset of the text in the document. */
  readonly offset: number;
}

/** The two halves of a segment. */
export function halvesOf({ tokens, text, offset }: TextSegment): TextSegment[] {
  const middle = tokens.ids.length >> 1;
  const first = part(tokens, 0, middle);
  const cut = endOf(first, offset);
  return [
    { tokens: first, text: text.slice(0, cut - offset), offset },
    { tokens: part(tokens, middle, tokens.ids.length), text: text.slice(cut - offset), offset: cut },
  ];
}

/** Where the text of a batch ends that starts at `offset`. */
function endOf({ ends }: TokenBatch, offset: number): number {
  return ends.reduce((latest, unit) => Math.max(latest, unit), offset);
}

/** The tokens of a document as it was read before it changed. */
export interface KnownTokens {
  readonly length: number;
  /** Whether the token at a position, which is below `length`, has this id and this start. */
  isSame(token: number, id: number, start: number): boolean;
  /** Where reading can go on if only the first `same` tokens are as they were: at most there. */
  resumeAt(same: number): number;
  /** Forgets the tokens from a position on that `resumeAt` gave. */
  rewind(position: number): Promise<void>;
}

/**
 * Cuts a stream of text into segments of `length` tokens; the last may be shorter.
 *
 * With `known` tokens it gives out only what has to be read again after a change: it calls `rewind` once, when it
 * meets the first token that is not as it was, and goes on from the position that was rewound to. A text that did not
 * change gives no segment.
 */
export async function* segmentsOf(
  tokenizer: Tokenizer,
  source: AsyncIterable<string>,
  length: number,
  signal: AbortSignal | undefined,
  known?: KnownTokens,
): AsyncGenerator<TextSegment, void, undefined> {
  /** Text that came in but whose tokens were not given out yet, and its offset. */
  let text = '';
  let offset = 0;
  async function* pieces(): AsyncGenerator<string, void, undefined> {
    const iterator = source[Symbol.asyncIterator]();
    try {
      while (true) {
        const next = await abortable(Promise.resolve(iterator.next()), signal);
        if (next.done === true) return;
        text += next.value;
        yield next.value;
      }
    } finally {
      // Closing the source must not hold up a cancel.
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    }
  }
  const take = (tokens: TokenBatch): TextSegment => {
    const end = endOf(tokens, offset);
    const segment = { tokens, text: text.slice(0, end - offset), offset };
    text = text.slice(end - offset);
    offset = end;
    return segment;
  };
  let waiting: TokenBatch | undefined;
  /** Position of the first token that waits, and whether all tokens so far were known. */
  let position = 0;
  let isKnown = known !== undefined;
  const give = (count: number): TextSegment => {
    const segment = take(part(waiting!, 0, count));
    waiting = part(waiting!, count, waiting!.ids.length);
    position += count;
    return segment;
  };
  for await (const batch of tokenizer.stream(pieces())) {
    const before = position + (waiting?.ids.length ?? 0);
    waiting = waiting ? joined(waiting, batch) : batch;
    if (known && isKnown) {
      let same = 0;
      while (same < batch.ids.length && isSameToken(known, before + same, batch, same)) same++;
      isKnown = same === batch.ids.length;
      const from = known.resumeAt(before + same);
      if (!isKnown) await known.rewind(from);
      // What stands before the place from which reading would go on is not needed any more.
      give(from - position);
      if (isKnown) continue;
    }
    while (waiting.ids.length >= length) yield give(length);
  }
  if (known && isKnown) {
    const end = position + (waiting?.ids.length ?? 0);
    // The same text: there is nothing to read. Else the document now ends earlier.
    if (end === known.length) return;
    const from = known.resumeAt(end);
    await known.rewind(from);
    if (waiting) give(from - position);
  }
  while (waiting && waiting.ids.length > 0) yield give(Math.min(length, waiting.ids.length));
}

function isSameToken(known: KnownTokens, token: number, { ids, starts }: TokenBatch, i: number): boolean {
  return token < known.length && known.isSame(token, ids[i]!, starts[i]!);
}

function part({ ids, starts, ends }: TokenBatch, from: number, to: number): TokenBatch {
  return { ids: ids.slice(from, to), starts: starts.slice(from, to), ends: ends.slice(from, to) };
}

function joined(a: TokenBatch, b: TokenBatch): TokenBatch {
  return {
    ids: Uint32Array.of(...a.ids, ...b.ids),
    starts: Float64Array.of(...a.starts, ...b.starts),
    ends: Float64Array.of(...a.ends, ...b.ends),
  };
}
