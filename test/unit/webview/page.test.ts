import { afterEach, describe, expect, it } from 'vitest';
import type { TokenRetention } from '../../../models/document/types.js';
import { setStrings, t } from '../../../webview/elements/l10n.js';
import { once } from '../../../webview/worker/once.js';
import { heatTokens } from '../../../webview/panels/heat-map.js';

describe('t', () => {
  afterEach(() => setStrings({}));

  it('fills placeholders, in the order that the translation has them', () => {
    expect(t('{0} of {1}', 1, 'two')).toBe('1 of two');
    setStrings({ '{0} of {1}': '{1}: {0}' });
    expect(t('{0} of {1}', 1, 'two')).toBe('two: 1');
  });
});

describe('once', () => {
  it('computes once for all who ask', async () => {
    let runs = 0;
    const get = once(() => Promise.resolve(++runs));
    expect(await Promise.all([get(), get()])).toEqual([1, 1]);
    expect(await get()).toBe(1);
  });

  it('tries again after a failure', async () => {
    let runs = 0;
    const get = once(() => (++runs === 1 ? Promise.reject(new Error('lost')) : Promise.resolve(runs)));
    await expect(get()).rejects.toThrow('lost');
    expect(await get()).toBe(2);
  });
});

describe('heatTokens', () => {
  const token = (start: number, end: number, layers: number[]): TokenRetention => ({
    start,
    end,
    retention: layers.reduce((sum, v) => sum + v, 0) / layers.length,
    layers,
    pool: [],
  });

  it('cuts each text out of the part in view', () => {
    const tokens = [token(98, 102, [0.2, 0.4]), token(102, 105, [0, 1]), token(105, 107, [1, 1])];
    // The view begins inside the first token and ends inside the last.
    const heat = heatTokens(tokens, 'abcdef', 100, ({ layers }) => ({
      value: layers[1] ?? 0,
      noted: false,
    }));
    expect(heat.map(({ text }) => text)).toEqual(['ab', 'cde', 'f']);
    expect(heat.map(({ value }) => value)).toEqual([0.4, 1, 1]);
    expect(heat.map(({ start, end }) => [start, end])).toEqual(tokens.map(({ start, end }) => [start, end]));
  });
});
