import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_TOKENS, PASSAGE_DIMS } from '../../../models/memmamba/passage-head.js';
import { PassageSumStore } from '../../../models/reading/passage-sums.js';

/** What token t adds: different in every dimension, of either sign. */
function part(t: number): Float32Array {
  return Float32Array.from({ length: PASSAGE_DIMS }, (_, i) => Math.sin(1 + t * 0.7 + i * 1.3) + (i % 3) - 1);
}

/** (blocks, 256) as an engine gives it for a segment. */
function sumsOf(position: number, length: number): Float32Array {
  const first = Math.floor(position / BLOCK_TOKENS);
  const blocks = Math.floor((position + length - 1) / BLOCK_TOKENS) - first + 1;
  const sums = new Float32Array(blocks * PASSAGE_DIMS);
  for (let t = position; t < position + length; t++) {
    const at = (Math.floor(t / BLOCK_TOKENS) - first) * PASSAGE_DIMS;
    part(t).forEach((value, i) => (sums[at + i]! += value));
  }
  return sums;
}

function filled(lengths: readonly number[], capacity = 1 << 20): PassageSumStore {
  const store = new PassageSumStore(capacity);
  for (const length of lengths) store.record(length, sumsOf(store.tokens, length));
  return store;
}

function between(store: PassageSumStore, from: number, to: number): Float32Array {
  const vector = new Float32Array(PASSAGE_DIMS);
  store.add(from, to, vector);
  return vector;
}

function exact(from: number, to: number): Float32Array {
  const vector = new Float32Array(PASSAGE_DIMS);
  for (let t = from; t < to; t++) part(t).forEach((value, i) => (vector[i]! += value));
  return vector;
}

function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** Half a step of a block: its largest sum is below 48. */
const STEP = 48 / 127 / 2;

describe('the sums of passages', () => {
  it('of whole blocks are those of their tokens, to half a step a block', () => {
    const store = filled([256, 100, 300]);
    expect(store.tokens).toBe(656);
    for (const [from, to] of [
      [0, 16],
      [32, 96],
      [240, 656],
    ] as const) {
      const error = furthest(between(store, from, to), exact(from, to));
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(STEP * ((to - from) / BLOCK_TOKENS));
    }
  });

  it('of part of a block are as large a share of it, also of the one that is not whole yet', () => {
    const store = filled([20]);
    expect(
      furthest(
        between(store, 4, 8),
        exact(0, 16).map((value) => value / 4),
      ),
    ).toBeLessThan(STEP / 4);
    expect(furthest(between(store, 16, 20), exact(16, 20))).toBeLessThan(1e-5);
    expect(
      furthest(
        between(store, 18, 30),
        exact(16, 20).map((value) => value / 2),
      ),
    ).toBeLessThan(1e-5);
    expect(between(store, 20, 30)).toEqual(new Float32Array(PASSAGE_DIMS));
  });

  it('do not depend on the segments, and are as before after going back and on', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lengths, fc.nat(), (given, seed) => {
        const total = given.reduce((sum, length) => sum + length, 0);
        const whole = filled([total]);
        const store = filled(given);
        expect(store.tokens).toBe(total);
        expect(furthest(between(store, 0, total), between(whole, 0, total))).toBeLessThan(0.5 * given.length);
        // Back to where one of the segments ended, and on in one.
        const kept = given.slice(0, seed % (given.length + 1)).reduce((sum, length) => sum + length, 0);
        store.rewind(kept);
        expect(store.tokens).toBe(kept);
        if (kept < total) store.record(total - kept, sumsOf(kept, total - kept));
        expect(store.tokens).toBe(total);
        for (let at = 0; at < total; at += 7) {
          const error = furthest(between(store, at, at + 7), between(whole, at, at + 7));
          // What was rounded the other way is a step off.
          expect(error).toBeLessThan(2.1 * STEP);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('join two and two at the cap', () => {
    const store = filled(
      Array.from({ length: 10 }, () => 64),
      16 * (PASSAGE_DIMS + 4),
    );
    expect(store.blockTokens).toBe(64);
    expect(store.tokens).toBe(640);
    expect(store.byteLength).toBeLessThan(17 * (PASSAGE_DIMS + 4));
    const error = furthest(between(store, 0, 640), exact(0, 640));
    expect(error).toBeLessThan(10 * 4 * STEP * 3);
    // A place within a joined block gets its share.
    store.rewind(90);
    expect(store.tokens).toBe(90);
    const shared = exact(64, 128).map((value) => (value * 26) / 64);
    expect(furthest(between(store, 64, 90), shared)).toBeLessThan(4 * STEP);
  });
});
