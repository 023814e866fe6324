/**
 * Time of every dense graph on ONNX Runtime's WASM provider, for segments of several lengths:
 *
 *   node test/bench/run.mjs dense [--graphs models/artifacts/tiny/graphs] [--lengths 512,64,1] [--runs 15]
 *
 * With graphs that hold their weights (`dense_graphs.py --constants FOLDER`) it shows what weights as inputs
 * cost. Inputs are zeros and ones; speed does not depend on them.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web/wasm';
import { readRuntimeFile } from '../../models/runner/node-webgpu.js';

const { values } = parseArgs({
  options: {
    graphs: { type: 'string', default: 'models/artifacts/tiny/graphs' },
    lengths: { type: 'string', default: '512,64,1' },
    runs: { type: 'string', default: '15' },
  },
});
/** Width of the queries where the graph leaves it open. */
const QUERIES = 256;

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmBinary = await readRuntimeFile('ort-wasm-simd-threaded.wasm');

function input({ name, ...metadata }: ort.InferenceSession.ValueMetadata, length: number): ort.Tensor {
  if (!metadata.isTensor) throw new Error(`${name} is not a tensor`);
  const dims = metadata.shape.map((size) =>
    typeof size === 'number' ? size : size === 'Q' ? QUERIES : length,
  );
  const elements = dims.reduce((product, size) => product * size, 1);
  return metadata.type === 'int32'
    ? new ort.Tensor('int32', new Int32Array(elements), dims)
    : new ort.Tensor('float32', new Float32Array(elements).fill(1), dims);
}

const files = (await readdir(values.graphs)).filter((file) => file.endsWith('.onnx')).sort();
for (const length of values.lengths.split(',').map(Number)) {
  for (const file of files) {
    const bytes = new Uint8Array(await readFile(path.join(values.graphs, file)));
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const feeds = Object.fromEntries(session.inputMetadata.map((meta) => [meta.name, input(meta, length)]));
    let best = Infinity;
    for (let run = 0; run <= Number(values.runs); run++) {
      const start = performance.now();
      await session.run(feeds);
      if (run > 0) best = Math.min(best, performance.now() - start);
    }
    console.log(`L = ${length}\t${path.basename(file, '.onnx')}\t${best.toFixed(2)} ms`);
    await session.release();
  }
}
