import { expect, it } from 'vitest';
import type { Gpu } from '../../kernels/gpu/device.js';
import type { KernelSource, PipelineCache } from '../../kernels/gpu/pipeline.js';
import { selfTestKernels, type KernelCheck } from '../../kernels/self-test/self-test.js';
import { testGpu } from './support/gpu.js';

const KERNELS = [
  ...['selective scan', 'causal conv', 'note pool', 'pool attention', 'retention', 'projections'],
  'passage sums',
];

const failed = (checks: readonly KernelCheck[]): string[] =>
  checks.filter(({ passed }) => !passed).map(({ kernel }) => kernel);

/** A device whose compiler turns `from` into `to`; shaders without it are compiled once for all tests. */
async function faultyGpu(from: string, to: string): Promise<Gpu> {
  const gpu = await testGpu();
  const pipelines = Object.create(gpu.pipelines) as PipelineCache;
  pipelines.get = (source: KernelSource) =>
    gpu.pipelines.get({ ...source, code: source.code.map((code) => code.replaceAll(from, to)) });
  return { ...gpu, pipelines };
}

it('passes for every kernel', async () => {
  const checks = await selfTestKernels(await testGpu());
  expect(checks.map(({ kernel }) => kernel)).toEqual(KERNELS);
  for (const { kernel, passed, detail } of checks) {
    expect(passed, `${kernel}: ${detail}`).toBe(true);
    expect(detail).toMatch(/^largest error \d\.\de[-+]\d+, \d+ ms with compiling$/);
  }
});

it('names the kernel that a driver gets wrong', async () => {
  const wrongSign = await faultyGpu('sum += taps[k]', 'sum -= taps[k]');
  expect(failed(await selfTestKernels(wrongSign))).toEqual(['causal conv']);
  const noBias = await faultyGpu('value += bias[column]', 'value -= bias[column]');
  expect(failed(await selfTestKernels(noBias))).toEqual(['projections']);
  // Attention reads what the pool made.
  const wrongOrder = await faultyGpu('rival > score ||', 'rival < score ||');
  expect(failed(await selfTestKernels(wrongOrder))).toEqual(['note pool', 'pool attention']);
});

it('reports a shader that does not compile', async () => {
  const checks = await selfTestKernels(await faultyGpu('fn suffix(', 'fn suffix[('));
  expect(failed(checks)).toEqual(['retention']);
  expect(checks[4]!.detail).toMatch(/retention\/\w+ does not compile/);
});
