import { CausalConv } from '../causal-conv/causal-conv.js';
import { causalConvCpu } from '../causal-conv/causal-conv.cpu.js';
import { rows } from '../cpu/rows.js';
import type { Gpu } from '../gpu/device.js';
import { readTensors } from '../gpu/readback.js';
import { Recorder } from '../gpu/recorder.js';
import { columns, createTensor, uploadTensor, type GpuTensor } from '../gpu/tensor.js';
import { Linear } from '../linear/linear.js';
import { linearCpu } from '../linear/linear.cpu.js';
import { createPoolStateCpu, notePoolCpu, type PoolSequenceCpu } from '../note-pool/note-pool.cpu.js';
import { NotePool, createPoolWindow, type PoolState, type PoolWindow } from '../note-pool/note-pool.js';
import type { PoolRule } from '../note-pool/pool-rule.js';
import { passageSumsCpu } from '../passage-sums/passage-sums.cpu.js';
import { PassageSums } from '../passage-sums/passage-sums.js';
import { PoolAttention } from '../pool-attention/pool-attention.js';
import { poolAttentionCpu } from '../pool-attention/pool-attention.cpu.js';
import { Retention } from '../retention/retention.js';
import { memoryFidelityCpu, retentionCpu } from '../retention/retention.cpu.js';
import { SelectiveScan } from '../selective-scan/selective-scan.js';
import { selectiveScanCpu } from '../selective-scan/selective-scan.cpu.js';
import { messageOf } from '../message.js';

/** What a device made of one kernel. */
export interface KernelCheck {
  readonly kernel: string;
  readonly passed: boolean;
  /** The largest error and the time, or what went wrong. */
  readonly detail: string;
}

/** Largest accepted error, relative to the largest element of the same output. */
const TOLERANCE = 2e-5;

/** Sizes that cross the borders of tiles, workgroups and chunks, and take a device a moment. */
const LENGTH = 70;
const D_INNER = 72;
const D_STATE = 16;
const D_CONV = 4;
const HEADS = 4;
const LAGS = [0, 1, 8];
const RULE: PoolRule = { poolSize: 50, chunk: 32, noteDim: 64, replacement: 'priority', tau1: 0 };

/** An output of the device, and what the CPU gives for it. */
type Comparison = readonly [actual: GpuTensor, expected: ArrayLike<number>];

/**
 * Runs every kernel on a small problem and compares it with the CPU's implementation: for reports about
 * drivers that compile a shader and compute something else. Never rejects; a failure is a result.
 */
export async function selfTestKernels(gpu: Gpu): Promise<KernelCheck[]> {
  const checks = [
    ['selective scan', checkScan],
    ['causal conv', checkConv],
    ['note pool', checkPool],
    ['pool attention', checkAttention],
    ['retention', checkRetention],
    ['projections', checkProjections],
    ['passage sums', checkPassageSums],
  ] as const;
  const results: KernelCheck[] = [];
  for (const [kernel, check] of checks) results.push(await run(gpu, kernel, check));
  return results;
}

async function run(
  gpu: Gpu,
  kernel: string,
  check: (gpu: Gpu) => Promise<readonly Comparison[]>,
): Promise<KernelCheck> {
  const { device } = gpu;
  const start = performance.now();
  try {
    device.pushErrorScope('validation');
    const compared = await check(gpu).finally(async () => {
      const invalid = await device.popErrorScope();
      if (invalid) throw new Error(invalid.message);
    });
    const outputs = await readTensors(
      gpu,
      compared.map(([actual]) => actual),
    );
    const errors = compared.map(([, expected], i) => largestError(outputs[i]!, expected));
    for (const [{ buffer }] of compared) buffer.destroy();
    const worst = errors.reduce((x, y) => (x >= y ? x : y), 0);
    const milliseconds = Math.round(performance.now() - start);
    return {
      kernel,
      passed: worst <= TOLERANCE,
      detail: `largest error ${worst.toExponential(1)}, ${milliseconds} ms with compiling`,
    };
  } catch (error) {
    return { kernel, passed: false, detail: messageOf(error) };
  }
}

