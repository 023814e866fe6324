import { describe, expect, it } from 'vitest';

import { append, largest, smallest } from '../../../models/text/lists.js';

describe('lists of any length', () => {
  const many = Array.from({ length: 300_000 }, (_, i) => i);

  it('are added to each other', () => {
    const list = [-1];
    append(list, many);
    expect(list.length).toBe(300_001);
    expect([list[0], list[1], list.at(-1)]).toEqual([-1, 0, 299_999]);
  });

  it('have a largest and a smallest', () => {
    expect([largest(many), smallest(many)]).toEqual([299_999, 0]);
    expect([largest([]), smallest([])]).toEqual([-Infinity, Infinity]);
    expect([largest([1, NaN]), smallest([NaN, 1])]).toEqual([NaN, NaN]);
  });
});
