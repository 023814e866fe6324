import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPoolStateCpu, notePoolCpu } from '../../kernels/note-pool/note-pool.cpu.js';
import { NotePool, createPoolWindow, windowEntries } from '../../kernels/note-pool/note-pool.js';
import type { PoolRule } from '../../kernels/note-pool/pool-rule.js';
import { rows } from '../../kernels/cpu/rows.js';
import { createTensor } from '../../kernels/gpu/tensor.js';
import { poisoned, runOnGpu, testGpu } from './support/gpu.js';
import { poolOnCpu, poolOnGpu, readStream, tellingNotes, type RunPool } from './support/pool-problem.js';
import { Random } from './support/random.js';
import * as reference from './support/reference.js';

const SMALL: PoolRule = { poolSize: 5, chunk: 4, noteDim: 3, replacement: 'priority', tau1: 0 };

/** Reads a stream in pieces and compares every pool, its scores and notes, with the definition. */
async function expectPools(
  run: RunPool,
  rule: PoolRule,
  scores: Float32Array<ArrayBuffer>,
  pieces: readonly number[],
): Promise<void> {
  const { pools, state } = await readStream(run, rule, scores, pieces);
  const expected = reference.pools(scores, rule);
  expect(pools.length).toBe(expected.length);
  pools.forEach((pool, k) => {
    const wanted = expected[k]!;
    for (let j = 0; j < rule.poolSize; j++) {
      const note = wanted[j];
      expect(pool.positions[j], `position of entry ${j} after chunk ${k}`).toBe(note?.position ?? -1);
      expect(pool.scores[j]).toBe(note?.score ?? -Infinity);
      const vector = note ? tellingNotes(note.position, 1, rule.noteDim) : new Float32Array(rule.noteDim);
      expect(pool.notes.slice(j * rule.noteDim, (j + 1) * rule.noteDim)).toEqual(vector);
    }
  });
  if (pools.length > 0) {
    const last = pools[pools.length - 1]!;
    expect(state.positions).toEqual(last.positions);
    expect(state.scores).toEqual(last.scores);
    expect(state.notes).toEqual(last.notes);
  }
  const pending = scores.length % rule.chunk;
  const start = scores.length - pending;
  expect(state.pendingScores.slice(0, pending)).toEqual(scores.slice(start));
  expect(state.pendingNotes.slice(0, pending * rule.noteDim)).toEqual(
    tellingNotes(start, pending, rule.noteDim),
  );
}

const rising = Float32Array.from({ length: 23 }, (_, i) => i - 11);
const CASES: { name: string; rule: PoolRule; scores: Float32Array<ArrayBuffer>; pieces: number[] }[] = [
  { name: 'one token', rule: SMALL, scores: rising.slice(0, 1), pieces: [1] },
  { name: 'exactly one chunk', rule: SMALL, scores: rising.slice(0, 4), pieces: [4] },
  { name: 'rising scores: every chunk replaces', rule: SMALL, scores: rising, pieces: [23] },
  { name: 'falling scores: nothing replaces', rule: SMALL, scores: rising.map((s) => -s), pieces: [23] },
  { name: 'all equal: the earliest stay', rule: SMALL, scores: rising.map(() => 0.25), pieces: [23] },
  { name: '-0 equals 0', rule: SMALL, scores: rising.map((_, i) => (i % 2 ? -0 : 0)), pieces: [12, 11] },
  {
    name: 'token by token',
    rule: SMALL,
    scores: rising,
    pieces: rising.reduce<number[]>((p) => [...p, 1], []),
  },
  { name: 'uneven pieces', rule: SMALL, scores: rising, pieces: [3, 1, 6, 9, 4] },
  { name: 'fifo', rule: { ...SMALL, replacement: 'fifo' }, scores: rising.map((s) => -s), pieces: [7, 16] },
  {
    name: 'fifo, nothing important',
    rule: { ...SMALL, replacement: 'fifo' },
    scores: rising.map(() => 0),
    pieces: [23],
  },
  { name: 'tau1 = 0.5', rule: { ...SMALL, tau1: 0.5 }, scores: rising, pieces: [11, 12] },
  {
    name: 'tau1 = 0.9, seldom reached',
    rule: { ...SMALL, tau1: 0.9 },
    scores: rising.map((s) => s / 4),
    pieces: [23],
  },
  {
    name: 'a pool larger than the stream',
    rule: { ...SMALL, poolSize: 64 },
    scores: rising,
    pieces: [20, 3],
  },
  { name: 'a pool of one', rule: { ...SMALL, poolSize: 1 }, scores: rising, pieces: [9, 14] },
  { name: 'chunks of one', rule: { ...SMALL, chunk: 1 }, scores: rising, pieces: [9, 14] },
  {
    name: 'many chunks, walked over in blocks',
    rule: SMALL,
    // 150 chunks, with ties, after which one more begins.
    scores: new Random(5).uniform(602, -3, 3).map(Math.round),
    pieces: [1, 417, 184],
  },
  {
    name: 'many chunks, fifo',
    rule: { ...SMALL, replacement: 'fifo' },
    scores: new Random(6).uniform(602, -3, 3),
    pieces: [602],
  },
  {
    name: 'many chunks, few that enter',
    rule: { ...SMALL, tau1: 0.95 },
    scores: new Random(7).uniform(601, -3, 3.5),
    pieces: [300, 301],
  },
  {
    name: 'the shipped sizes',
    rule: { poolSize: 50, chunk: 64, noteDim: 64, replacement: 'priority', tau1: 0 },
    scores: new Random(3).uniform(300, -6, 2),
    pieces: [130, 1, 169],
  },
];

