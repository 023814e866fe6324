const isHighSurrogate = (code: number) => code >= 0xd800 && code <= 0xdbff;
const isLowSurrogate = (code: number) => code >= 0xdc00 && code <= 0xdfff;

/** Cuts `text` into pieces of at most `length` (two or more) code units, never inside a surrogate pair. */
export function* pieces(text: string, length: number): Generator<string> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + length, text.length);
    if (
      end < text.length &&
      isHighSurrogate(text.charCodeAt(end - 1)) &&
      isLowSurrogate(text.charCodeAt(end))
    ) {
      end--;
    }
    yield text.slice(at, end);
    at = end;
  }
}

/** Bytes of `text` in UTF-8; a lone surrogate counts as U+FFFD, which is what encoders make of it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(i + 1))) {
      // A pair is two code units and four bytes.
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
}
