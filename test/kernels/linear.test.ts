import { describe, expect, it } from 'vitest';
import { sigmoid } from '../../kernels/cpu/activations.js';
import { rows } from '../../kernels/cpu/rows.js';
import { readF32, readTensors } from '../../kernels/gpu/readback.js';
import type { Recorder } from '../../kernels/gpu/recorder.js';
import { columns, type GpuTensor } from '../../kernels/gpu/tensor.js';
import { GatherRows } from '../../kernels/linear/gather-rows.js';
import { linearCpu } from '../../kernels/linear/linear.cpu.js';
import { Linear, type LinearOptions } from '../../kernels/linear/linear.js';
import { NoteLinear } from '../../kernels/linear/note-linear.js';
import { expectClose } from './support/expect-close.js';
import { poisoned, runOnGpu, testGpu, upload } from './support/gpu.js';
import { Random } from './support/random.js';
import { TOLERANCE } from './support/tolerances.js';

interface Case extends LinearOptions {
  readonly length: number;
}

/** Both kernels (up to 8 rows one, more the other), every tile, every epilogue, edges of tiles and of blocks. */
const CASES: readonly Case[] = [
  { length: 1, maxRows: 64, depth: 4, columns: 4 },
  { length: 1, maxRows: 64, depth: 72, columns: 144, normEps: 1e-5 },
  { length: 8, maxRows: 64, depth: 20, columns: 36, bias: true },
  { length: 9, maxRows: 64, depth: 20, columns: 36, bias: true, softplus: true },
  { length: 9, maxRows: 64, depth: 20, columns: 36, normEps: 1e-5, bias: true, gelu: true },
  { length: 37, maxRows: 37, depth: 72, columns: 68, residual: true },
  { length: 65, maxRows: 65, depth: 36, columns: 140, normEps: 1e-5 },
  { length: 65, maxRows: 4096, depth: 36, columns: 132, gate: true, residual: true },
  {
    length: 130,
    maxRows: 32768,
    depth: 20,
    columns: 132,
    normEps: 1e-5,
    bias: true,
    gate: true,
    residual: true,
  },
  { length: 130, maxRows: 65536, depth: 20, columns: 36, bias: true, residual: true },
  { length: 3, maxRows: 16384, depth: 24, columns: 132, bias: true, gate: true, residual: true },
];

describe('linear', () => {
  it.each(CASES)('$length × $depth × $columns for up to $maxRows rows', async (options) => {
    const { length, depth, columns: width, bias, softplus, gelu, gate, residual } = options;
    const random = new Random(length + depth + width);
    const values = {
      x: random.uniform(length * (depth + 8), -2, 2),
      weight: random.uniform(depth * width, -1, 1),
      bias: random.uniform(width, -1, 1),
      gate: random.uniform(length, 0, 1),
      residual: random.uniform(length * width, -3, 3),
    };
    const expected = new Float32Array(length * width);
    linearCpu({
      ...{ length, depth, columns: width, weight: values.weight },
      x: rows(values.x, depth + 8, 4),
      ...(options.normEps !== undefined && { normEps: options.normEps }),
      ...(bias && { bias: values.bias }),
      ...(softplus && { softplus }),
      ...(gelu && { gelu }),
      ...(gate && { gate: values.gate }),
      ...(residual && { residual: rows(values.residual, width) }),
      y: rows(expected, width),
    });
    const gpu = await testGpu();
    const linear = await Linear.create(gpu, options);
    const out = poisoned(gpu, length, width);
    await runOnGpu(gpu, (recorder) => {
      linear.record(recorder, {
        x: columns(upload(gpu, values.x, length, depth + 8), 4, depth),
        weight: upload(gpu, values.weight, depth, width),
        ...(bias && { bias: upload(gpu, values.bias, width) }),
        ...(gate && { gate: upload(gpu, values.gate, length, 1) }),
        ...(residual && { residual: upload(gpu, values.residual, length, width) }),
        out,
      });
    });
    expectClose('out', await readF32(gpu, out), expected, TOLERANCE.linear);
  });

  it('writes columns of a wider tensor and leaves the others alone', async () => {
    const gpu = await testGpu();
    const linear = await Linear.create(gpu, { depth: 4, columns: 4, maxRows: 64 });
    const wide = upload(gpu, new Float32Array(2 * 12).fill(7), 2, 12);
    await runOnGpu(gpu, (recorder) => {
      linear.record(recorder, {
        x: upload(gpu, Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0), 2, 4),
        weight: upload(
          gpu,
          Float32Array.from({ length: 16 }, (_, i) => i),
          4,
          4,
        ),
        out: columns(wide, 4, 4),
      });
    });
    const row = (...middle: number[]): number[] => [7, 7, 7, 7, ...middle, 7, 7, 7, 7];
    expect(Array.from(await readF32(gpu, wide))).toEqual([...row(0, 1, 2, 3), ...row(4, 5, 6, 7)]);
  });

  it('refuses what it cannot read as vectors, and operands it was not compiled for', async () => {
    const gpu = await testGpu();
    await expect(Linear.create(gpu, { depth: 6, columns: 4, maxRows: 1 })).rejects.toThrow('multiples of 4');
    const linear = await Linear.create(gpu, { depth: 4, columns: 4, maxRows: 1 });
    const tensors = { weight: poisoned(gpu, 4, 4), out: poisoned(gpu, 2, 4) };
    const record = (x: GpuTensor, more = {}): Promise<void> =>
      runOnGpu(gpu, (recorder) => linear.record(recorder, { x, ...tensors, ...more }));
    await expect(record(columns(poisoned(gpu, 2, 8), 2, 4))).rejects.toThrow('multiple of 4');
    await expect(record(poisoned(gpu, 2, 8))).rejects.toThrow('x must be (2, 4)');
    await expect(record(poisoned(gpu, 2, 4), { bias: poisoned(gpu, 4) })).rejects.toThrow('bias was given');
    await expect(record(tensors.out)).rejects.toThrow('different buffers');
  });
});

