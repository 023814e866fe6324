import { describe, expect, it } from 'vitest';
import { areaUnderCurve, bootstrap, wilson } from '../../eval/statistics.js';

describe('areaUnderCurve', () => {
  it.each([
    ['apart', [3, 4], [1, 2], 1],
    ['the other way round', [1, 2], [3, 4], 0],
    ['ties count half', [1, 1], [1, 1], 0.5],
    ['one pair of four is wrong', [1, 4], [0, 2], 0.75],
  ])('%s', (_, found, missed, area) => {
    expect(areaUnderCurve(found, missed).area).toBe(area);
  });

  it('has the standard error of Hanley and McNeil', () => {
    // Their example (Radiology 1982, 143:29): 51 abnormal and 58 normal images, area 0.893, standard error 0.032.
    const found = Array.from({ length: 51 }, () => 1);
    const missed = Array.from({ length: 58 }, (_, i) => (i < 46 ? 0 : 1));
    const { area, interval } = areaUnderCurve(found, missed);
    expect(area).toBeCloseTo(0.897, 3);
    expect((area - interval[0]) / 1.96).toBeCloseTo(0.032, 3);
  });

  it('says nothing where one side is empty', () => {
    expect(areaUnderCurve([], [1, 2]).area).toBeNaN();
  });
});

describe('wilson', () => {
  it('has room at both ends', () => {
    const [low, high] = wilson(100, 100);
    expect(low).toBeCloseTo(0.963, 3);
    expect(high).toBeCloseTo(1, 10);
    expect(wilson(0, 0)).toEqual([0, 1]);
  });
});

describe('bootstrap', () => {
  const rows = (groups: number, each: number) =>
    Array.from({ length: groups * each }, (_, i) => {
      const group = Math.floor(i / each);
      return { group, value: group % 2 === 0 ? 100 : 0 };
    });

  it('gives the mean, and an interval around it that is the same every time', () => {
    const found = bootstrap(rows(100, 1), 1);
    expect(found).toMatchObject({ mean: 50, n: 100 });
    expect(found.interval[0]).toBeGreaterThan(35);
    expect(found.interval[0]).toBeLessThan(45);
    expect(found.interval[1]).toBeGreaterThan(55);
    expect(bootstrap(rows(100, 1), 1)).toEqual(found);
  });

  it('draws groups, not values: what belongs together says less', () => {
    const width = ({ interval }: ReturnType<typeof bootstrap>) => interval[1] - interval[0];
    expect(width(bootstrap(rows(20, 50), 1))).toBeGreaterThan(3 * width(bootstrap(rows(1000, 1), 1)));
  });

  it('of nothing is no number', () => {
    expect(bootstrap([], 1).mean).toBeNaN();
  });
});
