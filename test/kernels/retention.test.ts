import { describe, expect, it } from 'vitest';
import { rows } from '../../kernels/cpu/rows.js';
import { readF32 } from '../../kernels/gpu/readback.js';
import { meanFidelity } from '../../kernels/retention/lags.js';
import type { RetentionCpu } from '../../kernels/retention/retention.cpu.js';
import { Retention, type ScanInputs } from '../../kernels/retention/retention.js';
import type { Gpu } from '../../kernels/gpu/device.js';
import { SimdOperators, referenceOperators, type CpuOperators } from '../../kernels/simd/simd.js';
import { expectClose } from './support/expect-close.js';
import { poisonScratch, poisoned, runOnGpu, testGpu, upload } from './support/gpu.js';
import { Random } from './support/random.js';
import * as reference from './support/reference.js';
import { scanProblem, sliceProblem } from './support/scan-problem.js';
import { TOLERANCE } from './support/tolerances.js';

type Problem = reference.ScanProblem;

const LAGS = [0, 1, 2, 4, 8, 16, 32, 64, 128];

function cpuInputs(p: Problem): Pick<RetentionCpu, 'u' | 'deltaRaw' | 'b' | 'a'> {
  return { u: rows(p.u, p.dInner), deltaRaw: rows(p.deltaRaw, p.dInner), b: rows(p.b, p.dState), a: p.a };
}

function gpuInputs(
  gpu: Gpu,
  { length, dInner, dState, u, deltaRaw, b, a }: Problem,
  softplus: boolean,
): ScanInputs {
  return {
    u: upload(gpu, u, length, dInner),
    deltaRaw: upload(gpu, softplus ? deltaRaw : deltaRaw.map(reference.softplus), length, dInner),
    b: upload(gpu, b, length, dState),
    a: upload(gpu, a, dInner, dState),
  };
}

interface Engine {
  retention(p: Problem, after: Float32Array<ArrayBuffer>): Promise<Float32Array>;
  fidelity(p: Problem, lags: readonly number[]): Promise<Float32Array>;
}

const onCpu = (operators: CpuOperators): Engine => ({
  retention(p, after) {
    const retention = new Float32Array(p.length).fill(NaN);
    const { length, dInner, dState } = p;
    operators.retention({ length, dInner, dState, ...cpuInputs(p), after, retention });
    return Promise.resolve(retention);
  },
  fidelity(p, lags) {
    const fidelity = new Float32Array(lags.length * p.length).fill(NaN);
    const { length, dInner, dState } = p;
    operators.memoryFidelity({ length, dInner, dState, ...cpuInputs(p), lags, fidelity });
    return Promise.resolve(fidelity);
  },
});
const cpu = onCpu(referenceOperators);
const vectors = onCpu(new SimdOperators());

/** `softplus` false: Δ is given as such. */
const onGpu = (softplus: boolean): Engine => ({
  async retention(p, after) {
    const gpu = await testGpu();
    const operator = await Retention.create(gpu, { ...p, softplus });
    const retention = poisoned(gpu, p.length);
    await poisonScratch(gpu, 4096);
    await runOnGpu(gpu, (recorder) => {
      operator.record(recorder, {
        ...gpuInputs(gpu, p, softplus),
        after: upload(gpu, after, p.dInner),
        retention,
      });
    });
    return readF32(gpu, retention);
  },
  async fidelity(p, lags) {
    const gpu = await testGpu();
    const operator = await Retention.create(gpu, { ...p, softplus });
    const fidelity = poisoned(gpu, lags.length, p.length);
    await poisonScratch(gpu, 4096);
    await runOnGpu(gpu, (recorder) => {
      operator.recordFidelity(recorder, { ...gpuInputs(gpu, p, softplus), lags, fidelity });
    });
    return readF32(gpu, fidelity);
  },
});

const webgpu = onGpu(true);

const CASES = [
  { length: 1, dInner: 1, dState: 16 },
  { length: 2, dInner: 70, dState: 16 },
  { length: 32, dInner: 5, dState: 16 },
  { length: 33, dInner: 65, dState: 16 },
  { length: 131, dInner: 6, dState: 3 },
];

