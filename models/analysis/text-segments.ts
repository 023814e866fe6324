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
  const waiting = new TokenQueue();
  /** Position of the first token that waits, and whether all tokens so far were known. */
  let position = 0;
  let isKnown = known !== undefined;
  const give = (count: number): TextSegment => {
    position += count;
    return take(waiting.take(count));
  };
  for await (const batch of tokenizer.stream(pieces())) {
    const before = position + waiting.length;
    waiting.push(batch);
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
    while (waiting.length >= length) yield give(length);
  }
  if (known && isKnown) {
    const end = position + waiting.length;
    // The same text: there is nothing to read. Else the document now ends earlier.
    if (end === known.length) return;
    const from = known.resumeAt(end);
    await known.rewind(from);
    give(from - position);
  }
  while (waiting.length > 0) yield give(Math.min(length, waiting.length));
}

function isSameToken(known: KnownTokens, token: number, { ids, starts }: TokenBatch, i: number): boolean {
  return token < known.length && known.isSame(token, ids[i]!, starts[i]!);
}

function part({ ids, starts, ends }: TokenBatch, from: number, to: number): TokenBatch {
  return { ids: ids.slice(from, to), starts: starts.slice(from, to), ends: ends.slice(from, to) };
}

/** Tokens that wait to be given out, in arrays that are used again: a token is copied in once and out once. */
class TokenQueue {
  #ids = new Uint32Array(1 << 12);
  #starts = new Float64Array(1 << 12);
  #ends = new Float64Array(1 << 12);
  /** The tokens that wait are [from, to). */
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  push({ ids, starts, ends }: TokenBatch): void {
    if (this.#to + ids.length > this.#ids.length) this.#makeRoom(ids.length);
    this.#ids.set(ids, this.#to);
    this.#starts.set(starts, this.#to);
    this.#ends.set(ends, this.#to);
    this.#to += ids.length;
  }

  take(count: number): TokenBatch {
    const from = this.#from;
    this.#from = Math.min(this.#to, from + count);
    return {
      ids: this.#ids.slice(from, this.#from),
      starts: this.#starts.slice(from, this.#from),
      ends: this.#ends.slice(from, this.#from),
    };
  }

  /** Moves what waits to the beginning, into larger arrays where half of these would be full. */
  #makeRoom(more: number): void {
    const { length } = this;
    const size = this.#ids.length;
    const needed = 2 * (length + more);
    const into = <A extends Uint32Array | Float64Array>(from: A, make: (size: number) => A): A => {
      const to = needed > size ? make(needed) : from;
      to.set(from.subarray(this.#from, this.#to));
      return to;
    };
    this.#ids = into(this.#ids, (count) => new Uint32Array(count));
    this.#starts = into(this.#starts, (count) => new Float64Array(count));
    this.#ends = into(this.#ends, (count) => new Float64Array(count));
    this.#from = 0;
    this.#to = length;
  }
}
