import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, StateSnapshot } from '../../models/memmamba/engine.js';
import { startCpu, startGpu } from './engines.js';
import { Golden, MICRO } from '../support/model-files.js';
import { maxDifference, readAll, type Reading } from './reading.js';

/** Rounding differs with the order of sums, nothing else may. */
const TOLERANCE = 2e-4;

/** Fails unless two readings of the same tokens say the same. */
function expectSame(actual: Reading, expected: Reading): void {
  expect(actual.chunkEnds).toEqual(expected.chunkEnds);
  expect(actual.poolPositions).toEqual(expected.poolPositions);
  expect(actual.weightPositions).toEqual(expected.weightPositions);
  for (const key of [
    'logits',
    'scores',
    'archiveNotes',
    'deltaSums',
    'salience',
    'weights',
    'queries',
    'updates',
  ] as const) {
    expect(maxDifference(actual[key], expected[key]), key).toBeLessThan(TOLERANCE);
  }
}

/** Fails unless two states are the same to rounding. */
function expectSameState(actual: StateSnapshot, expected: StateSnapshot): void {
  expect(actual.position).toBe(expected.position);
  actual.layers.forEach((layer, i) => {
    const other = expected.layers[i]!;
    expect(maxDifference(layer.h, other.h)).toBeLessThan(TOLERANCE);
    expect(maxDifference(layer.convTail, other.convTail)).toBeLessThan(TOLERANCE);
    for (const part of ['pool', 'pending'] as const) {
      expect(layer[part].positions).toEqual(other[part].positions);
      const scores = [layer[part].scores, other[part].scores].map((values) =>
        // Unused entries hold -Infinity, and their difference would be NaN.
        values.map((score) => (score === -Infinity ? -1e9 : score)),
      );
      expect(maxDifference(scores[0]!, scores[1]!)).toBeLessThan(TOLERANCE);
      expect(maxDifference(layer[part].notes, other[part].notes)).toBeLessThan(TOLERANCE);
    }
  });
}

const ENGINES = [
  { name: 'cpu', start: () => startCpu({ segmentLength: 300 }), count: 300, lengths: [1, 7, 64, 300] },
  { name: 'webgpu', start: async () => (await startGpu(128)).engine, count: 90, lengths: [90] },
] as const;