/** Largest difference, relative to the largest expected element; infinite if anything is not a number. */
function largestError(bytes: ArrayBuffer, expected: ArrayLike<number>): number {
  const actual = expected instanceof Int32Array ? new Int32Array(bytes) : new Float32Array(bytes);
  let scale = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i]!;
    // Scores of unused pool entries.
    if (value === actual[i]) continue;
    scale = Math.max(scale, Math.abs(value));
    const error = Math.abs(actual[i]! - value);
    worst = Number.isFinite(error) ? Math.max(worst, error) : Infinity;
    if (worst === Infinity) return worst;
  }
  return worst === 0 ? 0 : worst / scale;
}

async function checkScan(gpu: Gpu): Promise<readonly Comparison[]> {
  const values = new Numbers(1);
  const { u, raw, projected, a } = scanInputs(values);
  const z = values.between(LENGTH * D_INNER, -4, 4);
  const d = values.between(D_INNER, -1, 1);
  const h = values.between(D_INNER * D_STATE, -1, 1);
  const scan = await SelectiveScan.create(gpu, { dInner: D_INNER, dState: D_STATE });
  const bc = upload(gpu, projected, LENGTH, 2 * D_STATE);
  const y = createTensor(gpu.device, [LENGTH, D_INNER]);
  const nextH = createTensor(gpu.device, [D_INNER, D_STATE]);
  const deltaSum = createTensor(gpu.device, [D_INNER]);
  submit(gpu, (recorder) => {
    scan.record(recorder, {
      u: upload(gpu, u, LENGTH, D_INNER),
      deltaRaw: upload(gpu, raw, LENGTH, D_INNER),
      z: upload(gpu, z, LENGTH, D_INNER),
      b: columns(bc, 0, D_STATE),
      c: columns(bc, D_STATE, D_STATE),
      a: upload(gpu, a, D_INNER, D_STATE),
      d: upload(gpu, d, D_INNER),
      h: upload(gpu, h, D_INNER, D_STATE),
      ...{ y, nextH, deltaSum },
    });
  });
  const expectedY = new Float32Array(LENGTH * D_INNER);
  const expectedSum = new Float32Array(D_INNER);
  selectiveScanCpu({
    ...{ length: LENGTH, dInner: D_INNER, dState: D_STATE, a, d, h, deltaSum: expectedSum },
    u: rows(u, D_INNER),
    deltaRaw: rows(raw, D_INNER),
    z: rows(z, D_INNER),
    b: rows(projected, 2 * D_STATE),
    c: rows(projected, 2 * D_STATE, D_STATE),
    y: rows(expectedY, D_INNER),
  });
  return [
    [y, expectedY],
    [nextH, h],
    [deltaSum, expectedSum],
  ];
}

async function checkConv(gpu: Gpu): Promise<readonly Comparison[]> {
  const values = new Numbers(2);
  const x = values.between(LENGTH * D_INNER, -2, 2);
  const weight = values.between(D_INNER * D_CONV, -1, 1);
  const bias = values.between(D_INNER, -1, 1);
  const tail = values.between((D_CONV - 1) * D_INNER, -2, 2);
  const conv = await CausalConv.create(gpu, { dInner: D_INNER, dConv: D_CONV });
  const y = createTensor(gpu.device, [LENGTH, D_INNER]);
  const nextTail = createTensor(gpu.device, [D_CONV - 1, D_INNER]);
  submit(gpu, (recorder) => {
    conv.record(recorder, {
      x: upload(gpu, x, LENGTH, D_INNER),
      weight: upload(gpu, weight, D_INNER, D_CONV),
      bias: upload(gpu, bias, D_INNER),
      tail: upload(gpu, tail, D_CONV - 1, D_INNER),
      ...{ y, nextTail },
    });
  });
  const expected = new Float32Array(LENGTH * D_INNER);
  causalConvCpu({
    ...{ length: LENGTH, dInner: D_INNER, dConv: D_CONV, weight, bias, tail },
    x: rows(x, D_INNER),
    y: rows(expected, D_INNER),
  });
  return [
    [y, expected],
    [nextTail, tail],
  ];
}

async function checkPool(gpu: Gpu): Promise<readonly Comparison[]> {
  const { window, expected } = await fillPool(gpu);
  return [
    [window.positions, expected.positions],
    [window.scores, expected.scores],
    [window.notes, expected.notes],
  ];
}

