/**
 * Speed of the projections of the base shape by tile sizes, in TFLOP/s of the product alone:
 *
 *   node test/bench/run.mjs matmul [--rows 2048,16384] [--runs 10] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openNodeGpu } from '../../kernels/device/node.js';
import { readF32 } from '../../kernels/gpu/readback.js';
import type { Recorder } from '../../kernels/gpu/recorder.js';
import { createTensor, uploadTensor } from '../../kernels/gpu/tensor.js';
import { Linear } from '../../kernels/linear/linear.js';
import { Random } from '../kernels/support/random.js';
import { EXACT_TIMES, timeGpu } from './timing.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2048,16384' },
    runs: { type: 'string', default: '10' },
    json: { type: 'string' },
  },
});
const gpu = await openNodeGpu(EXACT_TIMES);
const { device } = gpu;
const random = new Random(1);
/** Depth × columns of the products of a layer, with the name of each; the epsilon of a norm of the input, if any. */
const PRODUCTS: readonly (readonly [name: string, depth: number, columns: number, normEps?: number])[] = [
  ['in_proj', 384, 1536],
  ['in_proj with norm', 384, 1536, 1e-5],
  ['x_proj', 768, 56],
  ['dt_proj', 24, 768],
  ['out_proj', 768, 384],
  ['note', 384, 68],
  ['queries', 384, 256],
  ['token_out', 256, 384],
];
/** ROWS, COLUMNS, DEPTH, ROW_RUN, COLUMN_RUN. */
const TILES = [
  [128, 128, 16, 8, 8],
  [128, 64, 16, 8, 8],
  [64, 128, 16, 8, 8],
  [128, 64, 16, 8, 4],
  [64, 64, 16, 4, 4],
  [64, 64, 32, 8, 4],
  [128, 128, 8, 8, 8],
  [32, 64, 32, 4, 4],
  [32, 32, 32, 2, 4],
] as const;
const block = random.uniform(1 << 20, -1, 1);
const fill = (buffer: GPUBuffer): void => {
  for (let at = 0; at < buffer.size; at += block.byteLength) {
    device.queue.writeBuffer(buffer, at, block, 0, Math.min(block.length, (buffer.size - at) / 4));
  }
};
const results: object[] = [];
console.log(`GPU: ${gpu.name}`);
for (const rows of values.rows.split(',').map(Number)) {
  for (const [product, depth, columns, normEps] of PRODUCTS) {
    const a = createTensor(device, [rows, depth]);
    fill(a.buffer);
    const b = uploadTensor(device, random.uniform(depth * columns, -1, 1), [depth, columns]);
    const out = createTensor(device, [rows, columns]);
    const line: string[] = [];
    const norm = normEps === undefined ? {} : { normEps };
    for (const [ROWS, COLUMNS, DEPTH, ROW_RUN, COLUMN_RUN] of TILES) {
      const name = `${ROWS}×${COLUMNS}×${DEPTH}/${ROW_RUN}×${COLUMN_RUN}`;
      try {
        const tile = { rows: ROWS, columns: COLUMNS, depth: DEPTH, rowRun: ROW_RUN, columnRun: COLUMN_RUN };
        const linear = await Linear.create(gpu, { depth, columns, maxRows: rows, ...norm }, tile);
        const record = (recorder: Recorder): void => {
          linear.record(recorder, { x: a, weight: b, out });
        };
        const ms = await timeGpu(gpu, Number(values.runs), record);
        const value = (await readF32(gpu, out))[5 * columns + 3]!;
        let expected = 0;
        let squares = 0;
        const bBytes = await readF32(gpu, b);
        for (let k = 0; k < depth; k++) {
          const left = block[(5 * depth + k) % block.length]!;
          expected += left * bBytes[k * columns + 3]!;
          squares += left * left;
        }
        if (normEps !== undefined) expected /= Math.sqrt(squares / depth + normEps);
        const right = Math.abs(value - expected) < 1e-3;
        const teraflops = (2 * rows * depth * columns) / ms / 1e9;
        results.push({ rows, product, depth, columns, tile: name, milliseconds: ms, teraflops, right });
        line.push(`${name} ${teraflops.toFixed(1)}${right ? '' : ' WRONG'}`);
      } catch (error) {
        line.push(`${name} failed: ${error instanceof Error ? error.message.slice(0, 80) : ''}`);
      }
    }
    console.log(`${rows} × ${depth} × ${columns} ${product}: ${line.join(' | ')}`);
    for (const { buffer } of [a, b, out]) buffer.destroy();
  }
}
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ device: gpu.name, results }, undefined, 1)}\n`);
}
process.exit(0);
