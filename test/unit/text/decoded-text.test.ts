import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodedText, TextDecoding } from '../../../models/text/decoded-text.js';

describe('a decoded text', () => {
  it('is its source where nothing is encoded', () => {
    const text = DecodedText.same('abc');
    expect(text.shown(1, 3)).toBe('bc');
    expect(text.toSource(1, 3)).toEqual({ start: 1, end: 3 });
    expect(text.fromSource(1, 3)).toEqual({ start: 1, end: 3 });
  });

  it('leaves out markup around what is asked for, and keeps what is inside', () => {
    const decoding = new TextDecoding('<b>AT&amp;T</b> is');
    decoding.replace(0, 3, '');
    decoding.replace(5, 10, '&');
    decoding.replace(11, 15, '');
    const text = decoding.end();
    expect(text.text).toBe('AT&T is');
    expect(text.toSource(0, 4)).toEqual({ start: 3, end: 11 });
    expect(text.toSource(2, 3)).toEqual({ start: 5, end: 10 });
    expect(text.shown(3, 11)).toBe('AT&T');
    expect(text.shown(0, 18)).toBe('AT&T is');
  });

  it('leads through a text that was decoded before', () => {
    const first = new TextDecoding('x\\u0026amp;y');
    first.replace(1, 7, '&');
    const outer = first.end();
    const second = new TextDecoding(outer.text, outer);
    second.replace(1, 6, '&');
    const text = second.end();
    expect(text.text).toBe('x&y');
    expect(text.toSource(1, 2)).toEqual({ start: 1, end: 11 });
    expect(text.shown(0, 12)).toBe('x&y');
  });

  it('gives every unit a range of the source that gives it back, whatever is replaced', () => {
    const edit = fc.tuple(
      fc.nat({ max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('', 'é', '&', 'two', ' '),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
        const source = 'abcdefghijklmnopqrstuvwxyz'.repeat(4);
        const decoding = new TextDecoding(source);
        let at = 0;
        let expected = '';
        for (const [gap, length, instead] of edits) {
          expected += source.slice(at, at + gap) + instead;
          decoding.replace(at + gap, at + gap + length, instead);
          at += gap + length;
        }
        const decoded = decoding.end();
        expect(decoded.text).toBe(expected + source.slice(at));
        for (let unit = 0; unit < decoded.text.length; unit++) {
          const { start, end } = decoded.toSource(unit, unit + 1);
          expect(start).toBeLessThanOrEqual(end);
          if (end > start) expect(decoded.shown(start, end)).toContain(decoded.text[unit]);
        }
        expect(decoded.shown(0, source.length)).toBe(decoded.text);
      }),
    );
  });
});
