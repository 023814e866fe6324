/**
 * Speed of every kernel on this machine's GPU (or on SwiftShader) and on the CPU, with ratios from one run:
 *
 *   node test/bench/run.mjs kernels [--length 2048] [--inner 768] [--runs 20] [--json FILE] [--cpu-only | --gpu-only]
 *
 * The scan's baseline is one invocation a channel, the CPU's the f64 reference in plain TypeScript.
 * Outputs are compared before anything is timed.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CausalConv } from '../../kernels/causal-conv/causal-conv.js';
import { rows } from '../../kernels/cpu/rows.js';
import { openNodeGpu, type NodeGpu } from '../../kernels/device/node.js';
import activations from '../../kernels/gpu/activations.wgsl';
import { readF32 } from '../../kernels/gpu/readback.js';
import { Recorder } from '../../kernels/gpu/recorder.js';
import { columns, createTensor, uploadTensor, type GpuTensor } from '../../kernels/gpu/tensor.js';
import { createPoolStateCpu, notePoolCpu } from '../../kernels/note-pool/note-pool.cpu.js';
import {
  NotePool,
  createPoolWindow,
  windowEntries,
  type PoolState,
} from '../../kernels/note-pool/note-pool.js';
import type { PoolRule } from '../../kernels/note-pool/pool-rule.js';
import { PoolAttention } from '../../kernels/pool-attention/pool-attention.js';
import { Retention } from '../../kernels/retention/retention.js';
import { SelectiveScan } from '../../kernels/selective-scan/selective-scan.js';
import { SimdOperators, referenceOperators } from '../../kernels/simd/simd.js';
import { Random } from '../kernels/support/random.js';
import serialScan from './serial-scan.wgsl';
import { EXACT_TIMES, timeCpu, timeGpu } from './timing.js';

interface Row {
  readonly operator: string;
  readonly engine: string;
  readonly milliseconds: number;
  readonly tokensPerSecond: number;
  /** How many times faster than the baseline of the same operator, where it has one. */
  readonly ratio?: number;
}

const { values: options } = parseArgs({
  options: {
    length: { type: 'string' },
    inner: { type: 'string' },
    runs: { type: 'string' },
    json: { type: 'string' },
    'cpu-only': { type: 'boolean', default: false },
    'gpu-only': { type: 'boolean', default: false },
  },
});

const gpu = options['cpu-only'] ? undefined : await openNodeGpu(EXACT_TIMES);
// Software adapters take seconds for what a GPU does in a tenth of a millisecond.
const small = gpu === undefined || gpu.software;
const length = Number(options.length ?? (small ? 256 : 2048));
const dInner = Number(options.inner ?? (small ? 512 : 768));
const runs = Number(options.runs ?? (small ? 5 : 20));
// The plain kernels take long on large sizes.
const cpuRuns = Math.min(runs, 5);
const dState = 16;
const dConv = 4;
const nHeads = 4;
const layersRead = 4;
const rule: PoolRule = { poolSize: 50, chunk: 64, noteDim: 64, replacement: 'priority', tau1: 0 };
const lags = [1, 16, 128];

const random = new Random(1);
const width = dInner / 16 + 2 * dState;
const data = {
  wide: random.uniform(length * 2 * dInner, -2, 2),
  u: random.uniform(length * dInner, -2, 2),
  raw: random.uniform(length * dInner, -8, 0),
  projected: random.uniform(length * width, -1, 1),
  a: Float32Array.from({ length: dInner * dState }, (_, i) => -1 - (i % dState)),
  d: random.uniform(dInner, -1, 1),
  h: random.uniform(dInner * dState, -1, 1),
  weight: random.uniform(dInner * dConv, -1, 1),
  tail: random.uniform((dConv - 1) * dInner, -1, 1),
  scores: random.uniform(length, -6, 2),
  notes: random.uniform(length * rule.noteDim, -1, 1),
  queries: random.uniform(length * nHeads * rule.noteDim, -1, 1),
  after: random.uniform(dInner, 0, 4),
};

const results: Row[] = [];
function add(operator: string, engine: string, milliseconds: number, baseline?: number): void {
  results.push({
    operator,
    engine,
    milliseconds,
    tokensPerSecond: (1000 * length) / milliseconds,
    ...(baseline !== undefined && { ratio: baseline / milliseconds }),
  });
}

const reference = benchCpu(!options['gpu-only']);
if (gpu) await benchGpu(gpu, reference);
report();
gpu?.device.destroy();