describe('note projection', () => {
  it.each([
    { length: 1, sentence: false },
    { length: 1, sentence: true },
    { length: 21, sentence: false },
    { length: 21, sentence: true },
  ])('$length tokens, with a sentence head: $sentence', async ({ length, sentence }) => {
    const [dModel, noteDim, queryWidth, normEps] = [20, 8, 36, 1e-5];
    const width = noteDim + queryWidth + 4;
    const random = new Random(length);
    const x = random.uniform(length * dModel, -2, 2);
    const weight = random.uniform(dModel * width, -1, 1);
    const bias = random.uniform(2, -1, 1);
    const product = new Float32Array(length * width);
    linearCpu({
      ...{ length, depth: dModel, columns: width, weight, normEps },
      ...{ x: rows(x, dModel), y: rows(product, width) },
    });
    const gpu = await testGpu();
    const shape = { dModel, noteDim, queries: queryWidth, maxRows: 64, normEps, sentence };
    const linear = await NoteLinear.create(gpu, shape);
    const outputs = {
      notes: poisoned(gpu, length, noteDim),
      queries: poisoned(gpu, length, queryWidth),
      scores: poisoned(gpu, length, 1),
      gate: poisoned(gpu, length, 1),
      ...(sentence && { sentence: poisoned(gpu, length, 1) }),
    };
    await runOnGpu(gpu, (recorder) => {
      linear.record(recorder, {
        x: upload(gpu, x, length, dModel),
        weight: upload(gpu, weight, dModel, width),
        bias: upload(gpu, bias, 2),
        ...outputs,
      });
    });
    const read = (await readTensors(gpu, Object.values(outputs))).map((bytes) => new Float32Array(bytes));
    const part = (first: number, count: number): number[] =>
      Array.from({ length: length * count }, (_, i) => {
        return product[Math.floor(i / count) * width + first + (i % count)]!;
      });
    const scored = part(noteDim + queryWidth, 1).map((value) => value + bias[0]!);
    const gated = part(noteDim + queryWidth + 1, 1).map((value) => sigmoid(value + bias[1]!));
    const expected = [
      ...[part(0, noteDim), part(noteDim, queryWidth), scored, gated],
      // The third of the last columns as it is.
      ...(sentence ? [part(noteDim + queryWidth + 2, 1)] : []),
    ];
    Object.keys(outputs).forEach((name, i) => {
      expectClose(name, read[i]!, expected[i]!, TOLERANCE.linear);
    });
  });
});

describe('a note projection', () => {
  it.each([false, true])('refuses a sentence that it was not compiled for: %s', async (sentence) => {
    const gpu = await testGpu();
    const shape = { dModel: 4, noteDim: 4, queries: 4, maxRows: 1, normEps: 1e-5, sentence };
    const linear = await NoteLinear.create(gpu, shape);
    const record = (recorder: Recorder): void => {
      linear.record(recorder, {
        ...{ x: poisoned(gpu, 1, 4), weight: poisoned(gpu, 4, 12), bias: poisoned(gpu, 2) },
        ...{ notes: poisoned(gpu, 1, 4), queries: poisoned(gpu, 1, 4) },
        ...{ scores: poisoned(gpu, 1, 1), gate: poisoned(gpu, 1, 1) },
        ...(!sentence && { sentence: poisoned(gpu, 1, 1) }),
      });
    };
    const problem = sentence ? 'left out' : 'given';
    await expect(runOnGpu(gpu, record)).rejects.toThrow(`sentence was ${problem}`);
  });
});

describe('gather rows', () => {
  it('copies rows by number', async () => {
    const gpu = await testGpu();
    const gather = await GatherRows.create(gpu);
    const table = Float32Array.from({ length: 3 * 8 }, (_, i) => i);
    const out = poisoned(gpu, 4, 8);
    await runOnGpu(gpu, (recorder) => {
      gather.record(recorder, {
        tokens: upload(gpu, Int32Array.of(2, 0, 2, 1), 4),
        table: upload(gpu, table, 3, 8),
        out,
      });
    });
    const row = (index: number): number[] => Array.from({ length: 8 }, (_, i) => 8 * index + i);
    expect(Array.from(await readF32(gpu, out))).toEqual([2, 0, 2, 1].flatMap(row));
  });
});
