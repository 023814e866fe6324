import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heatLevels, LEVELS } from '../../../extension/editor/heatLevels.js';

const tokens = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 1e-6, 0.001, 0.2, 0.9), fc.boolean()))
  .map((parts) => {
    let at = 0;
    return parts.map(([length, retention, gap]) => {
      const start = (at += gap ? 1 : 0);
      return { start, end: (at += length), retention, layers: [retention], pool: [] };
    });
  });

describe('the heat of the text in view', () => {
  it('covers each token at most once, the more retained the stronger', () => {
    fc.assert(
      fc.property(tokens, (all) => {
        const levels = heatLevels(all);
        expect(levels).toHaveLength(LEVELS - 1);
        const levelOf = ({ start, end }: { start: number; end: number }) =>
          levels.findIndex((ranges) => ranges.some((range) => range.start <= start && end <= range.end));
        for (const a of all) {
          for (const b of all)
            if (a.retention < b.retention) expect(levelOf(a)).toBeLessThanOrEqual(levelOf(b));
        }
        const units = levels.flat().reduce((sum, { start, end }) => sum + end - start, 0);
        const tinted = all.filter((token) => levelOf(token) >= 0);
        expect(units).toBe(tinted.reduce((sum, { start, end }) => sum + end - start, 0));
      }),
    );
  });

  it('joins neighbours, and spreads over all steps', () => {
    const token = (i: number) => ({ start: i, end: i + 1, retention: i, layers: [], pool: [] });
    expect(heatLevels(Array.from({ length: 10 }, (_, i) => token(i)))).toEqual([
      [{ start: 2, end: 4 }],
      [{ start: 4, end: 6 }],
      [{ start: 6, end: 8 }],
      [{ start: 8, end: 10 }],
    ]);
    expect(heatLevels([])).toEqual([[], [], [], []]);
  });
});