async function checkAttention(gpu: Gpu): Promise<readonly Comparison[]> {
  const { poolSize, chunk, noteDim } = RULE;
  const { window, expected: pool } = await fillPool(gpu);
  const width = HEADS * noteDim;
  const queries = new Numbers(4).between(LENGTH * width, -1, 1);
  const attention = await PoolAttention.create(gpu, { nHeads: HEADS, noteDim, poolSize, chunk });
  const reads = createTensor(gpu.device, [LENGTH, width]);
  const weights = createTensor(gpu.device, [LENGTH, HEADS, poolSize]);
  submit(gpu, (recorder) => {
    attention.record(recorder, {
      ...{ position: 0, window, firstSlot: 0, slots: 1, reads, weights },
      queries: upload(gpu, queries, LENGTH, width),
    });
  });
  const expectedReads = new Float32Array(LENGTH * width);
  const expectedWeights = new Float32Array(LENGTH * HEADS * poolSize);
  poolAttentionCpu({
    ...{ length: LENGTH, nHeads: HEADS, noteDim, poolSize, chunk, position: 0, pools: [pool] },
    queries: rows(queries, width),
    reads: rows(expectedReads, width),
    weights: expectedWeights,
  });
  return [
    [reads, expectedReads],
    [weights, expectedWeights],
  ];
}

async function checkRetention(gpu: Gpu): Promise<readonly Comparison[]> {
  const values = new Numbers(5);
  const { u, raw, projected, a } = scanInputs(values);
  const after = values.between(D_INNER, 0, 1);
  const operator = await Retention.create(gpu, { dInner: D_INNER, dState: D_STATE });
  const inputs = {
    u: upload(gpu, u, LENGTH, D_INNER),
    deltaRaw: upload(gpu, raw, LENGTH, D_INNER),
    b: columns(upload(gpu, projected, LENGTH, 2 * D_STATE), 0, D_STATE),
    a: upload(gpu, a, D_INNER, D_STATE),
  };
  const retention = createTensor(gpu.device, [LENGTH]);
  const fidelity = createTensor(gpu.device, [LAGS.length, LENGTH]);
  submit(gpu, (recorder) => {
    operator.record(recorder, { ...inputs, after: upload(gpu, after, D_INNER), retention });
    operator.recordFidelity(recorder, { ...inputs, lags: LAGS, fidelity });
  });
  const common = {
    ...{ length: LENGTH, dInner: D_INNER, dState: D_STATE, a },
    u: rows(u, D_INNER),
    deltaRaw: rows(raw, D_INNER),
    b: rows(projected, 2 * D_STATE),
  };
  const expected = new Float32Array(LENGTH);
  const expectedFidelity = new Float32Array(LAGS.length * LENGTH);
  retentionCpu({ ...common, after, retention: expected });
  memoryFidelityCpu({ ...common, lags: LAGS, fidelity: expectedFidelity });
  return [
    [retention, expected],
    [fidelity, expectedFidelity],
  ];
}

/** The product by tiles and by rows, with all that can surround it. */
async function checkPassageSums(gpu: Gpu): Promise<readonly Comparison[]> {
  const [width, block, lead] = [68, 16, 5];
  const products = new Numbers(7).between(LENGTH * (width + 4), -2, 2);
  const kernel = await PassageSums.create(gpu, { columns: width, block });
  const blocks = Math.ceil((lead + LENGTH) / block);
  const sums = createTensor(gpu.device, [blocks, width]);
  submit(gpu, (recorder) => {
    kernel.record(recorder, { lead, products: upload(gpu, products, LENGTH, width + 4), sums });
  });
  const expected = new Float32Array(blocks * width);
  const given = rows(products, width + 4);
  passageSumsCpu({ length: LENGTH, columns: width, block, lead, products: given, sums: expected });
  return [[sums, expected]];
}

