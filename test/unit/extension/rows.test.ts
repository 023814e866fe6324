import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Positions } from '../../../extension/documents/positions.js';
import { pieces } from '../../../extension/documents/text.js';
import { RowIndex } from '../../../extension/large-file/rows.js';

const BOM = [0xef, 0xbb, 0xbf];

function indexed(text: string, size: number, mark: boolean): { rows: RowIndex; bytes: Uint8Array } {
  const rows = new RowIndex(mark ? BOM.length : 0);
  for (const piece of pieces(text, size)) rows.append(piece);
  rows.end();
  return { rows, bytes: Uint8Array.from([...(mark ? BOM : []), ...new TextEncoder().encode(text)]) };
}

describe('the rows of a large file', () => {
  const text = fc
    .array(
      fc.oneof(
        fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🙂', ' ', '\n', '\r', '\t') }),
        fc.constantFrom('\r\n', 'long '.repeat(450), '漢'.repeat(1200)),
      ),
    )
    .map((parts) => parts.join(''));

  it('are the lines of the text, long ones in pieces, from any place', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 60 }), fc.boolean(), fc.nat(), (whole, size, mark, at) => {
        const { rows, bytes } = indexed(whole, size, mark);
        const all = rows.read(bytes, 0, rows.length);
        const lines = whole.split(/\r\n|\r|\n/);
        expect(rows.lines).toBe(lines.length);
        const joined = new Map<number, string>();
        for (const { text: part, line, startsLine } of all) {
          expect(startsLine).toBe(!joined.has(line));
          joined.set(line, (joined.get(line) ?? '') + part);
        }
        expect([...joined.values()]).toEqual(lines);
        for (const row of all) expect(whole.startsWith(row.text, row.start)).toBe(true);

        const from = at % rows.length;
        expect(rows.read(bytes, from, 3)).toEqual(all.slice(from, from + 3));
        const positions = new Positions();
        positions.append(whole);
        const offset = at % (whole.length + 1);
        const place = positions.at(offset);
        expect(rows.offsetOf(place)).toBe(offset);
        const row = all[rows.rowAt(offset)]!;
        expect(row.start).toBeLessThanOrEqual(offset);
        expect(row.line).toBe(place.line + 1);
      }),
    );
  });
});
