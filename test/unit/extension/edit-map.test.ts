import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EditMap, type Change } from '../../../extension/readings/edit-map.js';

/** Texts as arrays of numbers that are all different, so that each can be found again. */
const LENGTH = 30;

const edits = () =>
  fc.array(fc.record({ at: fc.nat(40), removed: fc.nat(6), inserted: fc.nat(6) }), { maxLength: 8 });

function edited(wanted: readonly { at: number; removed: number; inserted: number }[]) {
  const map = new EditMap();
  const then = Array.from({ length: LENGTH }, (_, i) => i);
  const now = [...then];
  let next = 1_000;
  for (const { at, removed, inserted } of wanted) {
    const offset = Math.min(at, now.length);
    const change: Change = { offset, removed: Math.min(removed, now.length - offset), inserted };
    now.splice(offset, change.removed, ...Array.from({ length: inserted }, () => next++));
    map.apply(change);
  }
  return { map, then, now };
}

describe('EditMap', () => {
  it('finds every unit that is still there, in both directions', () => {
    fc.assert(
      fc.property(edits(), (wanted) => {
        const { map, now } = edited(wanted);
        expect(map.growth).toBe(now.length - LENGTH);
        for (const [at, unit] of now.entries()) {
          if (unit >= LENGTH) continue;
          const there = map.toNow({ start: unit, end: unit + 1 });
          const back = map.toThen({ start: at, end: at + 1 });
          expect(there).toEqual({ start: at, end: at + 1 });
          expect(back).toEqual({ start: unit, end: unit + 1 });
        }
      }),
    );
  });

  it('never turns a stretch round, and keeps inside the text', () => {
    fc.assert(
      fc.property(edits(), fc.nat(LENGTH), fc.nat(LENGTH), (wanted, a, b) => {
        const { map, now } = edited(wanted);
        const { start, end } = map.toNow({ start: Math.min(a, b), end: Math.max(a, b) });
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(now.length);
      }),
    );
  });

  it('keeps the ends of what was replaced', () => {
    const map = new EditMap();
    map.apply({ offset: 10, removed: 5, inserted: 20 });
    expect(map.toNow({ start: 8, end: 18 })).toEqual({ start: 8, end: 33 });
    expect(map.toNow({ start: 12, end: 13 })).toEqual({ start: 10, end: 30 });
    expect(map.toThen({ start: 15, end: 16 })).toEqual({ start: 10, end: 15 });
  });

  it('is empty before the first change, and after one that changes nothing', () => {
    const map = new EditMap();
    expect(map.isEmpty).toBe(true);
    map.apply({ offset: 3, removed: 0, inserted: 0 });
    expect(map.isEmpty).toBe(true);
  });
});
