import { BPE } from '@huggingface/tokenizers';
import { BYTE_TO_CHAR, CHAR_TO_BYTE } from './byte-alphabet.js';
import { compilePattern, PreTokenCutter } from './pre-tokens.js';

/** Token ids of consecutive text, with where each stands. */
export interface TokenBatch {
  /** (L) token ids. */
  readonly ids: Uint32Array;
  /**
   * (L) offset of each token's first character, in UTF-16 code units from the start of the document. A token
   * that holds part of a character stands for the whole character, so neighbours may overlap.
   */
  readonly starts: Float64Array;
  /** (L) offset after each token's last character. */
  readonly ends: Float64Array;
}

/** The part of Hugging Face's `tokenizer.json` that is used here. */
interface TokenizerJson {
  readonly normalizer: unknown;
  readonly added_tokens?: readonly unknown[];
  readonly pre_tokenizer: {
    readonly type: string;
    readonly pretokenizers?: readonly {
      readonly type: string;
      readonly pattern?: { readonly Regex?: string };
      readonly behavior?: string;
      readonly add_prefix_space?: boolean;
      readonly use_regex?: boolean;
    }[];
  } | null;
  readonly model: { readonly type: string; readonly vocab: Record<string, number>; readonly merges: unknown };
}

/** Ids of one pre-token and where its tokens stand in it, in UTF-16 code units. */
interface Encoded {
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly length: number;
}

/** Pre-tokens remembered in each of two generations: a few tens of MB at most, and a book has about 40,000. */
const CACHE_ENTRIES = 1 << 16;
/** UTF-16 units after which the stream gives out what is ready: about 1,000 tokens of English. */
const BATCH_UNITS = 4096;

/**
 * Byte-level BPE over text that arrives in pieces. Ids do not depend on the pieces. The merges are applied by
 * the library `@huggingface/tokenizers`; what is added here is cutting a stream, offsets, and a bounded cache
 * from pre-token to ids. A lone surrogate is read as U+FFFD, as in every UTF-8 encoder.
 */
export class Tokenizer {
  readonly vocabSize: number;
  readonly #pattern: RegExp;
  readonly #model: BPE;
  readonly #bytes: readonly (Uint8Array | undefined)[];
  readonly #utf8 = new TextEncoder();
  #young = new Map<string, Encoded>();
  #old = new Map<string, Encoded>();

  /**
   * @param json the parsed `tokenizer.json`
   * @throws if it is not a byte-level BPE with a bounded Split pattern and nothing else before the model.
   */
  constructor(json: unknown) {
    const { pattern, model } = checked(json);
    this.#pattern = compilePattern(pattern);
    this.#model = new BPE(model as ConstructorParameters<typeof BPE>[0]);
    this.vocabSize = this.#model.vocab.length;
    this.#bytes = this.#model.vocab.map((entry) => Uint8Array.from(entry, (c) => CHAR_TO_BYTE.get(c) ?? 0));
  }