/** Times the CPU kernels, if asked to, and returns the scan's output. */
function benchCpu(isTimed: boolean): Float32Array {
  const y = new Float32Array(length * dInner);
  const scan = {
    ...{ length, dInner, dState, a: data.a, d: data.d },
    u: rows(data.u, dInner),
    deltaRaw: rows(data.raw, dInner),
    z: rows(data.wide, 2 * dInner, dInner),
    b: rows(data.projected, width, width - 2 * dState),
    c: rows(data.projected, width, width - dState),
    y: rows(y, dInner),
  };
  const conv = {
    ...{ length, dInner, dConv, weight: data.weight, bias: data.d },
    x: rows(data.wide, 2 * dInner),
    y: rows(new Float32Array(length * dInner), dInner),
  };
  const pools = notePoolCpu({
    ...{ rule, position: 0, length, state: createPoolStateCpu(rule) },
    scores: rows(data.scores, 1),
    notes: rows(data.notes, rule.noteDim),
  });
  const attention = {
    ...{ length, nHeads, position: 0, ...rule },
    queries: rows(data.queries, nHeads * rule.noteDim),
    reads: rows(new Float32Array(length * nHeads * rule.noteDim), nHeads * rule.noteDim),
  };
  const kept = { ...scan, after: data.after, retention: new Float32Array(length) };
  const fidelity = { ...scan, lags, fidelity: new Float32Array(lags.length * length) };
  const simd = new SimdOperators();
  const compared = [
    ['selective scan', (o) => o.selectiveScan({ ...scan, h: data.h.slice() })],
    ['causal conv', (o) => o.causalConv({ ...conv, tail: data.tail.slice() })],
    ['pool attention, own layer', (o) => o.poolAttention({ ...attention, pools: [pools] })],
    [
      `pool attention, ${layersRead} layers`,
      (o) => o.poolAttention({ ...attention, pools: Array.from({ length: layersRead }, () => pools) }),
    ],
    ['retention', (o) => o.retention(kept)],
    [`memory fidelity, ${lags.length} distances`, (o) => o.memoryFidelity(fidelity)],
  ] as const satisfies readonly (readonly [string, (operators: typeof referenceOperators) => void])[];
  for (const [name, run] of isTimed ? compared : []) {
    const plain = timeCpu(cpuRuns, () => run(referenceOperators));
    add(name, 'CPU, plain', plain);
    add(
      name,
      'CPU, vectors',
      timeCpu(cpuRuns, () => run(simd)),
      plain,
    );
  }
  const timePool = (): number =>
    timeCpu(cpuRuns, () => {
      notePoolCpu({
        ...{ rule, position: 0, length, state: createPoolStateCpu(rule) },
        scores: rows(data.scores, 1),
        notes: rows(data.notes, rule.noteDim),
      });
    });
  if (isTimed) add('note pool', 'CPU, plain', timePool());
  referenceOperators.selectiveScan({ ...scan, h: data.h.slice() });
  return y;
}

