/**
 * Matrix products on one thread, the ways that a CPU engine could take:
 *
 *   node test/bench/run.mjs products [--tokens 128] [--shapes 256x1024,512x256,384x1536] [--runs 60]
 *
 * ONNX Runtime's WASM provider with weights inside its graphs (f32; eight bits with one scale for all activations;
 * blocks of eight and of four bits), and the kernels of this project. The best of many short runs, which take turns, so
 * that other programs on the machine disturb all alike. In 10^9 operations a second, a multiplication and an
 * addition being two.
 */
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web/wasm';
import { Int8Matrix, reserveQuantizedRows, type Planes } from '../../kernels/simd/int8-matrix.js';
import { FloatMatrix, panelWidth } from '../../kernels/simd/matrix.js';
import { SimdModule, hasRelaxedSimd } from '../../kernels/simd/module.js';
import { quantized } from '../../kernels/simd/weights.js';
import { readRuntimeFile } from '../../models/cli/node-webgpu.js';
import { prepareSimd } from '../../models/cli/simd.js';
import { Random } from '../kernels/support/random.js';
import { onnxModel, type OnnxNode, type OnnxTensor } from './onnx-model.js';

const { values } = parseArgs({
  options: {
    tokens: { type: 'string', default: '128' },
    shapes: { type: 'string', default: '256x1024,512x256,384x1536,768x384' },
    runs: { type: 'string', default: '60' },
  },
});
const m = Number(values.tokens);

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmBinary = await readRuntimeFile('ort-wasm-simd-threaded.wasm');
prepareSimd();

interface Contestant {
  readonly name: string;
  readonly run: () => unknown;
  best: number;
}

/** y = x W of (m, k) and (k, n) by ONNX Runtime. */
async function onRuntime(
  name: string,
  [k, n]: readonly [number, number],
  nodes: readonly OnnxNode[],
  constants: readonly OnnxTensor[],
): Promise<Contestant> {
  const model = onnxModel(nodes, constants, [{ name: 'x', shape: [m, k] }], [{ name: 'y', shape: [m, n] }]);
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const x = new ort.Tensor('float32', random.uniform(m * k, -1, 1), [m, k]);
  return { name, run: () => session.run({ x }), best: Infinity };
}

function bytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i * 37) & 255);
}

async function fromRuntime(k: number, n: number): Promise<Contestant[]> {
  const weights = random.uniform(k * n, -1, 1);
  const blocks = (bits: number): Promise<Contestant> => {
    const [block, perRow] = [32, k / 32];
    const attributes = { K: k, N: n, bits, block_size: block, accuracy_level: 4 };
    return onRuntime(
      `ONNX Runtime, MatMulNBits, ${bits} bits`,
      [k, n],
      [
        {
          op: 'MatMulNBits',
          domain: 'com.microsoft',
          inputs: ['x', 'w', 's'],
          outputs: ['y'],
          attributes,
        },
      ],
      [
        { name: 'w', type: 'uint8', shape: [n, perRow, (block * bits) / 8], data: bytes((n * k * bits) / 8) },
        { name: 's', type: 'float', shape: [n * perRow], data: random.uniform(n * perRow, 0, 0.01) },
      ],
    );
  };
  return [
    await onRuntime(
      'ONNX Runtime, MatMul, f32',
      [k, n],
      [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      [{ name: 'w', type: 'float', shape: [k, n], data: weights }],
    ),
    await onRuntime(
      'ONNX Runtime, DynamicQuantizeLinear and MatMulInteger',
      [k, n],
      [
        { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 'qs', 'qz'] },
        { op: 'MatMulInteger', inputs: ['q', 'w', 'qz', 'wz'], outputs: ['i'] },
        { op: 'Cast', inputs: ['i'], outputs: ['f'], attributes: { to: 1 } },
        { op: 'Mul', inputs: ['qs', 's'], outputs: ['qss'] },
        { op: 'Mul', inputs: ['f', 'qss'], outputs: ['y'] },
      ],
      [
        { name: 'w', type: 'int8', shape: [k, n], data: bytes(k * n) },
        { name: 'wz', type: 'int8', shape: [n], data: new Uint8Array(n) },
        { name: 's', type: 'float', shape: [n], data: random.uniform(n, 0, 0.01) },
      ],
    ),
    await blocks(8),
    await blocks(4),
  ];
}

function ours(k: number, n: number): Contestant[] {
  const weights = { outputs: n, inputs: k, values: random.uniform(k * n, -1, 1) };
  const make = (name: string, relaxed: boolean, planes?: Planes, fused = false): Contestant => {
    const module = new SimdModule(relaxed);
    const matrix = planes
      ? new Int8Matrix(module, reserveQuantizedRows(module, m, k, fused), planes, quantized(weights))
      : new FloatMatrix(module, weights);
    const x = { at: module.put(random.uniform(m * k, -1, 1)), stride: k };
    const y = { at: module.reserve(m * panelWidth(n)), stride: panelWidth(n) };
    return { name, run: () => matrix.multiply(m, x, y), best: Infinity };
  };
  return [
    make('kernels/simd, f32', false),
    make('kernels/simd, eight bits × seven', false, 1),
    ...(hasRelaxedSimd()
      ? [
          make('kernels/simd, f32, fused multiply-add', true),
          make('kernels/simd, eight bits × seven, relaxed vectors', true, 1),
          make('kernels/simd, eight bits × seven, fused', true, 1, true),
          make('kernels/simd, eight bits × fourteen, relaxed vectors', true, 2),
          make('kernels/simd, eight bits × fourteen, fused', true, 2, true),
        ]
      : []),
  ];
}

const random = new Random(1);
for (const shape of values.shapes.split(',')) {
  const [k, n] = shape.split('x').map(Number) as [number, number];
  const contestants = [...(await fromRuntime(k, n)), ...ours(k, n)];
  for (let run = 0; run < Number(values.runs); run++) {
    for (const contestant of contestants) {
      const start = performance.now();
      await contestant.run();
      contestant.best = Math.min(contestant.best, performance.now() - start);
    }
  }
  console.log(`(${m}, ${k}) × (${k}, ${n})`);
  for (const { name, best } of contestants) {
    console.log(`  ${((2 * m * k * n) / best / 1e6).toFixed(1).padStart(6)}  ${name}`);
  }
}
