/**
 * Latency of reading a text at once, ours against a Transformer of equal size, by length:
 *
 *   node test/bench/run.mjs transformer [--random test/bench/base] [--lengths 1024,2048,4096,8192,16384] [--runs 5]
 *       [--layers 15] [--heads 6] [--hidden 1024] [--ort] [--json FILE]
 *
 * The Transformer is that of `memmamba_training.model.transformer` (pre-norm, rotary positions, SwiGLU) with random
 * weights, as one ONNX graph on ONNX Runtime's WebGPU provider. Its GroupQueryAttention has rotary positions inside and
 * is causal. It leaves keys and values behind, as ours leaves a state. 15 layers of 384 have 26.5 M parameters besides the
 * embedding, as many as our 24. Neither makes logits. Ours also brings the trace to the host, as documents are read;
 * `--ort` adds ours with its dense segments by ONNX Runtime. Times are medians on the clock, from the call until the
 * device is done. The Transformer's output is compared with ONNX Runtime's on the CPU first, on a small shape;
 * on adapters with subgroups of 4, as SwiftShader has, ONNX Runtime's attention is known to be wrong.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web/webgpu';
import { createTensor } from '../../kernels/gpu/tensor.js';
import type { DenseName } from '../../models/memmamba/webgpu/webgpu-dense.js';
import { WebGpuEngine } from '../../models/memmamba/webgpu/webgpu-engine.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/cli/node-webgpu.js';
import { Random } from '../kernels/support/random.js';
import { Account } from './gpu-account.js';
import { onnxModel, type OnnxNode, type OnnxTensor } from './onnx-model.js';
import { randomModel } from './random-model.js';

const { values } = parseArgs({
  options: {
    random: { type: 'string', default: 'test/bench/base' },
    lengths: { type: 'string', default: '1024,2048,4096,8192,16384' },
    runs: { type: 'string', default: '5' },
    layers: { type: 'string', default: '15' },
    heads: { type: 'string', default: '6' },
    hidden: { type: 'string', default: '1024' },
    ort: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const lengths = values.lengths.split(',').map(Number);
const runs = Number(values.runs);
const longest = Math.max(...lengths);

interface Shape {
  readonly layers: number;
  readonly heads: number;
  readonly hidden: number;
  readonly dModel: number;
  readonly vocabSize: number;
  readonly longest: number;
}

/** The graph: `tokens` (1, L), `before` (1) = L - 1 and `total` (1) = L → `stream` (1, L, dModel). */
function transformer({ layers, heads, hidden, dModel, vocabSize, longest: most }: Shape): Uint8Array {
  const random = new Random(1);
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  const constant = (name: string, data: Float32Array, ...shape: number[]): string => {
    constants.push({ name, type: 'float', shape, data });
    return name;
  };
  const matrix = (name: string, rows: number, columns: number): string => {
    const bound = Math.sqrt(3 / rows);
    return constant(name, random.uniform(rows * columns, -bound, bound), rows, columns);
  };
  const node = (op: string, inputs: string[], outputs: string | string[], domain = ''): string => {
    const made = typeof outputs === 'string' ? [outputs] : outputs;
    const attributes: Record<string, number> =
      op === 'GroupQueryAttention' ? { num_heads: heads, kv_num_heads: heads, do_rotary: 1 } : {};
    nodes.push({ op, domain, inputs, outputs: made, attributes });
    return made[0]!;
  };
  const half = dModel / heads / 2;
  const angles = (f: (angle: number) => number): Float32Array =>
    Float32Array.from({ length: most * half }, (_, i) =>
      f(Math.floor(i / half) * 10_000 ** (-(i % half) / half)),
    );
  const cos = constant('cos', angles(Math.cos), most, half);
  const sin = constant('sin', angles(Math.sin), most, half);
  const ones = constant('ones', new Float32Array(dModel).fill(1), dModel);
  let x = node('Gather', [matrix('embedding', vocabSize, dModel), 'tokens'], 'embedded');
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string): string => `${part}${layer}`;
    const product = (input: string, part: string, rows: number, columns: number): string =>
      node('MatMul', [input, matrix(name(`${part}_weight`), rows, columns)], name(part));
    const read = node('RMSNormalization', [x, ones], name('read'));
    const qkv = product(read, 'qkv', dModel, 3 * dModel);
    const attended = node(
      'GroupQueryAttention',
      [qkv, '', '', '', '', 'before', 'total', cos, sin],
      [name('attended'), name('keys'), name('values')],
      'com.microsoft',
    );
    const between = node('Add', [x, product(attended, 'out', dModel, dModel)], name('between'));
    const normed = node('RMSNormalization', [between, ones], name('normed'));
    const gate = product(normed, 'gate', dModel, hidden);
    const silu = node('Mul', [gate, node('Sigmoid', [gate], name('sigmoid'))], name('silu'));
    const gated = node('Mul', [silu, product(normed, 'up', dModel, hidden)], name('gated'));
    x = node('Add', [between, product(gated, 'down', hidden, dModel)], name('behind'));
  }
  node('RMSNormalization', [x, ones], 'stream');
  return onnxModel(
    nodes,
    constants,
    [
      { name: 'tokens', type: 'int32', shape: [1, 'L'] },
      { name: 'before', type: 'int32', shape: [1] },
      { name: 'total', type: 'int32', shape: [1] },
    ],
    [{ name: 'stream', shape: [1, 'L', dModel] }],
  );
}

