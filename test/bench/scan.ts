/**
 * The selective scan against the memory's speed and against one invocation a channel, in one run:
 *
 *   node test/bench/run.mjs scan [--lengths 512,16384,65536] [--inner 768] [--runs 20] [--tiles 64,128,256]
 *       [--lanes 64,128,256] [--peer test/bench/base/linear_attention.onnx] [--json FILE]
 *
 * The bytes counted are each input once and the output once: u, Δ, z, y of (L, dInner) and B, C of (L, 16).
 * The share is that of the bandwidth of a WGSL copy (bytes read and written) on the same device. Outputs are
 * compared before anything is timed. The phases are timed one by one besides, a pass of its own for each dispatch, so
 * their sum is a little more than the whole. `--tiles` adds variants of other tile sizes, by lanes a workgroup. Δ is
 * given as such, or before softplus. `--peer` adds ONNX Runtime's LinearAttention (linear_attention.py), whose decays
 * are computed beforehand and not timed, where its decays fit the device's largest binding.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web/webgpu';
import activations from '../../kernels/gpu/activations.wgsl';
import { readF32 } from '../../kernels/gpu/readback.js';
import { Recorder } from '../../kernels/gpu/recorder.js';
import { columns, createTensor, uploadTensor, type GpuTensor } from '../../kernels/gpu/tensor.js';
import { SelectiveScan, type SelectiveScanTuning } from '../../kernels/selective-scan/selective-scan.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/cli/node-webgpu.js';
import { Random } from '../kernels/support/random.js';
import copyCode from './copy.wgsl';
import { Account } from './gpu-account.js';
import serialScan from './serial-scan.wgsl';
import { EXACT_TIMES, timeGpu } from './timing.js';

const { values } = parseArgs({
  options: {
    lengths: { type: 'string', default: '512,2048,16384,65536' },
    inner: { type: 'string', default: '768' },
    runs: { type: 'string', default: '20' },
    tiles: { type: 'string', default: '' },
    lanes: { type: 'string', default: '128' },
    copy: { type: 'string', default: String(1 << 28) },
    peer: { type: 'string' },
    json: { type: 'string' },
  },
});
const list = (text: string): number[] => (text === '' ? [] : text.split(',').map(Number));
const dInner = Number(values.inner);
const dState = 16;
const runs = Number(values.runs);
const gpu = await openOrtGpu(EXACT_TIMES);
const { device } = gpu;
const account = new Account(device);
const random = new Random(1);
const block = random.uniform(1 << 20, -1, 1);

/** A tensor of pseudo-random values in [low, high), a block of a million of them repeated. */
function filled(low: number, high: number, ...shape: number[]): GpuTensor {
  const tensor = createTensor(device, shape);
  const scaled = block.map((value) => low + ((value + 1) / 2) * (high - low));
  for (let at = 0; at < tensor.buffer.size; at += scaled.byteLength) {
    const count = Math.min(scaled.length, (tensor.buffer.size - at) / 4);
    device.queue.writeBuffer(tensor.buffer, at, scaled, 0, count);
  }
  return tensor;
}

/** GB/s of a copy of so many bytes, read and written. */
async function copyBandwidth(bytes: number): Promise<number> {
  const [source, copied] = [filled(-1, 1, bytes / 4), createTensor(device, [bytes / 4])];
  const [lanes, vectors] = [256, 4];
  const kernel = await gpu.pipelines.get({
    ...{ name: 'copy', code: [copyCode], entryPoint: 'copy' },
    constants: { LANES: lanes, VECTORS: vectors },
  });
  const groups = Math.ceil(bytes / 16 / (lanes * vectors));
  const width = Math.min(groups, 65_535);
  const ms = await timeGpu(gpu, runs, (recorder) => {
    recorder.dispatch(
      kernel,
      [Math.min(bytes / 16, width * lanes * vectors), 0, 0, 0],
      { 1: source, 2: copied },
      [width],
    );
  });
  for (const { buffer } of [source, copied]) buffer.destroy();
  return (2 * Math.min(bytes, 16 * width * lanes * vectors)) / ms / 1e6;
}

/** Opens the peer's session on our device. */
async function openPeer(file: string): Promise<ort.InferenceSession> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = await nodeRuntimeFiles.read('ort-wasm-simd-threaded.asyncify.wasm');
  return ort.InferenceSession.create(new Uint8Array(readFileSync(file)), {
    executionProviders: [{ name: 'webgpu', device, storageBufferCacheMode: 'simple' }],
    preferredOutputLocation: 'gpu-buffer',
    extra: { session: { disable_cpu_ep_fallback: '1' } },
  });
}

/** Median milliseconds on the device of the recurrence by LinearAttention. */
async function timePeer(session: ort.InferenceSession, length: number): Promise<number> {
  const tensors = {
    q: filled(-1, 1, 1, length, dInner * dState),
    k: filled(-1, 1, 1, length, dState),
    v: filled(-1, 1, 1, length, dInner),
    decay: filled(-1, 0, 1, length, dInner * dState),
    y: createTensor(device, [1, length, dInner]),
    state: createTensor(device, [1, dInner, dState, 1]),
  };
  const given = (name: keyof typeof tensors): ort.Tensor =>
    ort.Tensor.fromGpuBuffer(tensors[name].buffer, { dataType: 'float32', dims: tensors[name].shape });
  const feeds = { q: given('q'), k: given('k'), v: given('v'), decay: given('decay') };
  const run = () => session.run(feeds, { y: given('y'), state: given('state') });
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    account.startTiming();
    await run();
    const shares = await account.stopTiming();
    // The first runs compile and wake the device up.
    if (i >= 3) times.push(shares.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  }
  for (const { buffer } of Object.values(tensors)) buffer.destroy();
  return times.sort((x, y) => x - y)[times.length >> 1]!;
}