describe.each([
  ['cpu', cpu],
  ['cpu vectors', vectors],
  ['webgpu', webgpu],
  ['webgpu, Δ as such', onGpu(false)],
])('retention on %s', (_name, engine) => {
  it.each(CASES)('$length tokens × $dInner channels × $dState states', async (sizes) => {
    const p = scanProblem({ ...sizes, raw: [-8, -3] });
    const after = new Random(9).uniform(sizes.dInner, 0, 3);
    const actual = await engine.retention(p, after);
    expectClose('retention', actual, reference.retention(p, after), TOLERANCE.retention);
    for (const value of actual) expect(value >= 0 && value <= 1).toBe(true);
  });

  it('extreme Δ', async () => {
    const p = scanProblem({ length: 40, dInner: 9, dState: 16, raw: [-100, 100] });
    const after = new Float32Array(9);
    const actual = await engine.retention(p, after);
    expectClose('retention', actual, reference.retention(p, after), TOLERANCE.retention);
  });

  it('of a far end is 0 for fast channels and stays above 0 for slow ones', async () => {
    const p = scanProblem({ length: 3, dInner: 4, dState: 2, raw: [-4, -3], rate: [1e-6, 2e-6] });
    const far = new Float32Array(4).fill(1e5);
    const slow = await engine.retention(p, far);
    expectClose('retention', slow, reference.retention(p, far), TOLERANCE.retention);
    expect(Math.min(...slow)).toBeGreaterThan(0.5);
    const fast = await engine.retention({ ...p, a: p.a.map((a) => 1e6 * a) }, far);
    expect(Math.max(...fast)).toBeLessThan(1e-30);
  });

  it('of a token that writes nothing is 0', async () => {
    const p = scanProblem({ length: 3, dInner: 4, dState: 2, raw: [-2, -1] });
    p.u.fill(0, 4, 8);
    const actual = await engine.retention(p, new Float32Array(4));
    expect(actual[1]).toBe(0);
    expect(actual[0]).toBeGreaterThan(0);
  });

  it('of the last token at the end of the text is 1', async () => {
    const p = scanProblem({ length: 5, dInner: 4, dState: 2 });
    expect((await engine.retention(p, new Float32Array(4)))[4]).toBeCloseTo(1, 6);
  });

  it('gives the same wherever the tokens are cut', async () => {
    const p = scanProblem({ length: 70, dInner: 5, dState: 16, raw: [-8, -3] });
    const after = new Random(4).uniform(5, 0, 1);
    const whole = await engine.retention(p, after);
    for (const cut of [1, 32, 45]) {
      const tail = sliceProblem(p, cut, p.length);
      const sums = reference.selectiveScan(tail).deltaSum;
      const between = after.map((value, c) => value + sums[c]!);
      const first = await engine.retention(sliceProblem(p, 0, cut), between);
      const second = await engine.retention(tail, after);
      expectClose('retention', [...first, ...second], whole, TOLERANCE.retention);
    }
  });
});

describe.each([
  ['cpu', cpu],
  ['cpu vectors', vectors],
  ['webgpu', webgpu],
])('memory fidelity on %s', (_name, engine) => {
  it.each(CASES)('$length tokens × $dInner channels × $dState states', async (sizes) => {
    const p = scanProblem({ ...sizes, raw: [-8, -3] });
    const { length } = p;
    const actual = await engine.fidelity(p, LAGS);
    const { etmf, count } = meanFidelity(actual, LAGS, length);
    LAGS.forEach((lag, row) => {
      const expected = reference.memoryFidelity(p, lag).map((value) => (Number.isNaN(value) ? 0 : value));
      const values = actual.slice(row * length, (row + 1) * length);
      expectClose(`fidelity at ${lag}`, values, expected, TOLERANCE.retention);
      expect(count[row]).toBe(Math.max(0, length - lag));
      if (lag >= length) expect(etmf[row]).toBeNaN();
    });
    expect(etmf[0]).toBeCloseTo(1, 6);
  });

  it('never rises with the distance', async () => {
    const p = scanProblem({ length: 40, dInner: 6, dState: 4, raw: [-6, -2] });
    const lags = [0, 1, 2, 4, 8, 16];
    const fidelity = await engine.fidelity(p, lags);
    for (let row = 1; row < lags.length; row++) {
      for (let t = 0; t + lags[row]! < 40; t++) {
        expect(fidelity[row * 40 + t]!).toBeLessThanOrEqual(fidelity[(row - 1) * 40 + t]!);
      }
    }
  });

  it('serves distances that leave some out', async () => {
    const p = scanProblem({ length: 20, dInner: 3, dState: 4, raw: [-6, -2] });
    const actual = await engine.fidelity(p, [4]);
    const expected = reference.memoryFidelity(p, 4).map((value) => (Number.isNaN(value) ? 0 : value));
    expectClose('fidelity', actual, expected, TOLERANCE.retention);
  });

  it('survives squares that would underflow', async () => {
    const p = scanProblem({ length: 6, dInner: 3, dState: 4, raw: [-60, -55] });
    p.b.forEach((value, i) => (p.b[i] = value * 1e-6));
    const actual = await engine.fidelity(p, [0, 1]);
    const expected = [0, 1].flatMap((lag) =>
      [...reference.memoryFidelity(p, lag)].map((value) => (Number.isNaN(value) ? 0 : value)),
    );
    expectClose('fidelity', actual, expected, TOLERANCE.retention);
  });
});

describe('memory fidelity refuses', () => {
  it.each([[[3]], [[2, 1]], [[1, 1]], [[-1]], [[0.5]]])('distances %j', async (lags) => {
    const p = scanProblem({ length: 4, dInner: 2, dState: 2 });
    expect(() => cpu.fidelity(p, lags)).toThrow(/lags must be rising, each 0 or a power of two/);
    await expect(webgpu.fidelity(p, lags)).rejects.toThrow(/lags must be rising, each 0 or a power of two/);
  });
});
