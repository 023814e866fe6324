import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heatLevels, LEVELS, wordsOf } from '../../../extension/editor/heat-levels.js';

const token = (start: number, end: number, retention: number) => ({
  start,
  end,
  retention,
  layers: [retention],
  pool: [],
});

/** Words of one or two tokens, one unit apart, and what each retains. */
const texts = fc.array(fc.tuple(fc.constantFrom(0, 1e-6, 0.001, 0.2, 0.9), fc.boolean())).map((parts) => {
  let at = 0;
  return parts.map(([retention, isSplit]) => {
    const word = { start: at, end: at + 6 };
    at += 7;
    const tokens = isSplit
      ? [token(word.start, word.start + 2, retention / 2), token(word.start + 2, word.end, retention)]
      : [token(word.start, word.end, retention)];
    return { word, retention, tokens };
  });
});

describe('the heat of the text in view', () => {
  it('gives each word one tint at most, the more retained the stronger', () => {
    fc.assert(
      fc.property(texts, (all) => {
        const levels = heatLevels(
          all.map(({ word }) => word),
          all.flatMap(({ tokens }) => tokens),
        );
        expect(levels).toHaveLength(LEVELS);
        const levelsOf = ({ start, end }: { start: number; end: number }) =>
          levels.flatMap((ranges, level) =>
            ranges.filter((range) => range.start < end && range.end > start).map(() => level),
          );
        for (const { word } of all) expect(levelsOf(word).length).toBeLessThanOrEqual(1);
        const levelOf = ({ word }: (typeof all)[number]) => levelsOf(word)[0] ?? -1;
        for (const a of all) {
          for (const b of all)
            if (a.retention < b.retention) expect(levelOf(a)).toBeLessThanOrEqual(levelOf(b));
        }
      }),
    );
  });

  it('leaves half of the words as they are, joins neighbours, and spreads over all steps', () => {
    const words = Array.from({ length: 20 }, (_, i) => ({ start: 5 * i, end: 5 * i + 4 }));
    const tokens = words.map(({ start, end }, i) => token(start, end, i));
    expect(heatLevels(words, tokens)).toEqual([
      [{ start: 50, end: 69 }],
      [{ start: 70, end: 84 }],
      [{ start: 85, end: 94 }],
      [{ start: 95, end: 99 }],
    ]);
    expect(heatLevels([], tokens)).toEqual([[], [], [], []]);
    expect(heatLevels(words, [])).toEqual([[], [], [], []]);
  });

  it('takes for words what is between white space', () => {
    expect(wordsOf('the  bishop’s\nwife', 100)).toEqual([
      { start: 100, end: 103 },
      { start: 105, end: 113 },
      { start: 114, end: 118 },
    ]);
  });
});
