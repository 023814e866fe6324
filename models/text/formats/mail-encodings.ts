import type { TextDecoding } from '../decoded-text.js';
import type { Span } from '../span.js';

/** The encodings of mail, character by character, so that every one keeps its range in the source. */

/** Decodes bytes that arrive one by one; a character is given out with the units of its first and last byte. */
class CharacterDecoder {
  readonly #give: (start: number, end: number, character: string) => void;

  readonly #decoder: TextDecoder;
  #from = -1;

  constructor(charset: string, give: (start: number, end: number, character: string) => void) {
    this.#give = give;

    this.#decoder = decoderFor(charset);
  }

  push(byte: number, start: number, end: number): void {
    if (this.#from < 0) this.#from = start;
    const character = this.#decoder.decode(Uint8Array.of(byte), { stream: true });
    if (character === '') return;
    this.#give(this.#from, end, character);
    this.#from = -1;
  }
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder('utf-8');
  }
}

/** RFC 2045, 6.7: `=` and two digits is a byte, `=` at a line's end is nothing. */
export function decodeQuotedPrintable(
  text: string,
  { start, end }: Span,
  charset: string,
  decoding: TextDecoding,
): void {
  const bytes = new CharacterDecoder(charset, (from, to, character) => decoding.replace(from, to, character));
  for (let at = text.indexOf('=', start); at >= 0 && at < end; at = text.indexOf('=', at)) {
    const soft = /^=[ \t]*\r?\n/u.exec(text.slice(at, at + 20))?.[0];
    const code = /^=([\da-f]{2})/iu.exec(text.slice(at, at + 3))?.[1];
    if (soft !== undefined) {
      decoding.replace(at, at + soft.length, '');
      at += soft.length;
    } else if (code === undefined) at++;
    else {
      bytes.push(parseInt(code, 16), at, at + 3);
      at += 3;
    }
  }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map(Array.from(DIGITS, (digit, value) => [digit, value]));

/** RFC 2045, 6.8: four digits are three bytes; a character's range is that of the digits that its bytes are in. */
export function decodeBase64(
  text: string,
  { start, end }: Span,
  charset: string,
  decoding: TextDecoding,
): void {
  const bytes = new CharacterDecoder(charset, (from, to, character) =>
    decoding.replace(Math.max(from, decoding.reached), Math.max(to, decoding.reached), character),
  );
  let bits = 0;
  let count = 0;
  let from = start;
  for (let at = start; at < end; at++) {
    const value = VALUES.get(text[at]!);
    if (value === undefined) continue;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff, from, at + 1);
    from = count > 0 ? at : at + 1;
  }
  // What fills the last group up is nothing.
  decoding.replace(decoding.reached, end, '');
}

const WORD = /=\?([\w-]+)(?:\*[\w-]*)?\?([bq])\?([^?\s]*)\?=(?:\s+(?==\?))?/giu;

/** RFC 2047: encoded words of a header; white space between two of them is nothing. */
export function decodeWords(text: string, { start, end }: Span, decoding: TextDecoding): void {
  for (const { index, 0: found, 1: charset, 2: kind, 3: coded } of text.slice(start, end).matchAll(WORD)) {
    const bytes: number[] = [];
    if (kind!.toLowerCase() === 'b') {
      let bits = 0;
      let count = 0;
      for (const digit of coded!) {
        const value = VALUES.get(digit);
        if (value === undefined) continue;
        bits = ((bits << 6) | value) & 0xffff;
        count += 6;
        if (count >= 8) bytes.push((bits >> (count -= 8)) & 0xff);
      }
    } else {
      for (const [part, code] of coded!.matchAll(/=([\da-f]{2})|[^]/giu))
        bytes.push(code === undefined ? (part === '_' ? 0x20 : part.charCodeAt(0)) : parseInt(code, 16));
    }
    decoding.replace(
      start + index,
      start + index + found.length,
      decoderFor(charset!).decode(Uint8Array.from(bytes)),
    );
  }
}
