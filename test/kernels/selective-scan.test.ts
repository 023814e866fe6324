import { describe, expect, it } from 'vitest';
import { rows } from '../../kernels/cpu/rows.js';
import { readTensors } from '../../kernels/gpu/readback.js';
import { columns } from '../../kernels/gpu/tensor.js';
import { SelectiveScan, type SelectiveScanTuning } from '../../kernels/selective-scan/selective-scan.js';
import { SimdOperators, referenceOperators, type CpuOperators } from '../../kernels/simd/simd.js';
import { expectClose } from './support/expect-close.js';
import { poisonScratch, poisoned, runOnGpu, testGpu, upload } from './support/gpu.js';
import * as reference from './support/reference.js';
import { scanProblem, sliceProblem } from './support/scan-problem.js';
import { TOLERANCE } from './support/tolerances.js';

type Problem = reference.ScanProblem;

interface Result {
  readonly y: Float32Array;
  readonly h: Float32Array<ArrayBuffer>;
  readonly deltaSum: Float32Array;
}

/** Columns before B in the rows that hold B and C, as x_proj's δ are. */
const RANK = 3;

/** B and C as columns of wider rows, everything else NaN. */
function wideBc({ length, dState, b, c }: Problem): Float32Array<ArrayBuffer> {
  const width = RANK + 2 * dState;
  const wide = new Float32Array(length * width).fill(NaN);
  for (let t = 0; t < length; t++) {
    wide.set(b.subarray(t * dState, (t + 1) * dState), t * width + RANK);
    wide.set(c.subarray(t * dState, (t + 1) * dState), t * width + RANK + dState);
  }
  return wide;
}

/** z as the second half of wider rows. */
function wideZ({ length, dInner, z }: Problem): Float32Array<ArrayBuffer> {
  const wide = new Float32Array(length * 2 * dInner).fill(NaN);
  for (let t = 0; t < length; t++) {
    wide.set(z.subarray(t * dInner, (t + 1) * dInner), t * 2 * dInner + dInner);
  }
  return wide;
}

const onCpu =
  (operators: CpuOperators) =>
  (p: Problem): Promise<Result> => {
    const { length, dInner, dState } = p;
    const h = p.h.slice();
    const y = new Float32Array(length * dInner).fill(NaN);
    const deltaSum = new Float32Array(dInner).fill(NaN);
    const bc = wideBc(p);
    const width = RANK + 2 * dState;
    operators.selectiveScan({
      ...{ length, dInner, dState, a: p.a, d: p.d, h, deltaSum },
      u: rows(p.u, dInner),
      deltaRaw: rows(p.deltaRaw, dInner),
      z: rows(wideZ(p), 2 * dInner, dInner),
      b: rows(bc, width, RANK),
      c: rows(bc, width, RANK + dState),
      y: rows(y, dInner),
    });
    return Promise.resolve({ y, h, deltaSum });
  };

interface Variant extends SelectiveScanTuning {
  readonly softplus?: boolean;
}

const onGpu =
  (variant: Variant) =>
  (p: Problem): Promise<Result> =>
    scanOnGpu(p, variant);

async function scanOnGpu(p: Problem, { softplus = true, ...tuning }: Variant): Promise<Result> {
  const { length, dInner, dState } = p;
  const gpu = await testGpu();
  const scan = await SelectiveScan.create(gpu, { ...p, softplus }, tuning);
  const bc = upload(gpu, wideBc(p), length, RANK + 2 * dState);
  const y = poisoned(gpu, length, dInner);
  const nextH = poisoned(gpu, dInner, dState);
  const deltaSum = poisoned(gpu, dInner);
  await poisonScratch(gpu, 4096);
  await runOnGpu(gpu, (recorder) => {
    scan.record(recorder, {
      u: upload(gpu, p.u, length, dInner),
      deltaRaw: upload(gpu, softplus ? p.deltaRaw : p.deltaRaw.map(reference.softplus), length, dInner),
      z: columns(upload(gpu, wideZ(p), length, 2 * dInner), dInner, dInner),
      b: columns(bc, RANK, dState),
      c: columns(bc, RANK + dState, dState),
      a: upload(gpu, p.a, dInner, dState),
      d: upload(gpu, p.d, dInner),
      h: upload(gpu, p.h, dInner, dState),
      y,
      nextH,
      deltaSum,
    });
  });
  const [yBytes, hBytes, sumBytes] = await readTensors(gpu, [y, nextH, deltaSum]);
  return {
    y: new Float32Array(yBytes!),
    h: new Float32Array(hBytes!),
    deltaSum: new Float32Array(sumBytes!),
  };
}

function expectScan(actual: Result, p: Problem): void {
  const expected = reference.selectiveScan(p);
  expectClose('y', actual.y, expected.y, TOLERANCE.selectiveScan);
  expectClose('h', actual.h, expected.h, TOLERANCE.selectiveScan);
  expectClose('deltaSum', actual.deltaSum, expected.deltaSum, TOLERANCE.deltaSum);
}