describe.each(ENGINES)('reading in segments, $name', ({ start, count, lengths }) => {
  let engine: Engine;
  let tokens: Uint32Array;

  beforeAll(async () => {
    engine = await start();
    tokens = (await Golden.read(MICRO)).tokens.subarray(0, count);
  });

  afterAll(() => engine.dispose());

  it('gives the same whatever the length of the segments', async () => {
    const reference = engine.createState();
    const expected = await readAll(engine, reference, tokens, 50);
    const expectedState = await engine.snapshot(reference);
    for (const length of lengths) {
      const state = engine.createState();
      expectSame(await readAll(engine, state, tokens, length), expected);
      expectSameState(await engine.snapshot(state), expectedState);
    }
  });

  it('goes on after stop, snapshot and restore as if nothing had happened', async () => {
    const straight = engine.createState();
    const expected = await readAll(engine, straight, tokens, 30);
    const first = engine.createState();
    // 43 lies amid a chunk, so candidates are pending.
    await engine.forward(first, tokens.subarray(0, 43));
    const stored = structuredClone(await engine.snapshot(first));
    first.dispose();
    const second = engine.restore(stored);
    expect(second.position).toBe(43);
    const rest = await readAll(engine, second, tokens.subarray(43), 30);
    const { vocabSize } = engine.config;
    expect(maxDifference(rest.logits, expected.logits.subarray(43 * vocabSize))).toBeLessThan(TOLERANCE);
    expectSameState(await engine.snapshot(second), await engine.snapshot(straight));
  });

  it('leaves the original alone when a clone reads on', async () => {
    const state = engine.createState();
    await engine.forward(state, tokens.subarray(0, 20));
    const before = await engine.snapshot(state);
    const clone = engine.cloneState(state);
    await engine.forward(clone, tokens.subarray(20, 60));
    expect(clone.position).toBe(60);
    expect(state.position).toBe(20);
    expect(await engine.snapshot(state)).toEqual(before);
  });

  it('leaves the state as it was on abort, and reads the same afterwards', async () => {
    const state = engine.createState();
    await engine.forward(state, tokens.subarray(0, 20));
    const before = await engine.snapshot(state);
    const controller = new AbortController();
    const reading = engine.forward(state, tokens.subarray(20, 80), {
      signal: controller.signal,
      logits: 'all',
    });
    setTimeout(() => {
      controller.abort();
    }, 0);
    await expect(reading).rejects.toThrow(/abort/i);
    expect(state.position).toBe(20);
    expect(await engine.snapshot(state)).toEqual(before);
    await engine.forward(state, tokens.subarray(20, 80));
    expect(state.position).toBe(80);
  });

  it('queues calls made at once', async () => {
    const states = [engine.createState(), engine.createState()];
    const results = await Promise.all([
      engine.forward(states[0]!, tokens.subarray(0, 20), { logits: 'last' }),
      engine.forward(states[1]!, tokens.subarray(0, 20), { logits: 'last' }),
      engine.forward(states[0]!, tokens.subarray(20, 40), { logits: 'last' }),
    ]);
    expect(states.map((state) => state.position)).toEqual([40, 20]);
    expect(results[0].logits).toEqual(results[1].logits);
    const straight = await engine.forward(engine.createState(), tokens.subarray(0, 40), { logits: 'last' });
    expect(maxDifference(results[2].logits!, straight.logits!)).toBeLessThan(TOLERANCE);
  });

  it('refuses what it cannot read', async () => {
    const state = engine.createState();
    await expect(engine.forward(state, new Uint32Array())).rejects.toThrow(
      /holds 1 to \d+ tokens; this one holds 0/,
    );
    const long = new Uint32Array(engine.segmentLength + 1);
    await expect(engine.forward(state, long)).rejects.toThrow(/tokens; this one holds/);
    await expect(engine.forward(state, Uint32Array.of(97))).rejects.toThrow(
      'Token 97 is not in the vocabulary of 97',
    );
    expect(state.position).toBe(0);
    const snapshot = await engine.snapshot(state);
    expect(() => engine.restore({ ...snapshot, layers: snapshot.layers.slice(1) })).toThrow(
      /does not fit the model micro: the number of layers is 2, expected 3/,
    );
    expect(() => engine.restore({ ...snapshot, position: 5 })).toThrow(/pending positions is 0, expected 5/);
    state.dispose();
    await expect(engine.forward(state, Uint32Array.of(1))).rejects.toThrow('disposed of');
  });
});

describe('the two engines', () => {
  it('say the same, to rounding, and can carry on for each other', async () => {
    const tokens = (await Golden.read(MICRO)).tokens.subarray(0, 150);
    const cpu = await startCpu();
    const { engine: gpu } = await startGpu(64);
    const states = { cpu: cpu.createState(), gpu: gpu.createState() };
    const options = { pool: 'on' } as const;
    const expected = await readAll(cpu, states.cpu, tokens.subarray(0, 100), 64, options);
    expectSame(await readAll(gpu, states.gpu, tokens.subarray(0, 100), 64, options), expected);

    const after = new Float64Array(cpu.config.nLayer * cpu.config.dInner).fill(0.1);
    const decay = { after, lags: [0, 1, 2, 16] };
    const onCpu = await cpu.decay(cpu.cloneState(states.cpu), tokens.subarray(100), decay);
    const onGpu = await gpu.decay(gpu.restore(await cpu.snapshot(states.cpu)), tokens.subarray(100), decay);
    expect(maxDifference(onGpu.retention, onCpu.retention)).toBeLessThan(1e-4);
    expect(maxDifference(onGpu.etmf!, onCpu.etmf!)).toBeLessThan(1e-4);
    expect(onGpu.etmfCount).toEqual(onCpu.etmfCount);

    // What the GPU began the CPU continues, and the other way round.
    const onward = cpu.restore(await gpu.snapshot(states.gpu));
    const [a, b] = await Promise.all([
      cpu.forward(onward, tokens.subarray(100), { logits: 'last' }),
      gpu.forward(states.gpu, tokens.subarray(100), { logits: 'last' }),
    ]);
    expect(maxDifference(a.logits!, b.logits!)).toBeLessThan(TOLERANCE);
    expectSameState(await cpu.snapshot(onward), await gpu.snapshot(states.gpu));
    await Promise.all([cpu.dispose(), gpu.dispose()]);
  });
});