async function benchGpu(gpu: NodeGpu, expected: Float32Array): Promise<void> {
  const { device } = gpu;
  const up = (values: Float32Array<ArrayBuffer>, ...shape: number[]): GpuTensor =>
    uploadTensor(device, values, shape);
  const empty = (...shape: number[]): GpuTensor => createTensor(device, shape);

  const projected = up(data.projected, length, width);
  const inputs = {
    u: up(data.u, length, dInner),
    deltaRaw: up(data.raw, length, dInner),
    b: columns(projected, width - 2 * dState, dState),
    a: up(data.a, dInner, dState),
  };
  const wide = up(data.wide, length, 2 * dInner);
  const d = up(data.d, dInner);
  const h = up(data.h, dInner, dState);
  const y = empty(length, dInner);
  const scan = await SelectiveScan.create(gpu, { dInner, dState });
  const recordScan = (recorder: Recorder): void => {
    scan.record(recorder, {
      ...{ ...inputs, c: columns(projected, width - dState, dState), z: columns(wide, dInner, dInner) },
      ...{ d, h, y, nextH: empty(dInner, dState), deltaSum: empty(dInner) },
    });
  };
  const lanes = 64;
  const serial = await gpu.pipelines.get({
    name: 'serial-scan',
    code: [activations, serialScan],
    entryPoint: 'serial_scan',
    constants: { D_STATE: dState, LANES: lanes },
  });
  const z = up(
    Float32Array.from({ length: length * dInner }, (_, i) => {
      return data.wide[Math.floor(i / dInner) * 2 * dInner + dInner + (i % dInner)]!;
    }),
    length,
    dInner,
  );
  const serialH = up(data.h, dInner, dState);
  const recordSerial = (recorder: Recorder): void => {
    recorder.dispatch(
      serial,
      [length, dInner, width, width - 2 * dState, width - dState],
      { 1: inputs.u, 2: inputs.deltaRaw, 3: z, 4: projected, 5: inputs.a, 6: d, 7: serialH, 8: y },
      [Math.ceil(dInner / lanes)],
    );
  };
  for (const [name, record] of Object.entries({ recordScan, recordSerial })) {
    const recorder = new Recorder(gpu);
    record(recorder);
    recorder.submit();
    const worst = largestDifference(await readF32(gpu, y), expected);
    if (!(worst < 1e-4)) throw new Error(`${name} differs from the CPU's output by ${worst}`);
  }
  const baseline = await timeGpu(gpu, runs, recordSerial);
  add('selective scan', 'GPU, one invocation a channel', baseline);
  add('selective scan', 'GPU', await timeGpu(gpu, runs, recordScan), baseline);

  const conv = await CausalConv.create(gpu, { dInner, dConv });
  const convArgs = {
    ...{ x: columns(wide, 0, dInner), weight: up(data.weight, dInner, dConv), bias: d, y },
    ...{ tail: up(data.tail, dConv - 1, dInner), nextTail: empty(dConv - 1, dInner) },
  };
  add('causal conv', 'GPU', await timeGpu(gpu, runs, (recorder) => conv.record(recorder, convArgs)));

  const { poolSize, chunk, noteDim } = rule;
  const pool = await NotePool.create(gpu, rule);
  const state = (): PoolState => ({
    positions: up2(new Int32Array(poolSize).fill(-1)),
    scores: empty(poolSize),
    notes: empty(poolSize, noteDim),
    pendingScores: empty(chunk),
    pendingNotes: empty(chunk, noteDim),
  });
  const up2 = (values: Int32Array<ArrayBuffer>): GpuTensor => uploadTensor(device, values, [values.length]);
  const window = createPoolWindow(gpu, rule, layersRead, windowEntries(rule, length));
  const poolArgs = {
    ...{ position: 0, state: state(), nextState: state(), window },
    ...{ scores: up(data.scores, length), notes: up(data.notes, length, noteDim) },
  };
  for (let slot = 0; slot < layersRead; slot++) {
    const recorder = new Recorder(gpu);
    pool.record(recorder, { ...poolArgs, slot });
    recorder.submit();
  }
  add(
    'note pool',
    'GPU',
    await timeGpu(gpu, runs, (recorder) => {
      pool.record(recorder, { ...poolArgs, slot: 0 });
    }),
  );

  const attention = await PoolAttention.create(gpu, { nHeads, noteDim, poolSize, chunk });
  const queries = up(data.queries, length, nHeads * noteDim);
  const reads = empty(length, nHeads * noteDim);
  for (const [name, slots] of [
    ['own layer', 1],
    [`${layersRead} layers`, layersRead],
  ] as const) {
    const args = { position: 0, queries, window, firstSlot: 0, slots, reads };
    const milliseconds = await timeGpu(gpu, runs, (recorder) => attention.record(recorder, args));
    add(`pool attention, ${name}`, 'GPU', milliseconds);
  }

  const retention = await Retention.create(gpu, { dInner, dState });
  const kept = { ...inputs, after: up(data.after, dInner), retention: empty(length) };
  add('retention', 'GPU', await timeGpu(gpu, runs, (recorder) => retention.record(recorder, kept)));
  const fidelity = { ...inputs, lags, fidelity: empty(lags.length, length) };
  add(
    `memory fidelity, ${lags.length} distances`,
    'GPU',
    await timeGpu(gpu, runs, (recorder) => retention.recordFidelity(recorder, fidelity)),
  );
}

/** Largest |x - y| relative to 1 + |y|. */
function largestDifference(actual: Float32Array, expected: Float32Array): number {
  let worst = 0;
  actual.forEach((value, i) => {
    const error = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!));
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  });
  return worst;
}

function report(): void {
  const device = gpu?.name ?? 'none';
  console.log(
    `GPU: ${device}; ${length} tokens × ${dInner} channels × ${dState} states, median of ${runs}\n`,
  );
  console.log('| operator | engine | ms | µs a token | tokens/s | ratio |');
  console.log('| --- | --- | --: | --: | --: | --: |');
  for (const { operator, engine, milliseconds, tokensPerSecond, ratio } of results) {
    const cells = [
      ...[operator, engine, milliseconds.toFixed(3), ((1000 * milliseconds) / length).toFixed(2)],
      ...[
        Math.round(tokensPerSecond).toLocaleString('en'),
        ratio === undefined ? '' : `${ratio.toFixed(1)}×`,
      ],
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  if (options.json === undefined) return;
  const sizes = { length, dInner, dState, dConv, nHeads, layersRead, runs, ...rule };
  writeFileSync(options.json, `${JSON.stringify({ device, sizes, results }, undefined, 2)}\n`);
}