/**
 * Lengths around the run (4 tokens), the block (16) and the tile (32), channels around the workgroup (128), states
 * around the vector (4).
 */
const CASES = [
  { length: 1, dInner: 1, dState: 16 },
  { length: 1, dInner: 70, dState: 16 },
  { length: 31, dInner: 5, dState: 16 },
  { length: 5, dInner: 3, dState: 16 },
  { length: 15, dInner: 2, dState: 16 },
  { length: 17, dInner: 2, dState: 16 },
  { length: 32, dInner: 128, dState: 16 },
  { length: 33, dInner: 129, dState: 16 },
  { length: 64, dInner: 4, dState: 16 },
  { length: 65, dInner: 7, dState: 16 },
  { length: 131, dInner: 3, dState: 16 },
  { length: 37, dInner: 6, dState: 1 },
  { length: 37, dInner: 6, dState: 7 },
  { length: 37, dInner: 6, dState: 64 },
];

describe.each([
  ['cpu', onCpu(referenceOperators)],
  ['cpu vectors', onCpu(new SimdOperators())],
  ['webgpu', onGpu({})],
  ['webgpu, Δ as such, tiles of 20 tokens × 64 channels', onGpu({ softplus: false, lanes: 64, tile: 20 })],
])('selective scan on %s', (_engine, run) => {
  it.each(CASES)('$length tokens × $dInner channels × $dState states', async ({ length, dInner, dState }) => {
    const p = scanProblem({ length, dInner, dState });
    expectScan(await run(p), p);
  });

  it('extreme Δ: raw from -100 to 100', async () => {
    const p = scanProblem({ length: 70, dInner: 9, dState: 16, raw: [-100, 100] });
    expectScan(await run(p), p);
  });

  it.each([-100, -88, -20, 0, 20, 100])('every raw Δ is %d', async (raw) => {
    const p = scanProblem({ length: 40, dInner: 3, dState: 16, raw: [raw, raw] });
    expectScan(await run(p), p);
  });

  it('extreme gates and decay rates', async () => {
    const p = scanProblem({ length: 40, dInner: 8, dState: 16, z: [-100, 100], rate: [1e-6, 1e4] });
    expectScan(await run(p), p);
  });

  it('gives the same wherever the tokens are cut', async () => {
    const p = scanProblem({ length: 70, dInner: 5, dState: 16 });
    const whole = await run(p);
    for (const cut of [1, 17, 32, 33, 64, 69]) {
      const first = await run(sliceProblem(p, 0, cut));
      const second = await run({ ...sliceProblem(p, cut, p.length), h: first.h });
      expectClose('y', [...first.y, ...second.y], whole.y, TOLERANCE.split);
      expectClose('h', second.h, whole.h, TOLERANCE.split);
    }
  });

  it('ΣΔ of a long sequence loses nothing', async () => {
    const p = scanProblem({ length: 4100, dInner: 2, dState: 1, raw: [-9, -1] });
    expectClose('deltaSum', (await run(p)).deltaSum, reference.selectiveScan(p).deltaSum, TOLERANCE.deltaSum);
  });
});

describe('selective scan refuses', () => {
  it('more than 64 states', async () => {
    const gpu = await testGpu();
    await expect(SelectiveScan.create(gpu, { dInner: 4, dState: 65 })).rejects.toThrow(
      'selective scan: dState must be an integer, 1 to 64; it is 65',
    );
    const p = scanProblem({ length: 2, dInner: 2, dState: 65 });
    expect(() => onCpu(referenceOperators)(p)).toThrow(/dState must be an integer, 1 to 64/);
  });

  it('B and C of different tensors, and a state written in place', async () => {
    const gpu = await testGpu();
    const scan = await SelectiveScan.create(gpu, { dInner: 4, dState: 16 });
    const h = poisoned(gpu, 4, 16);
    const args = {
      u: poisoned(gpu, 2, 4),
      deltaRaw: poisoned(gpu, 2, 4),
      z: poisoned(gpu, 2, 4),
      b: poisoned(gpu, 2, 16),
      c: poisoned(gpu, 2, 16),
      a: poisoned(gpu, 4, 16),
      d: poisoned(gpu, 4),
      h,
      y: poisoned(gpu, 2, 4),
      nextH: poisoned(gpu, 4, 16),
      deltaSum: poisoned(gpu, 4),
    };
    await runOnGpu(gpu, (recorder) => {
      expect(() => {
        scan.record(recorder, args);
      }).toThrow('selective scan: b and c must be columns of one tensor');
      expect(() => {
        scan.record(recorder, { ...args, c: args.b, nextH: h });
      }).toThrow('selective scan: nextH and h must lie in different buffers');
      expect(() => {
        scan.record(recorder, { ...args, c: args.b, z: poisoned(gpu, 3, 4) });
      }).toThrow('selective scan: z must be (2, 4); it is (3, 4)');
    });
  });
});
