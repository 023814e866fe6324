import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, TextError } from '../../../models/text/decode-text.js';

async function decode(bytes: Uint8Array, chunkLength: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkLength) chunks.push(bytes.slice(at, at + chunkLength));
  let text = '';
  for await (const piece of decodeText(chunks)) text += piece;
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

  const wrong: [string, number[], string][] = [
    ['a stray continuation byte', [0x61, 0x80, 0x62], 'a\ufffdb'],
    ['an overlong form', [0x61, 0x62, 0xc0, 0xaf], 'ab\ufffd\ufffd'],
    ['an encoded surrogate', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    ['a code point above U+10FFFF', [0x61, 0xf4, 0x90, 0x80, 0x80], 'a\ufffd\ufffd\ufffd\ufffd'],
    ['a character cut off by the end', [0x61, 0x62, 0xe2, 0x82], 'ab\ufffd'],
    ['wrong bytes after a byte order mark', [0xef, 0xbb, 0xbf, 0x61, 0xff], 'a\ufffd'],
  ];
  for (const [name, bytes, expected] of wrong) {
    it.each([1, 2, 3, 64])(`reads ${name} with a mark, in chunks of %i`, async (length) => {
      expect(await decode(Uint8Array.from(bytes), length)).toBe(expected);
    });
  }

  it('counts the marks', async () => {
    const counts: number[] = [];
    const bytes = [...new TextEncoder().encode('naïve '), 0xe9, 0x74, 0xe9];
    let text = '';
    for await (const piece of decodeText([Uint8Array.from(bytes)], (count) => counts.push(count)))
      text += piece;
    expect([text, counts]).toEqual(['naïve \ufffdt\ufffd', [2]]);
  });

  it.each([1, 64])(
    'refuses a text in Latin-1 and names the first wrong byte, in chunks of %i',
    async (length) => {
      const latin = Array.from('Vor der Tür hängt ein Schlüssel für später. '.repeat(8), (c) =>
        c.charCodeAt(0),
      );
      const error = await failure(latin, length);
      expect(error.kind).toBe('invalid-utf8');
      expect(error.offset).toBe(9);
      expect(error.message).toContain('byte 9');
    },
  );

  it.each([1, 64])('names the first NUL byte of a binary file, in chunks of %i', async (length) => {
    const error = await failure([0x7f, 0x45, 0x4c, 0x46, 0x00, 0x00], length);
    expect(error.kind).toBe('binary');
    expect(error.offset).toBe(4);
    expect(error.message).toContain('ELF');
  });

  it('reads a log with the NUL bytes that a crash left in it', async () => {
    const text = `10:00 INFO start\n${'\0'.repeat(64)}10:02 ERROR power was lost\n`;
    expect(await decode(new TextEncoder().encode(text), 7)).toBe(text);
  });

  it.each(['utf-16le', 'utf-16be'])('reads %s with its byte order mark', async (encoding) => {
    const units = Array.from('\ufeffGrüße\n', (c) => [c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8]);
    const bytes = units.flatMap(([low, high]) => (encoding === 'utf-16le' ? [low!, high!] : [high!, low!]));
    expect(await decode(Uint8Array.from(bytes), 3)).toBe('Grüße\n');
  });
});
