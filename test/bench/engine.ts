/**
 * Reading speed of an engine, and whether its memory stays flat:
 *
 *   node test/bench/run.mjs engine [--engine cpu|cpu-int8|webgpu] [--model FOLDER | --random test/bench/base]
 *       [--tokens 8192[,1048576…]] [--segment N] [--pool on|off] [--dense wgsl|ort]
 *       [--profile] [--json FILE] [--shaders FILE]
 *
 * The tokens are pseudo-random; speed does not depend on them. The first segment, in which shaders and
 * WebAssembly are compiled, is not counted. Several lengths are read one after another by the same engine, a
 * new document each. `--profile` adds one segment in which every dispatch is timed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { OrtSessions } from '../../models/memmamba/webgpu/ort-webgpu.js';
import { loadModel, type MemMambaModel } from '../../models/memmamba/weights.js';
import type { DenseName } from '../../models/memmamba/webgpu/webgpu-dense.js';
import { WebGpuEngine } from '../../models/memmamba/webgpu/webgpu-engine.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/cli/node-webgpu.js';
import { prepareSimd } from '../../models/cli/simd.js';
import { Account } from './gpu-account.js';
import { randomModel } from './random-model.js';
import { EXACT_TIMES } from './timing.js';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'cpu' },
    model: { type: 'string', default: 'models/artifacts/tiny' },
    random: { type: 'string' },
    tokens: { type: 'string', default: '8192' },
    segment: { type: 'string' },
    pool: { type: 'string', default: 'on' },
    dense: { type: 'string' },
    profile: { type: 'boolean', default: false },
    json: { type: 'string' },
    shaders: { type: 'string' },
  },
});

let account: Account | undefined;

async function start(model: MemMambaModel): Promise<Engine> {
  const length = values.segment === undefined ? {} : { segmentLength: Number(values.segment) };
  if (values.engine !== 'webgpu') {
    prepareSimd();
    return CpuEngine.create(model, { precision: values.engine === 'cpu-int8' ? 'int8' : 'f32', ...length });
  }
  const { device, name, software } = await openOrtGpu(EXACT_TIMES);
  account = new Account(device);
  const dense = values.dense === undefined ? {} : { dense: values.dense as DenseName };
  const wasm = () => nodeRuntimeFiles.read('ort-wasm-simd-threaded.asyncify.wasm');
  return WebGpuEngine.create(model, { wasm, device, description: name, software, ...length, ...dense });
}

const model =
  values.random === undefined
    ? await loadModel({ read: async (name) => new Uint8Array(await readFile(path.join(values.model, name))) })
    : await randomModel(values.random);
const began = performance.now();
const engine = await start(model);
const startMs = performance.now() - began;
const { segmentLength, config } = engine;
let seed = 1;
const nextSegment = (): Uint32Array =>
  Uint32Array.from({ length: segmentLength }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % config.vocabSize;
  });
let state = engine.createState();
const read = () =>
  engine.forward(state, nextSegment(), { trace: true, pool: values.pool === 'off' ? 'off' : 'on' });
const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

const warm = performance.now();
await read();
const firstMs = performance.now() - warm;

/** Reads a new document of so many tokens. */
async function readDocument(tokens: number): Promise<object> {
  state.dispose();
  state = engine.createState();
  const segments = Math.max(1, Math.round(tokens / segmentLength));
  const times: number[] = [];
  let most = 0;
  const [submissions, dispatches] = [account?.submissions ?? 0, account?.dispatches ?? 0];
  const processor = process.cpuUsage();
  for (let i = 0; i < segments; i++) {
    const from = performance.now();
    await read();
    times.push(performance.now() - from);
    most = Math.max(most, process.memoryUsage().rss);
  }
  const { user, system } = process.cpuUsage(processor);
  const total = times.reduce((sum, time) => sum + time, 0);
  times.sort((x, y) => x - y);
  const speed = (ms: number) => Math.round((1000 * segmentLength) / ms);
  return {
    tokens: segments * segmentLength,
    seconds: Number((total / 1000).toFixed(3)),
    tokensPerSecond: Math.round((1000 * segments * segmentLength) / total),
    medianTokensPerSecond: speed(times[times.length >> 1]!),
    bestTokensPerSecond: speed(times[0]!),
    processorSeconds: Number(((user + system) / 1e6).toFixed(3)),
    mostRssMegabytes: megabytes(most),
    ...(account && {
      peakGpuMegabytes: megabytes(account.memory.peak),
      submissionsPerSegment: Math.round((account.submissions - submissions) / segments),
      dispatchesPerSegment: Math.round((account.dispatches - dispatches) / segments),
    }),
  };
}

const documents: object[] = [];
for (const tokens of values.tokens.split(',').map(Number)) {
  documents.push(await readDocument(tokens));
  console.log(JSON.stringify(documents.at(-1)));
}

/** One segment with every dispatch timed, after one to warm up. */
async function profile(gpu: Account): Promise<object> {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its object below
  const { run } = OrtSessions.prototype;
  OrtSessions.prototype.run = async function (...args) {
    gpu.during(args[0]);
    await run.apply(this, args);
    gpu.during('ours');
  };
  gpu.during('ours');
  gpu.startTiming();
  const from = performance.now();
  await read();
  const wallMs = performance.now() - from;
  const shares = await gpu.stopTiming();
  OrtSessions.prototype.run = run;
  const onDevice = shares.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return {
    wallMs: Number(wallMs.toFixed(2)),
    onDeviceMs: Number(onDevice.toFixed(3)),
    shares: shares.map(({ name, dispatches, milliseconds }) => ({
      ...{ name, dispatches, milliseconds: Number(milliseconds.toFixed(4)) },
      percent: Number(((100 * milliseconds) / onDevice).toFixed(1)),
    })),
  };
}
const timed = values.profile && account ? await profile(account) : undefined;

// A question and its answer: one token at a time with the logits of the next.
const decodeState = engine.cloneState(state);
const DECODED = 16;
await engine.forward(decodeState, Uint32Array.of(0), { logits: 'last', attention: true });
const decodeFrom = performance.now();
for (let i = 0; i < DECODED; i++) {
  await engine.forward(decodeState, Uint32Array.of(i), { logits: 'last', attention: true });
}
const result = {
  engine: engine.name,
  device: engine.device,
  model: config.name,
  segmentLength,
  pool: values.pool,
  startMs: Math.round(startMs),
  firstSegmentMs: Math.round(firstMs),
  documents,
  decodeMsPerToken: Number(((performance.now() - decodeFrom) / DECODED).toFixed(2)),
  ...(timed && { profile: timed }),
};
const { profile: profiled, ...summary } = result as typeof result & { profile?: { shares: object[] } };
console.log(JSON.stringify(summary, null, 2));
if (profiled) console.table(profiled.shares.slice(0, 30));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
if (values.shaders !== undefined && account) {
  const listing = account.sources.map((code, i) => `==== shader ${i}\n${code}\n`).join('\n');
  await writeFile(values.shaders, listing);
}
await engine.dispose();
// Dawn keeps its threads.
process.exit(0);