interface Variant {
  readonly name: string;
  readonly tuning: SelectiveScanTuning;
  readonly softplus?: boolean;
}

/** Mean milliseconds of each dispatch of a recording, by its name. */
async function timePhases(record: (recorder: Recorder) => void): Promise<Record<string, number>> {
  account.startTiming();
  const recorder = new Recorder(gpu);
  for (let i = 0; i < runs; i++) record(recorder);
  recorder.submit();
  const shares = await account.stopTiming();
  return Object.fromEntries(
    shares.map(({ name, dispatches, milliseconds }) => [name.replace(/^: /u, ''), milliseconds / dispatches]),
  );
}

const peer = values.peer === undefined ? undefined : await openPeer(values.peer);
const bandwidth = await copyBandwidth(Number(values.copy));
console.log(`GPU: ${gpu.name}; WGSL copy ${bandwidth.toFixed(0)} GB/s`);
const results: object[] = [];
for (const length of list(values.lengths)) {
  const width = dInner / 32 + 2 * dState;
  const projected = filled(-1, 1, length, width);
  const inputs = {
    u: filled(-2, 2, length, dInner),
    deltaRaw: filled(-8, 0, length, dInner),
    z: filled(-2, 2, length, dInner),
    b: columns(projected, width - 2 * dState, dState),
    c: columns(projected, width - dState, dState),
    a: uploadTensor(
      device,
      Float32Array.from({ length: dInner * dState }, (_, i) => -1 - (i % dState)),
      [dInner, dState],
    ),
    d: filled(-1, 1, dInner),
    h: filled(-1, 1, dInner, dState),
    y: createTensor(device, [length, dInner]),
    nextH: createTensor(device, [dInner, dState]),
    deltaSum: createTensor(device, [dInner]),
  };
  const raw = await readF32(gpu, inputs.deltaRaw);
  const delta = uploadTensor(
    device,
    raw.map((value) => Math.log1p(Math.exp(value))),
    [length, dInner],
  );
  const serialH = createTensor(device, [dInner, dState]);
  const lanes = 64;
  const serial = await gpu.pipelines.get({
    ...{ name: 'serial-scan', code: [activations, serialScan], entryPoint: 'serial_scan' },
    constants: { D_STATE: dState, LANES: lanes },
  });
  const recordSerial = (recorder: Recorder): void => {
    const { u, deltaRaw, z, a, d, h, y } = inputs;
    recorder.copy(h, 0, serialH, 0, dInner * dState);
    recorder.dispatch(
      serial,
      [length, dInner, width, width - 2 * dState, width - dState],
      { 1: u, 2: deltaRaw, 3: z, 4: projected, 5: a, 6: d, 7: serialH, 8: y },
      [Math.ceil(dInner / lanes)],
    );
  };
  const once = async (record: (recorder: Recorder) => void): Promise<Float32Array> => {
    const recorder = new Recorder(gpu);
    record(recorder);
    recorder.submit();
    return readF32(gpu, inputs.y);
  };
  const expected = await once(recordSerial);
  const serialMs = await timeGpu(gpu, Math.min(runs, 3), recordSerial);
  const bytes = 4 * length * (4 * dInner + 2 * dState);
  const report = (name: string, ms: number, difference: number): void => {
    const share = bytes / ms / 1e6 / bandwidth;
    results.push({ length, name, milliseconds: ms, share, ratio: serialMs / ms, difference });
    console.log(
      `${length}\t${name}\t${ms.toFixed(4)} ms\t${(100 * share).toFixed(1)} % of copy\t` +
        `${(serialMs / ms).toFixed(1)}× one a channel\tdifference ${difference.toExponential(1)}`,
    );
  };
  report('one invocation a channel', serialMs, 0);
  const variants: readonly Variant[] = [
    { name: 'ours', tuning: {} },
    { name: 'ours, with softplus', tuning: {}, softplus: true },
    ...list(values.lanes).flatMap((lanes) =>
      list(values.tiles).map((tile) => ({
        name: `ours, ${lanes} lanes, tile ${tile}`,
        tuning: { lanes, tile },
      })),
    ),
  ];
  for (const { name, tuning, softplus = false } of variants) {
    const scan = await SelectiveScan.create(gpu, { dInner, dState, softplus }, tuning);
    const given = softplus ? inputs : { ...inputs, deltaRaw: delta };
    const record = (recorder: Recorder): void => {
      scan.record(recorder, given);
    };
    const actual = await once(record);
    let worst = 0;
    for (let i = 0; i < actual.length; i++) {
      worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!) / (1 + Math.abs(expected[i]!)));
    }
    report(name, await timeGpu(gpu, runs, record), worst);
    if (name === 'ours') {
      const phases = await timePhases(record);
      results.push({ length, name: 'phases of ours', phases });
      console.log(`\t${JSON.stringify(phases)}`);
    }
  }
  for (const { buffer } of [...Object.values(inputs), delta, serialH]) buffer.destroy();
  if (peer && 4 * length * dInner * dState <= device.limits.maxStorageBufferBindingSize) {
    report('LinearAttention of ONNX Runtime, the recurrence alone', await timePeer(peer, length), NaN);
  }
  gpu.scratch.dispose();
}
if (values.json !== undefined) {
  writeFileSync(
    values.json,
    `${JSON.stringify({ device: gpu.name, bandwidth, dInner, dState, runs, results }, undefined, 1)}\n`,
  );
}
process.exit(0);
