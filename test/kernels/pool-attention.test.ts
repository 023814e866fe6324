import { describe, expect, it } from 'vitest';
import { rows } from '../../kernels/cpu/rows.js';
import { readTensors } from '../../kernels/gpu/readback.js';
import { columns, type GpuTensor } from '../../kernels/gpu/tensor.js';
import type { PoolSequenceCpu } from '../../kernels/note-pool/note-pool.cpu.js';
import { poolEntryOf } from '../../kernels/note-pool/pool-rule.js';
import { PoolAttention, type PoolAttentionShape } from '../../kernels/pool-attention/pool-attention.js';
import { SimdOperators, referenceOperators, type CpuOperators } from '../../kernels/simd/simd.js';
import { expectClose } from './support/expect-close.js';
import { poisoned, runOnGpu, testGpu, upload } from './support/gpu.js';
import { Random } from './support/random.js';
import * as reference from './support/reference.js';
import { TOLERANCE } from './support/tolerances.js';

interface Options extends PoolAttentionShape {
  readonly position: number;
  readonly length: number;
  /** Pools read together. */
  readonly pools: number;
  /** Used entries of the pools, from the first to the last chunk. */
  readonly filled: readonly number[];
  readonly tau2?: number;
  /** Largest query element. */
  readonly scale?: number;
  /** Largest |s|. */
  readonly scores?: number;
}

interface Problem extends Options {
  readonly queries: Float32Array<ArrayBuffer>;
  readonly sequences: readonly PoolSequenceCpu[];
  readonly gate: Float32Array<ArrayBuffer>;
}

interface Result {
  readonly reads: Float32Array;
  readonly weights: Float32Array;
}

const SMALL: Options = {
  nHeads: 2,
  noteDim: 8,
  poolSize: 5,
  chunk: 4,
  position: 0,
  length: 9,
  pools: 1,
  filled: [0, 3, 5],
};
const SHIPPED: Options = {
  nHeads: 4,
  noteDim: 64,
  poolSize: 50,
  chunk: 64,
  position: 40,
  length: 100,
  pools: 4,
  filled: [11, 50, 50],
};

const CASES: { name: string; options: Options }[] = [
  { name: 'one token, empty pool', options: { ...SMALL, length: 1 } },
  { name: 'three chunks, pool filling', options: SMALL },
  { name: 'starts inside a chunk', options: { ...SMALL, position: 6, length: 8 } },
  { name: 'one note only', options: { ...SMALL, filled: [1, 1, 1] } },
  { name: 'three pools', options: { ...SMALL, pools: 3 } },
  { name: 'gate closed for half of the tokens', options: { ...SMALL, filled: [2, 3, 5], tau2: 0.5 } },
  { name: 'large logits', options: { ...SMALL, filled: [5, 5, 5], scale: 40 } },
  { name: 'scores from -100 to 100', options: { ...SMALL, filled: [5, 5, 5], scores: 100 } },
  { name: 'a pool wider than a block of notes', options: { ...SMALL, poolSize: 37, filled: [17, 33, 37] } },
  { name: 'one head, odd chunk', options: { ...SMALL, nHeads: 1, chunk: 3, filled: [0, 1, 2, 5] } },
  { name: 'the shipped sizes across layers', options: SHIPPED },
];

function problem(options: Options): Problem {
  const { nHeads, noteDim, poolSize, length, pools, filled, scale = 1, scores = 4 } = options;
  const random = new Random(length * 31 + poolSize);
  const entries = filled.length;
  const sequences = Array.from({ length: pools }, () => {
    const sequence: PoolSequenceCpu = {
      entries,
      positions: new Int32Array(entries * poolSize).fill(-1),
      scores: new Float32Array(entries * poolSize).fill(-Infinity),
      notes: new Float32Array(entries * poolSize * noteDim),
    };
    filled.forEach((count, entry) => {
      for (let j = entry * poolSize; j < entry * poolSize + count; j++) {
        sequence.positions[j] = j;
        sequence.scores[j] = (2 * random.next() - 1) * scores;
        sequence.notes.set(random.uniform(noteDim, -1, 1), j * noteDim);
      }
    });
    return sequence;
  });
  return {
    ...options,
    queries: random.uniform(length * nHeads * noteDim, -scale, scale),
    sequences,
    gate: random.uniform(length, 0, 1),
  };
}

function expectedOf(p: Problem): { reads: Float64Array; weights: Float64Array } {
  const { nHeads, noteDim, poolSize, chunk, position, length, pools, sequences, tau2 } = p;
  const reads = new Float64Array(length * nHeads * noteDim);
  const weights = new Float64Array(length * nHeads * pools * poolSize);
  for (let t = 0; t < length; t++) {
    if (tau2 !== undefined && !(p.gate[t]! > tau2)) continue;
    const first = poolEntryOf(chunk, position, t) * poolSize;
    const notes = sequences.flatMap((pool, slot) =>
      Array.from({ length: poolSize }, (_, j) => ({
        slot: slot * poolSize + j,
        position: pool.positions[first + j]!,
        score: pool.scores[first + j]!,
        note: pool.notes.subarray((first + j) * noteDim, (first + j + 1) * noteDim),
      })).filter((note) => note.position >= 0),
    );
    if (notes.length === 0) continue;
    for (let head = 0; head < nHeads; head++) {
      const at = t * nHeads + head;
      const result = reference.attend(p.queries.subarray(at * noteDim, (at + 1) * noteDim), notes);
      reads.set(result.read, at * noteDim);
      notes.forEach(({ slot }, j) => (weights[at * pools * poolSize + slot] = result.weights[j]!));
    }
  }
  return { reads, weights };
}

