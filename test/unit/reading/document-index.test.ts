import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../models/reading/document-text.js';
import { utf8Length } from '../../../models/text/utf8-length.js';
import { FROM_FLOAT16, toFloat16 } from '../../../models/reading/float16.js';
import { LineIndex } from '../../../models/text/line-index.js';
import { TokenIndex } from '../../../models/reading/token-index.js';

const text = fc.array(fc.constantFrom('a', 'bc', '\n', '\r', '\r\n', '', 'é', '😀'), { maxLength: 60 });

describe('the line index', () => {
  it('agrees with splitting at line ends, however the text was appended', () => {
    fc.assert(
      fc.property(text, (parts) => {
        const index = new LineIndex();
        for (const part of parts) index.append(part);
        const whole = parts.join('');
        const lines = whole.split(/\r\n|\n|\r/u);
        expect(index.lines).toBe(lines.length);
        for (let offset = 0; offset <= whole.length; offset++) {
          // The line end belongs to its line, so a `\n` after `\r` is still on it.
          const before = whole.slice(0, offset + 1).endsWith('\r\n')
            ? whole.slice(0, offset - 1)
            : whole.slice(0, offset);
          expect(index.lineOf(offset)).toBe(before.split(/\r\n|\n|\r/u).length);
        }
        for (let line = 1; line <= index.lines; line++) expect(index.lineOf(index.startOf(line))).toBe(line);
      }),
    );
  });

  it('refuses lines that are not there', () => {
    expect(() => new LineIndex().startOf(2)).toThrow(/no line 2/);
  });
});

describe('the document’s text', () => {
  it('slices as a string does, across pieces', () => {
    fc.assert(
      fc.property(text, fc.nat(70), fc.nat(70), (parts, a, b) => {
        const document = new DocumentText();
        for (const part of parts) document.append(part);
        const whole = parts.join('');
        expect(document.length).toBe(whole.length);
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expect(document.slice(start, end)).toBe(whole.slice(start, end));
        expect(document.toString()).toBe(whole);
        expect(utf8Length(whole)).toBe(new TextEncoder().encode(whole).length);
      }),
    );
  });
});

