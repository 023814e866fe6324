import { describe, expect, it } from 'vitest';
import { causalConvCpu } from '../../kernels/causal-conv/causal-conv.cpu.js';
import { CausalConv } from '../../kernels/causal-conv/causal-conv.js';
import { rows } from '../../kernels/cpu/rows.js';
import { readTensors } from '../../kernels/gpu/readback.js';
import { columns } from '../../kernels/gpu/tensor.js';
import { SimdOperators, referenceOperators, type CpuOperators } from '../../kernels/simd/simd.js';
import { expectClose } from './support/expect-close.js';
import { poisoned, runOnGpu, testGpu, upload } from './support/gpu.js';
import { Random } from './support/random.js';
import * as reference from './support/reference.js';
import { TOLERANCE } from './support/tolerances.js';

interface Problem {
  readonly length: number;
  readonly dInner: number;
  readonly dConv: number;
  /** (length, 2 · dInner): the input is the first half of the rows. */
  readonly wide: Float32Array<ArrayBuffer>;
  readonly weight: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
  readonly tail: Float32Array<ArrayBuffer>;
}

interface Result {
  readonly y: Float32Array;
  readonly tail: Float32Array<ArrayBuffer>;
}

const CASES = [
  { length: 1, dInner: 1, dConv: 2 },
  { length: 1, dInner: 8, dConv: 4 },
  { length: 2, dInner: 8, dConv: 4 },
  { length: 3, dInner: 5, dConv: 4 },
  { length: 4, dInner: 64, dConv: 4 },
  { length: 8, dInner: 2, dConv: 4 },
  { length: 13, dInner: 2, dConv: 4 },
  { length: 37, dInner: 65, dConv: 4 },
  { length: 6, dInner: 3, dConv: 16 },
];

function problem(length: number, dInner: number, dConv: number, scale = 1): Problem {
  const random = new Random(1000 * length + dInner);
  return {
    length,
    dInner,
    dConv,
    wide: random.uniform(length * 2 * dInner, -scale, scale),
    weight: random.uniform(dInner * dConv, -1, 1),
    bias: random.uniform(dInner, -1, 1),
    tail: random.uniform((dConv - 1) * dInner, -scale, scale),
  };
}

function dense({ length, dInner, wide }: Problem): Float32Array {
  return Float32Array.from({ length: length * dInner }, (_, i) => {
    return wide[Math.floor(i / dInner) * 2 * dInner + (i % dInner)]!;
  });
}

const onCpu =
  (operators: CpuOperators) =>
  (p: Problem): Promise<Result> => {
    const tail = p.tail.slice();
    const y = new Float32Array(p.length * p.dInner).fill(NaN);
    operators.causalConv({ ...p, x: rows(p.wide, 2 * p.dInner), tail, y: rows(y, p.dInner) });
    return Promise.resolve({ y, tail });
  };

async function onGpu(p: Problem): Promise<Result> {
  const gpu = await testGpu();
  const conv = await CausalConv.create(gpu, p);
  const y = poisoned(gpu, p.length, p.dInner);
  const nextTail = poisoned(gpu, p.dConv - 1, p.dInner);
  await runOnGpu(gpu, (recorder) => {
    conv.record(recorder, {
      x: columns(upload(gpu, p.wide, p.length, 2 * p.dInner), 0, p.dInner),
      weight: upload(gpu, p.weight, p.dInner, p.dConv),
      bias: upload(gpu, p.bias, p.dInner),
      tail: upload(gpu, p.tail, p.dConv - 1, p.dInner),
      y,
      nextTail,
    });
  });
  const [yBytes, tailBytes] = await readTensors(gpu, [y, nextTail]);
  return { y: new Float32Array(yBytes!), tail: new Float32Array(tailBytes!) };
}

describe.each([
  ['cpu', onCpu(referenceOperators)],
  ['cpu vectors', onCpu(new SimdOperators())],
  ['webgpu', onGpu],
])('causal conv on %s', (_engine, run) => {
  it.each(CASES)('$length tokens × $dInner channels, $dConv taps', async ({ length, dInner, dConv }) => {
    const p = problem(length, dInner, dConv);
    const expected = reference.causalConv(length, dInner, dConv, dense(p), p.weight, p.bias, p.tail);
    const actual = await run(p);
    expectClose('y', actual.y, expected.y, TOLERANCE.causalConv);
    expect(Array.from(actual.tail)).toEqual(Array.from(expected.tail));
  });

  it('stays finite for large inputs', async () => {
    const p = problem(5, 4, 4, 1000);
    const expected = reference.causalConv(5, 4, 4, dense(p), p.weight, p.bias, p.tail);
    expectClose('y', (await run(p)).y, expected.y, TOLERANCE.causalConv);
  });

  it('gives the same wherever the tokens are cut', async () => {
    const whole = problem(7, 6, 4);
    const { y, tail } = await run(whole);
    for (let cut = 1; cut < whole.length; cut++) {
      const head = { ...whole, length: cut, wide: whole.wide.slice(0, cut * 12) };
      const first = await run(head);
      const rest = { ...whole, length: 7 - cut, wide: whole.wide.slice(cut * 12), tail: first.tail };
      const second = await run(rest);
      expect([...first.y, ...second.y]).toEqual([...y]);
      expect(second.tail).toEqual(tail);
    }
  });
});

describe('causal conv refuses', () => {
  const p = problem(4, 6, 4);

  it('arrays of the wrong size', () => {
    const y = rows(new Float32Array(24), 6);
    const good = { ...p, x: rows(p.wide, 12), y };
    expect(() => causalConvCpu({ ...good, bias: new Float32Array(5) })).toThrow(
      'causal conv: bias must be (6), 6 elements; it has 5',
    );
    expect(() => causalConvCpu({ ...good, x: rows(p.wide.subarray(1), 12) })).not.toThrow();
    expect(() => causalConvCpu({ ...good, x: rows(p.wide.subarray(7), 12) })).toThrow(
      /x must hold 4 rows of 6/,
    );
    expect(() => causalConvCpu({ ...good, length: 0 })).toThrow(/length must be an integer, at least 1/);
  });

  it('tensors of the wrong shape, and an output in the input buffer', async () => {
    const gpu = await testGpu();
    const conv = await CausalConv.create(gpu, p);
    const args = {
      x: upload(gpu, p.wide.slice(0, 24), 4, 6),
      weight: upload(gpu, p.weight, 6, 4),
      bias: upload(gpu, p.bias, 6),
      tail: upload(gpu, p.tail, 3, 6),
      y: poisoned(gpu, 4, 6),
      nextTail: poisoned(gpu, 3, 6),
    };
    await runOnGpu(gpu, (recorder) => {
      expect(() => {
        conv.record(recorder, { ...args, y: poisoned(gpu, 4, 7) });
      }).toThrow('causal conv: y must be (4, 6); it is (4, 7)');
      expect(() => {
        conv.record(recorder, { ...args, nextTail: args.tail });
      }).toThrow('causal conv: nextTail and tail must lie in different buffers');
      expect(() => {
        conv.record(recorder, { ...args, x: { ...args.x, byteOffset: 256 } });
      }).toThrow(/x needs \d+ bytes of its buffer/);
    });
    await expect(CausalConv.create(gpu, { dInner: 6, dConv: 1 })).rejects.toThrow(
      /dConv must be an integer, 2 to 16/,
    );
  });
});
