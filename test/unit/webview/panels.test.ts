import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PoolEntry, TokenRetention } from '../../../models/document/types.js';
import { sliderStep } from '../../../webview/panels/line-chart.js';
import { poolAt, slotsOf, stayOf, wordsOfNotes } from '../../../webview/panels/pool-slots.js';
import { niceStep, positionOf, shareOf } from '../../../webview/panels/pool-timeline.js';
import { COLUMNS, measured, RetentionRows } from '../../../webview/panels/retention-rows.js';

const entry = (
  token: number,
  enteredAt: number,
  leftAt: number | null,
  replacedBy: number | null,
  more: Partial<PoolEntry> = {},
): PoolEntry => ({
  layer: 0,
  token,
  start: token * 4,
  end: token * 4 + 4,
  line: 1,
  text: `t${token}`,
  word: `w${token}`,
  wordStart: token * 4,
  score: 0.5,
  enteredAt,
  leftAt,
  replacedBy,
  ...more,
});

/** A pool of `size` places in which one note a chunk of 8 replaces another. */
function history(size: number, chunks: number, choose: (chunk: number) => number): PoolEntry[] {
  const live = Array.from({ length: size }, (_, i) => entry(i, 8, null, null));
  const all = [...live];
  for (let chunk = 2; chunk <= chunks; chunk++) {
    const place = choose(chunk) % size;
    const token = chunk * 8;
    const gone = { ...live[place]!, leftAt: chunk * 8, replacedBy: token };
    all[all.indexOf(live[place]!)] = gone;
    live[place] = entry(token, chunk * 8, null, null);
    all.push(live[place]);
  }
  return all;
}

describe('slots of the timeline', () => {
  it('give a successor the place of the note that it replaced', () => {
    const entries = [entry(0, 8, 16, 9), entry(1, 8, null, null), entry(9, 16, null, null)];
    expect(slotsOf(entries).map(({ slot }) => slot)).toEqual([0, 1, 0]);
  });

  it('never hold two notes at a time, and are as many as the pool has places', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(100), { maxLength: 30 }),
        (size, choices) => {
          const placed = slotsOf(history(size, choices.length + 1, (chunk) => choices[chunk - 2] ?? 0));
          expect(Math.max(...placed.map(({ slot }) => slot))).toBe(size - 1);
          for (const a of placed) {
            for (const b of placed) {
              if (a === b || a.slot !== b.slot) continue;
              const isBefore = (x: PoolEntry, y: PoolEntry) => x.leftAt !== null && x.leftAt <= y.enteredAt;
              expect(isBefore(a.entry, b.entry) || isBefore(b.entry, a.entry)).toBe(true);
            }
          }
        },
      ),
    );
  });
});

describe('the pool at a point', () => {
  const entries = [entry(0, 8, 16, 9), entry(1, 8, null, null), entry(9, 16, null, null)];

  it('holds who has entered and not left', () => {
    const tokens = (position: number) => poolAt(entries, position).map(({ token }) => token);
    expect([0, 7, 8, 15, 16, 99].map(tokens)).toEqual([[], [], [0, 1], [0, 1], [1, 9], [1, 9]]);
  });

  it('counts the stay of a note that is still there to the end of what was read', () => {
    expect(entries.map((e) => stayOf(e, 40))).toEqual([8, 32, 24]);
  });

  it('gathers the notes of one word, in the order of the text', () => {
    const key = { word: '48213', wordStart: 50 };
    const words = wordsOfNotes([
      entry(14, 16, null, null, { ...key, layer: 3 }),
      entry(2, 8, null, null),
      entry(13, 16, null, null, key),
      entry(13, 16, null, null, { ...key, layer: 3 }),
    ]);
    expect(words.map(({ word, notes, layers }) => [word, notes, layers])).toEqual([
      ['w2', 1, [0]],
      ['48213', 3, [0, 3]],
    ]);
    expect(words[1]).toMatchObject({ start: 50, end: 55 });
  });
});

describe('the axis of the timeline', () => {
  it.each(['linear', 'logarithmic'] as const)('finds the position that it shows, %s', (scale) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e7 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (length, share) => {
          const position = Math.round(share * length);
          expect(positionOf(shareOf(position, length, scale), length, scale)).toBe(position);
        },
      ),
    );
  });

  it('has round ticks, no closer than asked for', () => {
    expect([1, 3, 5.1, 80, 101, 999].map(niceStep)).toEqual([1, 5, 10, 100, 200, 1000]);
  });
});

describe('rows of the map', () => {
  const token = (start: number, value: number, live = false): TokenRetention => ({
    start,
    end: start + 4,
    retention: value,
    layers: [value, value],
    pool: live ? [{ layer: 1, enteredAt: 8, leftAt: null }] : [{ layer: 0, enteredAt: 8, leftAt: 16 }],
  });

  it('count a note as 1 in the layer whose pool holds it now, if the pool is counted', () => {
    const noted = token(0, 0.25, true);
    expect(measured(noted, { layer: 'mean', counted: true })).toBe(0.625);
    expect(measured(noted, { layer: 'mean', counted: false })).toBe(0.25);
    expect(measured(noted, { layer: 1, counted: true })).toBe(1);
    expect(measured(token(0, 0.25), { layer: 0, counted: true })).toBe(0.25);
  });

  it('cover the range without gaps, whatever its length', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 3e6 }), (start, length) => {
        const rows = new RetentionRows({ start, end: start + length });
        expect(rows.rows * rows.rowLength).toBeGreaterThanOrEqual(length);
        expect((rows.rows - 1) * rows.rowLength).toBeLessThan(length);
        expect(rows.rowAt(start)).toBe(0);
        expect(rows.rowAt(start + length - 1)).toBe(rows.rows - 1);
        expect(rows.sampleOf(rows.rows - 1).end).toBeLessThanOrEqual(start + length);
      }),
    );
  });

  it('take the mean of the tokens that begin in a tile', () => {
    const rows = new RetentionRows({ start: 0, end: 96 });
    expect([rows.rows, rows.rowLength]).toEqual([1, 96]);
    rows.set(0, [token(0, 0.2), token(2, 0.4), token(90, 1)]);
    const tiles = rows.tiles(0, { layer: 'mean', counted: false })!;
    expect(tiles[0]).toBeCloseTo(0.3);
    expect(tiles[COLUMNS - 1]).toBe(1);
    expect([...tiles].filter(Number.isNaN)).toHaveLength(COLUMNS - 2);
  });

  it('are computed near the view first, then where the gap is widest, each once', () => {
    const rows = new RetentionRows({ start: 0, end: 96 * 40 });
    const order: number[] = [];
    for (let row = rows.next(96 * 10); row !== undefined; row = rows.next(96 * 10)) {
      order.push(row);
      rows.set(row, []);
    }
    expect(order.slice(0, 7).sort((a, b) => a - b)).toEqual([7, 8, 9, 10, 11, 12, 13]);
    expect(order[7]).toBe(27);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });
});

describe('a slider', () => {
  it('stays between its ends', () => {
    expect(sliderStep('ArrowLeft', 0, 5)).toBe(0);
    expect(sliderStep('PageDown', 2, 5)).toBe(5);
    expect(sliderStep('End', 2, 5)).toBe(5);
    expect(sliderStep('a', 2, 5)).toBeUndefined();
  });
});