  /** Tokens of a whole text. */
  encode(text: string): TokenBatch {
    const builder = new BatchBuilder(0);
    const cutter = new PreTokenCutter(this.#pattern);
    const emit = (preToken: string) => builder.add(this.#encode(preToken));
    cutter.push(text, emit);
    cutter.end(emit);
    return builder.take();
  }

  /**
   * Tokens of a text that arrives in pieces, a batch for each 4,096 units of it or less. Holds back no more
   * than {@link PreTokenCutter}'s look-ahead. A batch begins with a pre-token.
   *
   * @param offset of the text in the document, for a text that begins with a pre-token
   */
  async *stream(pieces: AsyncIterable<string>, offset = 0): AsyncGenerator<TokenBatch, void, undefined> {
    const builder = new BatchBuilder(offset);
    const cutter = new PreTokenCutter(this.#pattern);
    const emit = (preToken: string) => builder.add(this.#encode(preToken));
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; at += BATCH_UNITS) {
        cutter.push(piece.slice(at, at + BATCH_UNITS), emit);
        if (builder.length > 0) yield builder.take();
      }
    }
    cutter.end(emit);
    if (builder.length > 0) yield builder.take();
  }

  /**
   * Text of generated ids. Bytes that are not UTF-8 become U+FFFD: a model may stop in the middle of a
   * character.
   */
  decode(ids: Iterable<number>): string {
    const parts = Array.from(ids, (id) => this.bytesOf(id));
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(all);
  }

  /** UTF-8 bytes that one id stands for; a fraction of a character is possible. */
  bytesOf(id: number): Uint8Array {
    const bytes = this.#bytes[id];
    if (!bytes) throw new Error(`There is no token ${id}; the vocabulary has ${this.vocabSize} entries.`);
    return bytes;
  }

  /** The id of the token that is exactly `text`, if the vocabulary has one. */
  idOf(text: string): number | undefined {
    return this.#model.tokens_to_ids.get(this.#alphabet(text));
  }

  #encode(preToken: string): Encoded {
    const known = this.#young.get(preToken);
    if (known) return known;
    const encoded = this.#old.get(preToken) ?? this.#merge(preToken);
    if (this.#young.size >= CACHE_ENTRIES) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(preToken, encoded);
    return encoded;
  }

  #merge(preToken: string): Encoded {
    const entries = this.#model.encode([this.#alphabet(preToken)]);
    const { firstUnit, endUnit } = unitsOfBytes(preToken);
    const ids: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    let byte = 0;
    for (const entry of entries) {
      ids.push(this.#model.tokens_to_ids.get(entry)!);
      starts.push(firstUnit[byte]!);
      byte += entry.length;
      ends.push(endUnit[byte - 1]!);
    }
    return { ids, starts, ends, length: preToken.length };
  }

  #alphabet(text: string): string {
    let characters = '';
    for (const byte of this.#utf8.encode(text)) characters += BYTE_TO_CHAR[byte]!;
    return characters;
  }
}

/** For each UTF-8 byte of a text: the first UTF-16 unit of the character it belongs to, and the unit after it. */
function unitsOfBytes(text: string): { firstUnit: number[]; endUnit: number[] } {
  const firstUnit: number[] = [];
  const endUnit: number[] = [];
  let unit = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (let i = 0; i < bytes; i++) {
      firstUnit.push(unit);
      endUnit.push(unit + character.length);
    }
    unit += character.length;
  }
  return { firstUnit, endUnit };
}

/** Collects encoded pre-tokens and turns their offsets into offsets of the document. */
class BatchBuilder {
  #ids = new Uint32Array(1 << 11);
  #starts = new Float64Array(1 << 11);
  #ends = new Float64Array(1 << 11);
  #length = 0;
  #offset: number;

  constructor(offset: number) {
    this.#offset = offset;
  }

  get length(): number {
    return this.#length;
  }

  add({ ids, starts, ends, length }: Encoded): void {
    const at = this.#length;
    if (at + ids.length > this.#ids.length) this.#grow(ids.length);
    for (let i = 0; i < ids.length; i++) {
      this.#ids[at + i] = ids[i]!;
      this.#starts[at + i] = this.#offset + starts[i]!;
      this.#ends[at + i] = this.#offset + ends[i]!;
    }
    this.#length = at + ids.length;
    this.#offset += length;
  }

  take(): TokenBatch {
    const count = this.#length;
    this.#length = 0;
    return {
      ids: this.#ids.slice(0, count),
      starts: this.#starts.slice(0, count),
      ends: this.#ends.slice(0, count),
    };
  }

  #grow(more: number): void {
    const size = 2 * (this.#length + more);
    const into = <A extends Uint32Array | Float64Array>(from: A, to: A): A => (to.set(from), to);
    this.#ids = into(this.#ids, new Uint32Array(size));
    this.#starts = into(this.#starts, new Float64Array(size));
    this.#ends = into(this.#ends, new Float64Array(size));
  }
}

function checked(json: unknown): { pattern: string; model: TokenizerJson['model'] } {
  const complain = (what: string) =>
    new Error(
      `tokenizer.json: ${what}. It must be a byte-level BPE with one Split pattern, as scripts/train-tokenizer.ts writes it.`,
    );
  if (typeof json !== 'object' || json === null) throw complain('not a JSON object');
  const { normalizer, added_tokens: added, pre_tokenizer: pre, model } = json as Partial<TokenizerJson>;
  if (normalizer !== null && normalizer !== undefined)
    throw complain('a normalizer would change the text that offsets refer to');
  if (added && added.length > 0) throw complain('added tokens are not supported');
  if (model?.type !== 'BPE' || typeof model.vocab !== 'object') throw complain('the model is not BPE');
  const [split, byteLevel, ...more] = pre?.pretokenizers ?? [];
  const pattern = split?.pattern?.Regex;
  if (
    split?.type !== 'Split' ||
    split.behavior !== 'Isolated' ||
    pattern === undefined ||
    byteLevel?.type !== 'ByteLevel' ||
    byteLevel.use_regex !== false ||
    byteLevel.add_prefix_space !== false ||
    more.length > 0
  ) {
    throw complain('the pre-tokenizer is not Split (a Regex, Isolated) followed by ByteLevel');
  }
  return { pattern, model };
}
