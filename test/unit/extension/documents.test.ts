import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fingerprint } from '../../../extension/documents/fingerprint.js';
import { Positions } from '../../../extension/documents/positions.js';
import { pieces } from '../../../extension/documents/text.js';
import { utf8Length } from '../../../models/text/utf8-length.js';
import { fragmentToSelection, selectionToFragment } from '../../../extension/documents/fragment.js';

const text = () =>
  fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é', '漢', '🙂', '\ud83d', '\ude42', ' ') });

describe('pieces', () => {
  it('join to the text, are bounded, and cut no character', () => {
    fc.assert(
      fc.property(text(), fc.integer({ min: 2, max: 9 }), (whole, length) => {
        const parts = [...pieces(whole, length)];
        expect(parts.join('')).toBe(whole);
        for (const [i, part] of parts.entries()) {
          expect(part.length).toBeGreaterThan(0);
          expect(part.length).toBeLessThanOrEqual(length);
          const seam = part.slice(-1) + (parts[i + 1] ?? '').slice(0, 1);
          expect(seam).not.toMatch(/^[\ud800-\udbff][\udc00-\udfff]$/);
        }
      }),
    );
  });
});

describe('utf8Length', () => {
  it('is what an encoder writes', () => {
    fc.assert(
      fc.property(text(), (whole) => {
        expect(utf8Length(whole)).toBe(new TextEncoder().encode(whole).length);
      }),
    );
  });
});

describe('Positions', () => {
  it('finds lines as the editor ends them, in pieces of any size', () => {
    fc.assert(
      fc.property(text(), fc.integer({ min: 2, max: 5 }), (whole, length) => {
        const positions = new Positions();
        for (const piece of pieces(whole, length)) positions.append(piece);
        for (let offset = 0; offset <= whole.length; offset++) {
          const lines = whole.slice(0, offset).split(/\r\n|\n|\r/);
          // Between \r and \n the line has not ended yet.
          if (whole[offset - 1] === '\r' && whole[offset] === '\n') continue;
          expect(positions.at(offset)).toEqual({
            line: lines.length - 1,
            character: lines[lines.length - 1]?.length,
          });
        }
      }),
    );
  });

  it('gives the end for what lies beyond', () => {
    const positions = new Positions();
    positions.append('ab\nc');
    expect(positions.at(99)).toEqual({ line: 1, character: 1 });
    expect(positions.at(-1)).toEqual({ line: 0, character: 0 });
  });
});

describe('fragments', () => {
  it('come back as they went', () => {
    const place = fc.record({ line: fc.nat(1e6), character: fc.nat(1e7) });
    fc.assert(
      fc.property(fc.record({ start: place, end: place }), (selection) => {
        expect(fragmentToSelection(selectionToFragment(selection))).toEqual(selection);
      }),
    );
  });

  it('count from 1 and may be a bare line', () => {
    expect(selectionToFragment({ start: { line: 11, character: 4 }, end: { line: 13, character: 0 } })).toBe(
      'L12,5-14,1',
    );
    const start = { line: 11, character: 0 };
    expect(fragmentToSelection('L12')).toEqual({ start, end: start });
  });

  it('are nothing else', () => {
    for (const other of ['', 'heading', 'L', 'Lx', 'L1-', 'L1,2-3,4,5']) {
      expect(fragmentToSelection(other)).toBeUndefined();
    }
  });
});

describe('Fingerprint', () => {
  it('is the same for the same text in any pieces, and another after any change', () => {
    fc.assert(
      fc.property(text(), fc.integer({ min: 2, max: 5 }), fc.nat(), (whole, length, at) => {
        const read = new Fingerprint();
        for (const piece of pieces(whole, length)) read.append(piece);
        expect(read.length).toBe(whole.length);
        expect(Fingerprint.of(whole).equals(read)).toBe(true);
        const place = at % (whole.length + 1);
        const changed = `${whole.slice(0, place)}x${whole.slice(place)}`;
        expect(Fingerprint.of(changed).equals(read)).toBe(false);
        expect(Fingerprint.of(changed.slice(0, whole.length)).equals(read)).toBe(place === whole.length);
      }),
    );
  });
});