const gpu = await openOrtGpu();
const account = new Account(gpu.device);
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmBinary = await nodeRuntimeFiles.read('ort-wasm-simd-threaded.asyncify.wasm');
const onGpu: ort.InferenceSession.SessionOptions = {
  executionProviders: [{ name: 'webgpu', device: gpu.device, storageBufferCacheMode: 'simple' }],
  preferredOutputLocation: 'gpu-buffer',
  extra: { session: { disable_cpu_ep_fallback: '1' } },
};
const whole = (value: number): ort.Tensor => new ort.Tensor('int32', Int32Array.of(value), [1]);
const tokensOf = (length: number, vocabSize: number): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length }, (_, i) => (i * 7919) % vocabSize);

/** Largest difference between GPU and CPU on a small shape. */
async function compareWithCpu(): Promise<number> {
  const shape: Shape = { layers: 2, heads: 2, hidden: 96, dModel: 64, vocabSize: 64, longest: 128 };
  const model = transformer(shape);
  const feeds = {
    tokens: new ort.Tensor('int32', tokensOf(100, 64), [1, 100]),
    before: whole(99),
    total: whole(100),
  };
  const outputs: Float32Array[] = [];
  for (const options of [onGpu, { executionProviders: ['wasm'] }]) {
    const session = await ort.InferenceSession.create(model, options);
    const { stream } = await session.run(feeds);
    outputs.push((await stream!.getData()) as Float32Array);
    await session.release();
  }
  const [ours, theirs] = outputs as [Float32Array, Float32Array];
  return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
}

/** Median milliseconds of `run`, which ends when the device is done. */
async function latency(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs + 2; i++) {
    const from = performance.now();
    await run();
    // The first two compile and wake the device up.
    if (i >= 2) times.push(performance.now() - from);
  }
  return times.sort((x, y) => x - y)[times.length >> 1]!;
}

const difference = await compareWithCpu();
console.log(`GPU: ${gpu.name}; difference of the Transformer on GPU and CPU ${difference.toExponential(1)}`);
if (!(difference < 1e-3))
  console.warn('ONNX Runtime computes something else on this GPU: its times say little.');
const ours = await randomModel(values.random);
const { dModel, vocabSize } = ours.config;
const shape: Shape = {
  layers: Number(values.layers),
  heads: Number(values.heads),
  hidden: Number(values.hidden),
  ...{ dModel, vocabSize, longest },
};
interface Row {
  readonly length: number;
  readonly times: Record<string, number>;
}

const rows: readonly Row[] = lengths.map((length) => ({ length, times: {} }));

async function timeTransformer(): Promise<void> {
  const session = await ort.InferenceSession.create(transformer(shape), onGpu);
  const { device } = gpu;
  for (const row of rows) {
    const length = row.length;
    const tokens = createTensor(device, [1, length]);
    device.queue.writeBuffer(tokens.buffer, 0, tokensOf(length, vocabSize));
    const stream = createTensor(device, [1, length, dModel]);
    const feeds = {
      tokens: ort.Tensor.fromGpuBuffer(tokens.buffer, { dataType: 'int32', dims: [1, length] }),
      before: whole(length - 1),
      total: whole(length),
    };
    const output = ort.Tensor.fromGpuBuffer(stream.buffer, { dataType: 'float32', dims: stream.shape });
    row.times.transformer = await latency(async () => {
      await session.run(feeds, { stream: output });
      await device.queue.onSubmittedWorkDone();
    });
    account.startTiming();
    await session.run(feeds, { stream: output });
    const shares = await account.stopTiming();
    row.times.transformerOnDevice = shares.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    row.times.transformerGpuMegabytes = account.memory.bytes / 1e6;
    for (const { buffer } of [tokens, stream]) buffer.destroy();
    console.log(JSON.stringify(row), shares.slice(0, 4));
  }
  await session.release();
}

async function timeOurs(name: string, dense: DenseName, device: GPUDevice): Promise<void> {
  const wasm = () => nodeRuntimeFiles.read('ort-wasm-simd-threaded.asyncify.wasm');
  const engine = await WebGpuEngine.create(ours, {
    ...{ wasm, device, description: gpu.name, dense, segmentLength: longest },
  });
  for (const row of rows) {
    const length = row.length;
    const tokens = new Uint32Array(tokensOf(length, vocabSize));
    row.times[name] = await latency(async () => {
      const state = engine.createState();
      await engine.forward(state, tokens, { trace: true });
      state.dispose();
    });
    row.times[`${name}Ratio`] = row.times[name] / row.times.transformer!;
    console.log(JSON.stringify(row));
  }
  await engine.dispose();
}

await timeTransformer();
await timeOurs('ours', 'wgsl', (await openOrtGpu()).device);
if (values.ort) await timeOurs('oursByOrt', 'ort', gpu.device);
console.table(rows.map(({ length, times }) => ({ length, ...times })));
if (values.json !== undefined) {
  const report = { device: gpu.name, transformer: shape, model: ours.config.name, runs, difference, rows };
  await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
}
// Dawn keeps its threads.
process.exit(0);
