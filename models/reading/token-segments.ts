import { LOOK_AHEAD, type TokenBatch, type Tokenizer } from '../tokenizer/index.js';
import { abortable } from '../scheduling/abortable.js';

/** Tokens to be read at once, and the text up to the end of the last, from where the segment before ended. */
export interface TextSegment {
  readonly tokens: TokenBatch;
  readonly text: string;
  /** Offset of the text in the document. */
  readonly offset: number;
  /** Which of the tokens begin a pre-token, as far as that is known: about one of a thousand. */
  readonly cuts: readonly number[];
}

/** The two halves of a segment. */
export function halvesOf({ tokens, text, offset, cuts }: TextSegment): TextSegment[] {
  const middle = tokens.ids.length >> 1;
  const first = part(tokens, 0, middle);
  const cut = endOf(first, offset);
  return [
    { tokens: first, text: text.slice(0, cut - offset), offset, cuts: between(cuts, 0, middle) },
    {
      tokens: part(tokens, middle, tokens.ids.length),
      text: text.slice(cut - offset),
      offset: cut,
      cuts: between(cuts, middle, tokens.ids.length),
    },
  ];
}

/** Of rising numbers those in [from, to), counted from `from`. */
function between(numbers: readonly number[], from: number, to: number): number[] {
  return numbers.filter((each) => each >= from && each < to).map((each) => each - from);
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
  /** The text that was read, in [start, end), clipped to what there is. */
  slice(start: number, end: number): string;
  /** A token at or before a position that begins a pre-token and starts at or before an offset, and where it starts. */
  cutBefore(token: number, offset: number): { readonly token: number; readonly start: number };
  /** Where reading can go on if only the first `same` tokens are as they were: at most there. */
  resumeAt(same: number): number;
  /** Forgets the tokens from a position on that `resumeAt` gave. */
  rewind(position: number): Promise<void>;
}

/**
 * Cuts a stream of text into segments of `length` tokens; the last may be shorter.
 *
 * With `known` tokens it gives out only what has to be read again after a change: it calls `rewind` once, when it
 * meets the first token that is not as it was. It goes on from the position that was rewound to. A text that did not
 * change gives no segment. Text that is as it was is compared as text, and not cut into tokens again: tokens depend on
 * nothing before their pre-token, and on {@link LOOK_AHEAD} units behind its start at most.
 */
export async function* segmentsOf(
  tokenizer: Tokenizer,
  source: AsyncIterable<string>,
  length: number,
  signal: AbortSignal | undefined,
  known?: KnownTokens,
): AsyncGenerator<TextSegment, void, undefined> {
  const arriving = piecesOf(source, signal);
  const waiting = new Waiting();
  /** Whether all tokens so far were known. */
  let isKnown = known !== undefined;
  if (known) {
    const { same, rest } = await unchanged(known, arriving);
    // Reading goes on at the saved state before the first change, or behind that; tokens are cut from there.
    const first = known.cutBefore(known.length, same - LOOK_AHEAD).token;
    const cut = known.cutBefore(known.resumeAt(first), same - LOOK_AHEAD);
    waiting.startAt(cut.token, cut.start, known.slice(cut.start, same) + rest);
  }
  for await (const batch of tokenizer.stream(waiting.pieces(arriving), waiting.offset)) {
    const before = waiting.end;
    waiting.push(batch);
    if (known && isKnown) {
      let same = 0;
      while (same < batch.ids.length && isSameToken(known, before + same, batch, same)) same++;
      isKnown = same === batch.ids.length;
      const from = known.resumeAt(before + same);
      if (!isKnown) await known.rewind(from);
      // What stands before the place from which reading would go on is not needed any more.
      waiting.give(from - waiting.position);
      if (isKnown) continue;
    }
    while (waiting.length >= length) yield waiting.give(length);
  }
  if (known && isKnown) {
    // The same text: there is nothing to read. Else the document now ends earlier.
    if (waiting.end === known.length) return;
    const from = known.resumeAt(waiting.end);
    await known.rewind(from);
    waiting.give(from - waiting.position);
  }
  while (waiting.length > 0) yield waiting.give(Math.min(length, waiting.length));
}

/** Tokens that were not given out yet, with their text. */
class Waiting {
  readonly #tokens = new TokenQueue();
  /** Text that came in but whose tokens were not given out yet, and its offset. */
  #text = '';
  #offset = 0;
  /** Of the first token that waits. */
  #position = 0;
  /** Positions of the tokens, of those that wait, that begin a batch. */
  #cuts: number[] = [];

  get offset(): number {
    return this.#offset;
  }

  get position(): number {
    return this.#position;
  }

  get length(): number {
    return this.#tokens.length;
  }

  /** Position behind the last token that waits. */
  get end(): number {
    return this.#position + this.#tokens.length;
  }

  /** Begins within a document, with text that is there already. */
  startAt(position: number, offset: number, text: string): void {
    this.#position = position;
    this.#offset = offset;
    this.#text = text;
  }

  /** The text that is there and then what arrives, which is kept until its tokens are given out. */
  async *pieces(arriving: AsyncGenerator<string, void, undefined>): AsyncGenerator<string, void, undefined> {
    try {
      if (this.#text !== '') yield this.#text;
      for await (const piece of arriving) {
        this.#text += piece;
        yield piece;
      }
    } finally {
      void arriving.return().catch(() => undefined);
    }
  }

  push(batch: TokenBatch): void {
    this.#cuts.push(this.end);
    this.#tokens.push(batch);
  }

  /** The first `count` tokens that wait. */
  give(count: number): TextSegment {
    const tokens = this.#tokens.take(count);
    const end = endOf(tokens, this.#offset);
    const from = this.#position;
    this.#position += tokens.ids.length;
    const cuts = between(this.#cuts, from, this.#position);
    this.#cuts = this.#cuts.filter((cut) => cut >= this.#position);
    const text = this.#text.slice(0, end - this.#offset);
    const segment = { tokens, text, offset: this.#offset, cuts };
    this.#text = this.#text.slice(end - this.#offset);
    this.#offset = end;
    return segment;
  }
}

/** What arrives, until it ends or the signal says so. */
async function* piecesOf(
  source: AsyncIterable<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = await abortable(Promise.resolve(iterator.next()), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Closing the source must not hold up a cancel.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/**
 * Takes pieces as long as they are the known text.
 *
 * @returns how many units are the same, and what else of the text came in
 */
async function unchanged(
  known: KnownTokens,
  pieces: AsyncGenerator<string, void, undefined>,
): Promise<{ same: number; rest: string }> {
  for (let at = 0; ;) {
    const { value: piece, done } = await pieces.next();
    if (done) return { same: at, rest: '' };
    const before = known.slice(at, at + piece.length);
    if (before === piece) {
      at += piece.length;
      continue;
    }
    let same = 0;
    while (same < before.length && before.charCodeAt(same) === piece.charCodeAt(same)) same++;
    return { same: at + same, rest: piece.slice(same) };
  }
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
