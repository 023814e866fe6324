import { describe, expect, it } from 'vitest';
import {
  fromJson,
  requestKey,
  toEvict,
  toJson,
  withResult,
  type SavedAnalyses,
} from '../../../extension/results/saved.js';

const engine = { engine: 'cpu', device: 'd', model: 'tiny', layers: 8, poolSize: 50, reason: 'r' } as const;
const coverage = { tokens: 10, bytes: 40, complete: true };
const saved: SavedAnalyses = { coverage, engine, results: { a: [1], b: 'x' } };

describe('saved analyses', () => {
  it('come back as they were', () => {
    expect(fromJson(toJson(saved))).toEqual(saved);
  });

  it('that were damaged, cut off or of another version are none', () => {
    const json = toJson(saved);
    for (const other of [
      '',
      'null',
      '[]',
      json.slice(0, -5),
      // Made before the sentences and notes of a model had other weights.
      json.replace('"version":2', '"version":1'),
      toJson({ ...saved, coverage: { ...coverage, complete: false } }),
    ]) {
      expect(fromJson(other)).toBeUndefined();
    }
  });

  it('are known by what was asked, whatever the order of the parameters', () => {
    expect(requestKey('passages', { query: 'q', top: 3 })).toBe(
      requestKey('passages', { top: 3, query: 'q' }),
    );
    expect(requestKey('passages', { query: 'q', top: 3 })).not.toBe(
      requestKey('passages', { query: 'q', top: 4 }),
    );
    expect(requestKey('ask', { question: 'q' })).not.toBe(requestKey('passages', { question: 'q' }));
  });

  it('gain results, and lose those of another reading of the text', () => {
    expect(withResult(saved, saved, 'c', 2).results).toEqual({ a: [1], b: 'x', c: 2 });
    expect(withResult(undefined, saved, 'c', 2)).toEqual({ coverage, engine, results: { c: 2 } });
    const eight = { coverage, engine: { ...engine, engine: 'cpu-int8' } as const };
    expect(withResult(saved, eight, 'c', 2)).toEqual({ ...eight, results: { c: 2 } });
    const whole = { coverage: { ...coverage, bytes: 80 }, engine };
    expect(withResult(saved, whole, 'c', 2)).toEqual({ ...whole, results: { c: 2 } });
  });
});

describe('the files that have to go', () => {
  const file = (name: string, bytes: number, used: number) => ({ name, bytes, used });
  const files = [file('old', 30, 1), file('new', 50, 9), file('middle', 30, 5)];

  it('are those used longest ago', () => {
    expect(toEvict(files, 200)).toEqual([]);
    expect(toEvict(files, 100).map(({ name }) => name)).toEqual(['old']);
    expect(toEvict(files, 60).map(({ name }) => name)).toEqual(['middle', 'old']);
    expect(toEvict(files, 10)).toHaveLength(3);
  });
});
