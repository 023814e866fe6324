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
