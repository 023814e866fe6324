import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Length } from '../../../models/text/utf8-length.js';

describe('the length in UTF-8', () => {
  it.each([
    ['', 0],
    ['key', 3],
    ['é', 2],
    ['→', 3],
    ['😀', 4],
    // As encoders write it: U+FFFD, three bytes.
    ['\ud83d', 3],
    ['\ude00', 3],
    ['\ude00\ud83d', 6],
    ['\ud83d\ud83d\ude00', 7],
    ['a\ud83db', 5],
  ])('of %j is %d', (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
  });

  it('is that of the encoder, whatever the units', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd800, max: 0xdfff }),
      fc.integer({ min: 0, max: 0x7f }),
    );
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const text = String.fromCharCode(...units);
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });
});