async function checkProjections(gpu: Gpu): Promise<readonly Comparison[]> {
  const values = new Numbers(6);
  const [depth, width, normEps] = [D_INNER, 140, 1e-5];
  const x = values.between(LENGTH * depth, -2, 2);
  const weight = values.between(depth * width, -0.2, 0.2);
  const bias = values.between(width, -1, 1);
  const gate = values.between(LENGTH, 0, 1);
  const residual = values.between(LENGTH * width, -1, 1);
  const linear = await Linear.create(gpu, {
    ...{ depth, columns: width, maxRows: LENGTH, normEps },
    ...{ bias: true, gate: true, residual: true },
  });
  const lengths = [LENGTH, 1];
  const outputs = lengths.map((length) => createTensor(gpu.device, [length, width]));
  submit(gpu, (recorder) => {
    for (const [i, length] of lengths.entries()) {
      linear.record(recorder, {
        x: upload(gpu, x.subarray(0, length * depth), length, depth),
        weight: upload(gpu, weight, depth, width),
        bias: upload(gpu, bias, width),
        gate: upload(gpu, gate.subarray(0, length), length, 1),
        residual: upload(gpu, residual.subarray(0, length * width), length, width),
        out: outputs[i]!,
      });
    }
  });
  const expected = new Float32Array(LENGTH * width);
  linearCpu({
    ...{ length: LENGTH, depth, columns: width, weight, normEps, bias, gate },
    ...{ x: rows(x, depth), residual: rows(residual, width), y: rows(expected, width) },
  });
  return lengths.map((length, i) => [outputs[i]!, expected.subarray(0, length * width)] as const);
}

/** What the scan reads, with Δ and A as trained models have them. B and C are two halves of the rows. */
function scanInputs(values: Numbers): Readonly<Record<'u' | 'raw' | 'projected' | 'a', Values>> {
  return {
    u: values.between(LENGTH * D_INNER, -2, 2),
    raw: values.between(LENGTH * D_INNER, -8, 0),
    projected: values.between(LENGTH * 2 * D_STATE, -1, 1),
    a: values.between(D_INNER * D_STATE, -16, -0.5),
  };
}

/** The pools of one segment in a window of one slot, by the device and by the CPU. */
async function fillPool(gpu: Gpu): Promise<{ window: PoolWindow; expected: PoolSequenceCpu }> {
  const { poolSize, chunk, noteDim } = RULE;
  const values = new Numbers(3);
  // Few distinct scores, so that ties occur.
  const scores = values.between(LENGTH, -4, 4).map(Math.round);
  const notes = values.between(LENGTH * noteDim, -1, 1);
  const expected = notePoolCpu({
    ...{ rule: RULE, position: 0, length: LENGTH, state: createPoolStateCpu(RULE) },
    scores: rows(scores, 1),
    notes: rows(notes, noteDim),
  });
  const pool = await NotePool.create(gpu, RULE);
  const window = createPoolWindow(gpu, RULE, 1, expected.entries);
  const empty = createPoolStateCpu(RULE);
  const state = (): PoolState => ({
    positions: uploadTensor(gpu.device, Int32Array.from(empty.positions), [poolSize]),
    scores: upload(gpu, Float32Array.from(empty.scores), poolSize),
    notes: createTensor(gpu.device, [poolSize, noteDim]),
    pendingScores: createTensor(gpu.device, [chunk]),
    pendingNotes: createTensor(gpu.device, [chunk, noteDim]),
  });
  submit(gpu, (recorder) => {
    pool.record(recorder, {
      ...{ position: 0, state: state(), nextState: state(), window, slot: 0 },
      scores: upload(gpu, scores, LENGTH),
      notes: upload(gpu, notes, LENGTH, noteDim),
    });
  });
  return { window, expected };
}

function submit(gpu: Gpu, record: (recorder: Recorder) => void): void {
  const recorder = new Recorder(gpu);
  record(recorder);
  recorder.submit();
}

function upload(gpu: Gpu, values: Values, ...shape: number[]): GpuTensor {
  return uploadTensor(gpu.device, values, shape, 'self-test');
}

type Values = Float32Array<ArrayBuffer>;

/** The same numbers on every device: a linear congruential generator. */
class Numbers {
  #state: number;

  constructor(state: number) {
    this.#state = state;
  }

  /** `count` f32 numbers in [low, high). */
  between(count: number, low: number, high: number): Values {
    return Float32Array.from({ length: count }, () => {
      this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
      return low + ((high - low) * this.#state) / 2 ** 32;
    });
  }
}
