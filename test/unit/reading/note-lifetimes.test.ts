import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NoteLifetimes } from '../../../models/reading/note-lifetimes.js';

const config = { nLayer: 1, poolSize: 3, chunk: 4 };

/** The pools that priority replacement gives, and the traces of segments of the given length. */
function tracesOf(scores: readonly number[], segment: number) {
  const traces = [];
  for (let from = 0; from < scores.length; from += segment) {
    const to = Math.min(scores.length, from + segment);
    const ends: number[] = [];
    for (let end = from + 1; end <= to; end++) if (end % config.chunk === 0) ends.push(end);
    const pools = ends.map((end) => {
      const best = scores.slice(0, end).map((score, token) => ({ score: Math.fround(score), token }));
      best.sort((a, b) => b.score - a.score || a.token - b.token);
      return Array.from({ length: config.poolSize }, (_, i) => best[i]?.token ?? -1);
    });
    traces.push({
      position: from,
      trace: {
        scores: Float32Array.from(scores.slice(from, to)),
        chunkEnds: Int32Array.from(ends),
        poolPositions: Int32Array.from(pools.flat()),
      },
    });
  }
  return traces;
}

function lifeOf(scores: readonly number[], segment: number): NoteLifetimes {
  const life = new NoteLifetimes(config);
  for (const { position, trace } of tracesOf(scores, segment)) life.record(position, trace);
  return life;
}

describe('the life of the pool', () => {
  it('says who entered, left, and for whom', () => {
    const life = lifeOf([5, 1, 2, 0, 9, 8, 0, 0, 7, 0, 0, 0], 12);
    expect(life.stays).toEqual([
      { layer: 0, token: 0, score: 5, enteredAt: 4, leftAt: 12, replacedBy: 8 },
      { layer: 0, token: 2, score: 2, enteredAt: 4, leftAt: 8, replacedBy: 5 },
      { layer: 0, token: 1, score: 1, enteredAt: 4, leftAt: 8, replacedBy: 4 },
      { layer: 0, token: 4, score: 9, enteredAt: 8, leftAt: null, replacedBy: null },
      { layer: 0, token: 5, score: 8, enteredAt: 8, leftAt: null, replacedBy: null },
      { layer: 0, token: 8, score: 7, enteredAt: 12, leftAt: null, replacedBy: null },
    ]);
    expect(life.of(8)).toEqual([life.stays[5]]);
    expect(life.of(3)).toEqual([]);
  });

  it('does not depend on segments, and always fits the pool', () => {
    const scores = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 40 });
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 9 }), (list, segment) => {
        const life = lifeOf(list, segment);
        expect(life.stays).toEqual(lifeOf(list, 1000).stays);
        for (const { token, score } of life.stays) expect(score).toBe(list[token]);
        for (let end = config.chunk; end <= list.length; end += config.chunk) {
          const inside = life.stays.filter(
            (s) => s.enteredAt <= end && (s.leftAt === null || s.leftAt > end),
          );
          expect(inside).toHaveLength(Math.min(config.poolSize, end));
        }
      }),
    );
  });
});
