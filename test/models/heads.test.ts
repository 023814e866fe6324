import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../models/memmamba/engine.js';
import { PASSAGE_DIMS } from '../../models/memmamba/passage-head.js';
import type { MemMambaModel } from '../../models/memmamba/weights.js';
import { Golden, MICRO } from '../support/model-files.js';
import { headlessModel, startCpu, startGpu } from './engines.js';
import { maxDifference } from './reading.js';

type Model = Promise<MemMambaModel>;

/** Largest error against PyTorch in f32, of sums of 16 tokens (they reach 40) and of logits (they reach 15). */
const F32 = 2e-4;
/** What seven bits of activations and eight of weights may cost of the same, as a share of the largest. */
const INT8 = 0.08;

/** Each engine reads so many of the reference's tokens; software WebGPU is slow. */
const ENGINES = [
  { name: 'cpu', start: (model?: Model) => startCpu({ segmentLength: 512 }, model), count: 992, share: 0 },
  {
    name: 'cpu-int8',
    start: (model?: Model) => startCpu({ segmentLength: 512, precision: 'int8' }, model),
    count: 992,
    share: INT8,
  },
  {
    name: 'webgpu',
    start: async (model?: Model) => (await startGpu(128, 'wgsl', model)).engine,
    count: 160,
    share: 0,
  },
  {
    name: 'webgpu, ONNX Runtime',
    start: async (model?: Model) => (await startGpu(128, 'ort', model)).engine,
    count: 160,
    share: 0,
  },
] as const;

/** (blocks, 256) sums over tokens that are read in segments of these lengths, over and over. */
async function sumsOf(
  engine: Engine,
  tokens: Uint32Array,
  lengths: readonly number[],
): Promise<Float32Array> {
  const sums = new Float32Array(Math.ceil(tokens.length / 16) * PASSAGE_DIMS);
  const state = engine.createState();
  for (let at = 0, i = 0; at < tokens.length; i++) {
    const part = tokens.subarray(at, at + lengths[i % lengths.length]!);
    const { passageSums } = await engine.forward(state, part, { passageSums: 'document' });
    const first = Math.floor(at / 16) * PASSAGE_DIMS;
    passageSums!.forEach((value, j) => (sums[first + j]! += value));
    at += part.length;
  }
  state.dispose();
  return sums;
}

async function logitsOf(engine: Engine, { tokens }: Golden): Promise<Float32Array> {
  const state = engine.createState();
  const { logits } = await engine.forward(state, tokens.subarray(0, 24), { logits: 'all' });
  state.dispose();
  return logits!;
}

