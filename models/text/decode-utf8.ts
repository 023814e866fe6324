/**
 * Bytes to text, as a stream. A UTF-8 byte order mark is skipped and not counted in offsets; line endings stay
 * as they are. Wrong bytes are an error that names the place, never U+FFFD: a file read in the wrong encoding
 * would look fine and be summarised wrongly.
 */

/** The bytes are not text. `offset` counts bytes from the start of the file, byte order mark included. */
export class TextError extends Error {
  override readonly name = 'TextError';
  constructor(
    message: string,
    readonly kind: 'binary' | 'invalid-utf8',
    readonly offset: number,
  ) {
    super(message);
  }
}

/**
 * Decodes UTF-8 that arrives in chunks of any size.
 *
 * @throws {TextError} at a NUL byte (a binary file, or UTF-16) and at bytes that are not UTF-8.
 */
export async function* decodeUtf8(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  /** Bytes before the current chunk, and the trailing bytes of an unfinished character (at most 3). */
  let before = 0;
  let unfinished = new Uint8Array(0);
  const decode = (chunk: Uint8Array, stream: boolean): string => {
    try {
      return decoder.decode(chunk, { stream });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const whole = new Uint8Array(unfinished.length + chunk.length);
      whole.set(unfinished);
      whole.set(chunk, unfinished.length);
      const offset = before - unfinished.length + validPrefix(whole, stream);
      throw new TextError(
        `not valid UTF-8 at byte ${offset}. Convert the file to UTF-8, or open it in the editor with its encoding.`,
        'invalid-utf8',
        offset,
      );
    }
  };
  for await (const chunk of chunks) {
    const nul = chunk.indexOf(0);
    if (nul >= 0) {
      throw new TextError(
        `a NUL byte at ${before + nul}: this is a binary file, or text in UTF-16 or UTF-32. Only text can be read; convert it to UTF-8.`,
        'binary',
        before + nul,
      );
    }
    const text = decode(chunk, true);
    before += chunk.length;
    unfinished = unfinishedTail(unfinished, chunk);
    if (text.length > 0) yield text;
  }
  const last = decode(new Uint8Array(0), false);
  if (last.length > 0) yield last;
}

/** Bytes that the sequence starting with `lead` needs; 0 where `lead` cannot start one. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** The bytes of a character that the valid text `tail + chunk` ends in the middle of. */
function unfinishedTail(tail: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = new Uint8Array([...tail, ...chunk.subarray(-3)]);
  for (let back = 1; back <= Math.min(3, end.length); back++) {
    const byte = end[end.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return sequenceLength(byte) > back ? end.slice(end.length - back) : new Uint8Array(0);
  }
  return new Uint8Array(0);
}

/** The number of leading bytes that are whole, valid UTF-8 (or, in a stream, may still become valid). */
function validPrefix(bytes: Uint8Array, stream: boolean): number {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at]!);
    if (length === 0) return at;
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i];
      if (next === undefined) return stream ? bytes.length : at;
      if (!isContinuation(bytes[at]!, i, next)) return at;
    }
    at += length;
  }
  return at;
}

/** Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF. */
function isContinuation(lead: number, index: number, byte: number): boolean {
  if (index === 1) {
    if (lead === 0xe0) return byte >= 0xa0 && byte <= 0xbf;
    if (lead === 0xed) return byte >= 0x80 && byte <= 0x9f;
    if (lead === 0xf0) return byte >= 0x90 && byte <= 0xbf;
    if (lead === 0xf4) return byte >= 0x80 && byte <= 0x8f;
  }
  return (byte & 0xc0) === 0x80;
}