const onCpu =
  (operators: CpuOperators) =>
  (p: Problem): Promise<Result> => {
    const width = p.nHeads * p.noteDim;
    const reads = new Float32Array(p.length * width).fill(NaN);
    const weights = new Float32Array(p.length * p.nHeads * p.pools * p.poolSize).fill(NaN);
    operators.poolAttention({
      ...p,
      gate: undefined,
      queries: rows(p.queries, width),
      pools: p.sequences,
      reads: rows(reads, width),
      weights,
      ...(p.tau2 !== undefined && { gate: rows(p.gate, 1) }),
    });
    return Promise.resolve({ reads, weights });
  };

/** The pools lie in slots 1 … of a window with one slot and one entry to spare; those hold NaN. */
async function onGpu(p: Problem): Promise<Result> {
  const { nHeads, noteDim, poolSize, length, pools, sequences } = p;
  const gpu = await testGpu();
  const attention = await PoolAttention.create(gpu, p);
  const entries = p.filled.length + 1;
  const slots = pools + 1;
  const positions = new Int32Array(slots * entries * poolSize).fill(7);
  const scores = new Float32Array(slots * entries * poolSize).fill(NaN);
  const notes = new Float32Array(slots * entries * poolSize * noteDim).fill(NaN);
  sequences.forEach((pool, i) => {
    const from = (i + 1) * entries * poolSize;
    positions.set(pool.positions, from);
    scores.set(pool.scores, from);
    notes.set(pool.notes, from * noteDim);
  });
  const width = nHeads * noteDim;
  const reads = poisoned(gpu, length, width);
  const weights = poisoned(gpu, length, nHeads, pools * poolSize);
  const gate: GpuTensor | undefined = p.tau2 === undefined ? undefined : upload(gpu, p.gate, length, 1);
  await runOnGpu(gpu, (recorder) => {
    attention.record(recorder, {
      position: p.position,
      queries: upload(gpu, p.queries, length, width),
      window: {
        slots,
        entries,
        positions: upload(gpu, positions, slots, entries, poolSize),
        scores: upload(gpu, scores, slots, entries, poolSize),
        notes: upload(gpu, notes, slots, entries, poolSize, noteDim),
      },
      firstSlot: 1,
      slots: pools,
      ...(gate && { gate, tau2: p.tau2! }),
      reads,
      weights,
    });
  });
  const [readBytes, weightBytes] = await readTensors(gpu, [reads, weights]);
  return { reads: new Float32Array(readBytes!), weights: new Float32Array(weightBytes!) };
}

describe.each([
  ['cpu', onCpu(referenceOperators)],
  ['cpu vectors', onCpu(new SimdOperators())],
  ['webgpu', onGpu],
])('pool attention on %s', (_engine, run) => {
  it.each(CASES)('$name', async ({ options }) => {
    const p = problem(options);
    const expected = expectedOf(p);
    const actual = await run(p);
    expectClose('reads', actual.reads, expected.reads, TOLERANCE.poolAttention);
    expectClose('weights', actual.weights, expected.weights, TOLERANCE.poolAttention);
  });
});

describe('pool attention refuses', () => {
  it('notes that are not a multiple of 4 wide', async () => {
    const gpu = await testGpu();
    await expect(PoolAttention.create(gpu, { ...SMALL, noteDim: 6 })).rejects.toThrow(
      'pool attention: noteDim must be a multiple of 4; it is 6',
    );
  });

  it('pools that do not reach the last token', async () => {
    const p = problem({ ...SMALL, length: 13 });
    for (const operators of [referenceOperators, new SimdOperators()]) {
      expect(() => onCpu(operators)(p)).toThrow(
        'pool attention: a pool has 3 entries; the tokens reach entry 3',
      );
    }
    const far = problem({ ...SMALL, length: 20 });
    await expect(onGpu(far)).rejects.toThrow(
      'pool attention: the tokens read 5 pools; the window has room for 4',
    );
  });

  it('queries whose columns are not whole vectors', async () => {
    const gpu = await testGpu();
    const attention = await PoolAttention.create(gpu, SMALL);
    const window = {
      slots: 1,
      entries: 1,
      positions: upload(gpu, new Int32Array(5), 1, 1, 5),
      scores: poisoned(gpu, 1, 1, 5),
      notes: poisoned(gpu, 1, 1, 5, 8),
    };
    await runOnGpu(gpu, (recorder) => {
      expect(() => {
        attention.record(recorder, {
          position: 0,
          queries: columns(poisoned(gpu, 2, 18), 2, 16),
          window,
          firstSlot: 0,
          slots: 1,
          reads: poisoned(gpu, 2, 16),
        });
      }).toThrow('pool attention: queries has a row stride or first column that is not a multiple of 4');
    });
  });
});
