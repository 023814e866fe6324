/**
 * Reading speed of an engine, and whether its memory stays flat:
 *
 *   node test/bench/run.mjs engine [--engine cpu|webgpu] [--model FOLDER] [--tokens 8192] [--segment N]
 *       [--pool on|off] [--json FILE]
 *
 * The tokens are pseudo-random; speed does not depend on them. The first segment, in which shaders and
 * WebAssembly are compiled, is not counted.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CpuEngine } from '../../models/memmamba/cpu-engine.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { loadModel, type MemMambaModel } from '../../models/memmamba/weights.js';
import { WebGpuEngine } from '../../models/memmamba/webgpu-engine.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/runner/node-webgpu.js';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'cpu' },
    model: { type: 'string', default: 'models/artifacts/tiny' },
    tokens: { type: 'string', default: '8192' },
    segment: { type: 'string' },
    pool: { type: 'string', default: 'on' },
    json: { type: 'string' },
  },
});

async function start(model: MemMambaModel): Promise<Engine> {
  const length = values.segment === undefined ? {} : { segmentLength: Number(values.segment) };
  if (values.engine === 'cpu') {
    return CpuEngine.create(model, {
      wasm: await nodeRuntimeFiles.read('ort-wasm-simd-threaded.wasm'),
      ...length,
    });
  }
  const { device, name, software } = await openOrtGpu();
  const wasm = await nodeRuntimeFiles.read('ort-wasm-simd-threaded.asyncify.wasm');
  return WebGpuEngine.create(model, { wasm, device, description: name, software, ...length });
}

const model = await loadModel({
  read: async (name) => new Uint8Array(await readFile(path.join(values.model, name))),
});
const began = performance.now();
const engine = await start(model);
const startMs = performance.now() - began;
const { segmentLength, config } = engine;
const state = engine.createState();
let seed = 1;
const nextSegment = (): Uint32Array =>
  Uint32Array.from({ length: segmentLength }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % config.vocabSize;
  });
const read = () =>
  engine.forward(state, nextSegment(), { trace: true, pool: values.pool === 'off' ? 'off' : 'on' });

const warm = performance.now();
await read();
const firstMs = performance.now() - warm;
const segments = Math.max(1, Math.round(Number(values.tokens) / segmentLength));
const times: number[] = [];
const memory: number[] = [];
for (let i = 0; i < segments; i++) {
  const from = performance.now();
  await read();
  times.push(performance.now() - from);
  memory.push(process.memoryUsage().rss / 1e6);
}
const sorted = [...times].sort((a, b) => a - b);
const median = sorted[sorted.length >> 1]!;
const total = times.reduce((sum, time) => sum + time, 0);
const speed = (ms: number) => Math.round((1000 * segmentLength) / ms);

// A question and its answer: one token at a time with the logits of the next.
const decodeState = engine.cloneState(state);
const decodeFrom = performance.now();
const DECODED = 16;
for (let i = 0; i < DECODED; i++) {
  await engine.forward(decodeState, Uint32Array.of(i), { logits: 'last', attention: true });
}
const result = {
  engine: engine.name,
  device: engine.device,
  model: config.name,
  segmentLength,
  tokens: segments * segmentLength,
  startMs: Math.round(startMs),
  firstSegmentMs: Math.round(firstMs),
  tokensPerSecond: Math.round((1000 * segments * segmentLength) / total),
  medianTokensPerSecond: speed(median),
  bestTokensPerSecond: speed(sorted[0]!),
  decodeMsPerToken: Number(((performance.now() - decodeFrom) / DECODED).toFixed(2)),
  rssMegabytes: {
    first: Math.round(memory[0]!),
    last: Math.round(memory.at(-1)!),
    most: Math.round(Math.max(...memory)),
  },
};
console.log(JSON.stringify(result, null, 2));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
await engine.dispose();
// Dawn keeps its threads.
process.exit(0);