describe('the token index', () => {
  const tokens = fc.array(
    fc.record({
      step: fc.nat(126),
      length: fc.integer({ min: 1, max: 127 }),
      id: fc.nat(16383),
      score: fc.double({ min: -20, max: 20, noNaN: true }),
    }),
    { maxLength: 300 },
  );

  it('gives back ids, places and scores', () => {
    fc.assert(
      fc.property(tokens, (list) => {
        const index = new TokenIndex();
        const starts: number[] = [];
        for (const { step } of list) starts.push((starts.at(-1) ?? 0) + (starts.length === 0 ? 0 : step));
        // Ends never fall, as in any tokenization.
        const ends: number[] = [];
        for (const [i, { length }] of list.entries()) {
          const end = Math.max(starts[i]! + length, ends.at(-1) ?? 0);
          ends.push(end - starts[i]! > 255 ? starts[i]! + length : end);
        }
        const scores = Float32Array.from(list, ({ score }) => score);
        index.append(
          {
            ids: Uint32Array.from(list, ({ id }) => id),
            starts: Float64Array.from(starts),
            ends: Float64Array.from(ends),
          },
          scores,
          scores.map((score) => -score),
          scores.map((score) => 3 * score),
        );
        expect(index.length).toBe(list.length);
        for (const [i, { score }] of list.entries()) {
          expect([index.start(i), index.end(i)]).toEqual([starts[i], ends[i]]);
          const kept = Math.max(-16, Math.min(15.875, score));
          expect(Math.abs(index.textScore(i) - kept)).toBeLessThanOrEqual(1 / 16 + 1e-6);
          expect(Math.abs(index.factScore(i) - Math.max(-16, Math.min(15.875, -score)))).toBeLessThanOrEqual(
            1 / 16 + 1e-6,
          );
          const salience = index.salience(i)!;
          expect(Math.abs(salience - 3 * score)).toBeLessThanOrEqual(Math.abs(3 * score) / 2000 + 1e-6);
        }
        expect([...index.ids(0, list.length)]).toEqual(list.map(({ id }) => id));
      }),
    );
  });

  it('finds the tokens that overlap a range', () => {
    const index = new TokenIndex();
    // 100 tokens of three units; tokens 10 to 12 stand for one character of two units.
    const starts: number[] = [];
    const ends: number[] = [];
    let at = 0;
    for (let i = 0; i < 100; i++) {
      const isPart = i >= 10 && i <= 12;
      starts.push(at);
      ends.push(at + (isPart ? 2 : 3));
      if (!isPart || i === 12) at = ends.at(-1)!;
    }
    index.append(
      { ids: new Uint32Array(100), starts: Float64Array.from(starts), ends: Float64Array.from(ends) },
      new Float32Array(100),
      new Float32Array(100),
    );
    for (let start = 0; start < at + 5; start++) {
      for (const length of [0, 1, 4, 1000]) {
        const expected = starts.flatMap((s, i) =>
          s < start + length && ends[i]! > start && length > 0 ? [i] : [],
        );
        const { from, to } = index.overlapping(start, start + length);
        expect(Array.from({ length: to - from }, (_, i) => from + i)).toEqual(expected);
      }
    }
  });

  it.each([
    { salient: false, bytes: 6 },
    { salient: true, bytes: 8 },
  ])('costs $bytes bytes a token, with a salience: $salient', ({ salient, bytes }) => {
    const index = new TokenIndex();
    const count = 1 << 20;
    const zeros = new Float32Array(count);
    index.append(
      { ids: new Uint32Array(count), starts: new Float64Array(count), ends: new Float64Array(count) },
      zeros,
      zeros,
      ...(salient ? [zeros] : []),
    );
    expect(index.byteLength / count).toBeLessThan(bytes + 1);
    expect(index.salience(5)).toBe(salient ? 0 : undefined);
  });

  it('forgets the salience of tokens that are read again', () => {
    const index = new TokenIndex();
    const append = (start: number, ...salience: number[]) => {
      const starts = Float64Array.from(salience, (_, i) => start + i);
      const batch = { ids: new Uint32Array(salience.length), starts, ends: starts.map((at) => at + 1) };
      const scores = new Float32Array(salience.length);
      index.append(batch, scores, scores, Float32Array.from(salience));
    };
    append(0, 1, 2, 3);
    index.truncate(1);
    append(1, -4, 5.5);
    expect([0, 1, 2].map((token) => index.salience(token))).toEqual([1, -4, 5.5]);
  });
});

describe('binary16', () => {
  it('rounds to the nearest, ties to even', () => {
    for (const [value, bits] of [
      [0, 0],
      [-0, 0x8000],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [65519, 0x7bff],
      [65520, 0x7c00],
      [1e9, 0x7c00],
      [2 ** -24, 1],
      [2 ** -25, 0],
      [1.5 * 2 ** -24, 2],
      [2 ** -14, 0x0400],
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [Infinity, 0x7c00],
      [-Infinity, 0xfc00],
    ] as const) {
      expect(toFloat16(value)).toBe(bits);
    }
    expect(FROM_FLOAT16[toFloat16(NaN)]).toBeNaN();
  });

  it('keeps every one of its own numbers, and errs by half a step at most', () => {
    for (let bits = 0; bits < 1 << 16; bits++) {
      if (!Number.isNaN(FROM_FLOAT16[bits]!)) expect(toFloat16(FROM_FLOAT16[bits]!)).toBe(bits);
    }
    fc.assert(
      fc.property(fc.double({ min: -60000, max: 60000, noNaN: true }), (value) => {
        const step = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 10));
        expect(Math.abs(FROM_FLOAT16[toFloat16(value)]! - Math.fround(value))).toBeLessThanOrEqual(step / 2);
      }),
    );
  });
});
