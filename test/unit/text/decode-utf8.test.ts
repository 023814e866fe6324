import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, TextError } from '../../../models/text/decode-utf8.js';

async function decode(bytes: Uint8Array, chunkLength: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkLength) chunks.push(bytes.slice(at, at + chunkLength));
  let text = '';
  for await (const piece of decodeUtf8(chunks)) text += piece;
  return text;
}

async function failure(bytes: number[], chunkLength: number): Promise<TextError> {
  try {
    await decode(Uint8Array.from(bytes), chunkLength);
  } catch (error) {
    if (error instanceof TextError) return error;
    throw error;
  }
  throw new Error('the bytes were accepted');
}

describe('decoding UTF-8', () => {
  it('does not depend on the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 9 }),
        async (text, length) => {
          fc.pre(!text.includes('\0') && !text.startsWith('\ufeff'));
          expect(await decode(new TextEncoder().encode(text), length)).toBe(text);
        },
      ),
    );
  });

  it.each([1, 2, 3, 64])('skips the byte order mark, in chunks of %i', async (length) => {
    expect(await decode(Uint8Array.from([0xef, 0xbb, 0xbf, 0x61, 0x0d, 0x0a]), length)).toBe('a\r\n');
  });

  it('gives nothing for an empty file', async () => {
    expect(await decode(new Uint8Array(0), 1)).toBe('');
  });

  const invalid: [string, number[], number][] = [
    ['a stray continuation byte', [0x61, 0x80, 0x62], 1],
    ['an overlong form', [0x61, 0x62, 0xc0, 0xaf], 2],
    ['an overlong form of three bytes', [0x61, 0xe0, 0x80, 0xaf], 1],
    ['an encoded surrogate', [0xed, 0xa0, 0x80], 0],
    ['a code point above U+10FFFF', [0x61, 0xf4, 0x90, 0x80, 0x80], 1],
    ['a character cut off by the end', [0x61, 0x62, 0xe2, 0x82], 2],
    ['Latin-1', [...new TextEncoder().encode('naïve '), 0xe9, 0x74, 0xe9], 7],
    ['wrong bytes after a byte order mark', [0xef, 0xbb, 0xbf, 0x61, 0xff], 4],
  ];
  for (const [name, bytes, offset] of invalid) {
    it.each([1, 2, 3, 64])(`names the byte of ${name}, in chunks of %i`, async (length) => {
      const error = await failure(bytes, length);
      expect(error.kind).toBe('invalid-utf8');
      expect(error.offset).toBe(offset);
      expect(error.message).toContain(`byte ${offset}`);
    });
  }

  it.each([1, 64])('names the first NUL byte of a binary file, in chunks of %i', async (length) => {
    const error = await failure([0x7f, 0x45, 0x4c, 0x46, 0x00, 0x00], length);
    expect(error.kind).toBe('binary');
    expect(error.offset).toBe(4);
  });
});