describe.each([
  ['cpu', poolOnCpu],
  ['webgpu', poolOnGpu],
])('note pool on %s', (_engine, run) => {
  it.each(CASES)('$name', async ({ rule, scores, pieces }) => {
    await expectPools(run, rule, scores, pieces);
  });

  it('scores that differ in the last f32 digit are told apart', async () => {
    const scores = Float32Array.from([1, 1 + 2 ** -23, 1, 1 - 2 ** -24, 1, 1, 1 + 2 ** -23, 1]);
    await expectPools(run, SMALL, scores, [8]);
  });
});

describe('note pool, any stream', () => {
  const stream = fc.record({
    // Few distinct values, so that ties abound.
    scores: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 }),
    cuts: fc.array(fc.integer({ min: 1, max: 39 }), { maxLength: 4 }),
    poolSize: fc.integer({ min: 1, max: 9 }),
    chunk: fc.integer({ min: 1, max: 8 }),
    replacement: fc.constantFrom('priority' as const, 'fifo' as const),
    tau1: fc.constantFrom(0, 0.3, 0.5, 0.8),
  });
  type Stream = typeof stream extends fc.Arbitrary<infer T> ? T : never;

  const check = (run: RunPool) => async (given: Stream) => {
    const { poolSize, chunk, replacement, tau1 } = given;
    const scores = Float32Array.from(given.scores);
    const ends = [...new Set([...given.cuts.filter((cut) => cut < scores.length), scores.length])];
    ends.sort((x, y) => x - y);
    const pieces = ends.map((end, i) => end - (ends[i - 1] ?? 0));
    await expectPools(run, { poolSize, chunk, noteDim: 2, replacement, tau1 }, scores, pieces);
  };

  it('is the best of all tokens so far, wherever it is cut, on the CPU', async () => {
    await fc.assert(fc.asyncProperty(stream, check(poolOnCpu)), { numRuns: 300 });
  });

  it('and on WebGPU', async () => {
    // Every rule compiles its own shaders, so few rules and many streams.
    const rules = fc.constantFrom(
      { poolSize: 3, chunk: 2, replacement: 'priority' as const, tau1: 0 },
      { poolSize: 6, chunk: 5, replacement: 'priority' as const, tau1: 0.3 },
      { poolSize: 4, chunk: 3, replacement: 'fifo' as const, tau1: 0 },
    );
    const few = fc.tuple(stream, rules).map(([given, rule]) => ({ ...given, ...rule }));
    await fc.assert(fc.asyncProperty(few, check(poolOnGpu)), { numRuns: 40 });
  });
});

describe('note pool refuses', () => {
  it('rules and arrays that make no sense', () => {
    const state = createPoolStateCpu(SMALL);
    const args = {
      rule: SMALL,
      position: 0,
      length: 2,
      scores: rows(new Float32Array(2), 1),
      notes: rows(new Float32Array(6), 3),
      state,
    };
    expect(() => notePoolCpu({ ...args, rule: { ...SMALL, tau1: 1 } })).toThrow(
      'note pool: tau1 must be in [0, 1); it is 1',
    );
    expect(() => notePoolCpu({ ...args, position: -1 })).toThrow(/position must be an integer, at least 0/);
    expect(() => notePoolCpu({ ...args, length: 3 })).toThrow(/scores must hold 3 rows of 1/);
    expect(() => notePoolCpu({ ...args, rule: { ...SMALL, poolSize: 6 } })).toThrow(
      'note pool: state.positions must be (6), 6 elements; it has 5',
    );
  });

  it('a window that is too small and a state written in place', async () => {
    const gpu = await testGpu();
    const pool = await NotePool.create(gpu, SMALL);
    const state = {
      positions: createTensor(gpu.device, [5]),
      scores: poisoned(gpu, 5),
      notes: poisoned(gpu, 5, 3),
      pendingScores: poisoned(gpu, 4),
      pendingNotes: poisoned(gpu, 4, 3),
    };
    const nextState = {
      positions: createTensor(gpu.device, [5]),
      scores: poisoned(gpu, 5),
      notes: poisoned(gpu, 5, 3),
      pendingScores: poisoned(gpu, 4),
      pendingNotes: poisoned(gpu, 4, 3),
    };
    const args = {
      position: 3,
      scores: poisoned(gpu, 9),
      notes: poisoned(gpu, 9, 3),
      state,
      nextState,
      slot: 0,
    };
    const window = createPoolWindow(gpu, SMALL, 1, 3);
    expect(windowEntries(SMALL, 9)).toBe(4);
    await runOnGpu(gpu, (recorder) => {
      expect(() => pool.record(recorder, { ...args, window })).toThrow(
        'note pool: the segment has 4 pools; the window has room for 3',
      );
      expect(() => pool.record(recorder, { ...args, window, nextState: state })).toThrow(
        /must lie in different buffers/,
      );
      expect(() => pool.record(recorder, { ...args, window, slot: 1 })).toThrow(
        /slot must be an integer, 0 to 0/,
      );
    });
  });
});