/** Largest magnitude. */
function most(values: Float32Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

function blocksOf(sums: Float32Array): Float32Array[] {
  return Array.from({ length: sums.length / PASSAGE_DIMS }, (_, i) =>
    sums.subarray(i * PASSAGE_DIMS, (i + 1) * PASSAGE_DIMS),
  );
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

describe.each(ENGINES)('the $name engine agrees with PyTorch', ({ start, count, share }) => {
  let golden: Golden;
  let engine: Engine;
  /** Logits of a part of the reference, before the reader is opened. */
  let before: Float32Array;

  beforeAll(async () => {
    golden = await Golden.read(MICRO);
    engine = await start();
    before = await logitsOf(engine, golden);
  });

  afterAll(() => engine.dispose());

  /** @param all of which the largest says what a share is */
  const expectClose = (actual: Float32Array, expected: Float32Array, all = expected) => {
    expect(actual).toHaveLength(expected.length);
    expect(most(expected)).toBeGreaterThan(0.3);
    expect(maxDifference(actual, expected)).toBeLessThan(share > 0 ? share * most(all) : F32);
  };

  it('in the sums of the passage head, in whole blocks and in parts of them', async () => {
    const expected = golden.floats('passage_sums').subarray(0, (count / 16) * PASSAGE_DIMS);
    const tokens = golden.tokens.subarray(0, count);
    const whole = await sumsOf(engine, tokens, [64]);
    if (share > 0) {
      // One other note in a pool changes what is read until it leaves: most blocks point where they should.
      const cosines = blocksOf(whole).map((block, i) => cosine(block, blocksOf(expected)[i]!));
      expect(median(cosines)).toBeGreaterThan(0.95);
    } else expectClose(whole, expected);
    const parts = await sumsOf(engine, tokens.subarray(0, 96), [1, 7, 23, 41]);
    // Parts of a block are rounded once more when they are added up.
    expect(maxDifference(parts, whole.subarray(0, parts.length))).toBeLessThan(F32);
  });

  it('in the vector of a query', async () => {
    const tokens = golden.tokens.subarray(0, 20);
    const options = { pool: 'off', passageSums: 'query' } as const;
    const { passageSums } = await engine.forward(engine.createState(), tokens, options);
    const sum = new Float32Array(PASSAGE_DIMS);
    passageSums!.forEach((value, j) => (sum[j % PASSAGE_DIMS]! += value));
    expectClose(sum, golden.floats('query_sum'));
  });

  it('in the logits of the reader, passage after passage behind one question', async () => {
    const places = golden.ints('read_places');
    const rows = golden.ints('read_tokens');
    const width = rows.length / 3;
    for (let row = 0; row < 3; row++) {
      const own = Uint32Array.from(rows.subarray(row * width, (row + 1) * width).filter((id) => id >= 0));
      const [asked, to] = [places[2 * row]!, places[2 * row + 1]!];
      const question = await (await engine.openReader()).ask(own.subarray(0, asked));
      const none = golden.floats('read_none')[row]!;
      expect(Math.abs(question.none - none)).toBeLessThan(share > 0 ? 0.2 : F32);
      const read = async () => (await question.read([own.subarray(asked, to)], own.subarray(to)))[0]!;
      const first = await read();
      const range = [row * width + asked, row * width + to] as const;
      const [starts, ends] = [golden.floats('read_start'), golden.floats('read_end')];
      expectClose(first.start, starts.subarray(...range), starts);
      expectClose(first.end, ends.subarray(...range), ends);
      // The question's state is as it was.
      expect(await read()).toEqual(first);
      question.dispose();
    }
  });

  it('in what the reader makes of several passages at once, to the last bits', async () => {
    const { tokens } = golden;
    const question = await (await engine.openReader()).ask(tokens.subarray(0, 17));
    const end = tokens.subarray(990, 992);
    const lengths = [40, 1, 15, 16, 64, 33];
    const passages = lengths.map((length, i) => tokens.subarray(100 * i, 100 * i + length));
    const together = await question.read(passages, end);
    for (const [i, passage] of passages.entries()) {
      const [alone] = await question.read([passage], end);
      expect(together[i]!.start).toHaveLength(lengths[i]!);
      expect(maxDifference(together[i]!.start, alone!.start)).toBeLessThan(1e-5);
      expect(maxDifference(together[i]!.end, alone!.end)).toBeLessThan(1e-5);
    }
    expect(await question.read([], end)).toEqual([]);
    question.dispose();
  });

  it('and leaves what the model itself computes as it is', async () => {
    const reader = await engine.openReader();
    const question = await reader.ask(golden.tokens.subarray(0, 9));
    await question.read([golden.tokens.subarray(9, 30)], golden.tokens.subarray(30, 33));
    question.dispose();
    expect(reader.byteLength).toBeGreaterThan(100_000);
    expect(await logitsOf(engine, golden)).toEqual(before);
  });

  it('refuses what it cannot read, and stops at once when it is told to', async () => {
    const reader = await engine.openReader();
    const { tokens } = golden;
    await expect(reader.ask(new Uint32Array(0))).rejects.toThrow('no token');
    const question = await reader.ask(tokens.subarray(0, 5));
    const end = tokens.subarray(0, 2);
    await expect(question.read([new Uint32Array(reader.longest)], end)).rejects.toThrow('at most');
    await expect(question.read([new Uint32Array(0)], end)).rejects.toThrow('at least');
    const stopped = AbortSignal.abort(new Error('stop'));
    await expect(question.read([tokens.subarray(5, 9)], end, stopped)).rejects.toThrow('stop');
    expect(await question.read([tokens.subarray(5, 9)], end)).toHaveLength(1);
    question.dispose();
  });
});

describe.each(ENGINES)('the $name engine with a model that has no such heads', ({ start }) => {
  it('says so, and refuses what it cannot do', async () => {
    const engine = await start(headlessModel());
    expect(engine.heads).toEqual({ passages: false, reader: false });
    const tokens = Uint32Array.of(1, 2, 3);
    const state = engine.createState();
    await expect(engine.forward(state, tokens, { passageSums: 'document' })).rejects.toThrow('passage head');
    await expect(engine.openReader()).rejects.toThrow('no reader');
    expect(state.position).toBe(0);
    await engine.dispose();
  });
});

describe.each(['f32', 'int8'] as const)('on the CPU, %s', (precision) => {
  it('sums of whole blocks, and the reader, are the same bits whatever the length of the segments', async () => {
    const tokens = (await Golden.read(MICRO)).tokens.subarray(0, 192);
    const engine = await startCpu({ precision, segmentLength: 192 });
    const whole = await sumsOf(engine, tokens, [192]);
    for (const length of [16, 64]) expect(await sumsOf(engine, tokens, [length])).toEqual(whole);
    const outputs = async (segmentLength: number) => {
      const other = await startCpu({ precision, segmentLength });
      const question = await (await other.openReader()).ask(tokens.subarray(0, 30));
      const [read] = await question.read([tokens.subarray(30, 150)], tokens.subarray(150, 154));
      await other.dispose();
      return { none: question.none, ...read };
    };
    expect(await outputs(13)).toEqual(await outputs(192));
    await engine.dispose();
  });
});
