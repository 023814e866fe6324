import { cpus } from 'node:os';
import { openNodeGpu } from '../../kernels/device/node.js';
import { selfTestKernels, type KernelCheck } from '../../kernels/self-test/self-test.js';
import type { ChosenEngine } from '../memmamba/create-engine.js';
import { messageOf } from '../../kernels/message.js';

/** What a bug report needs to know about the machine. */
export interface CheckReport {
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  /** The WebGPU adapter that Dawn finds, or null with the reason in `webgpuError`. */
  readonly adapter: {
    readonly description: string;
    readonly software: boolean;
    readonly features: readonly string[];
    readonly limits: Readonly<Record<string, number>>;
  } | null;
  readonly webgpuError?: string;
  /** One entry a kernel, run on the adapter against the CPU's implementation. */
  readonly selfTest: readonly KernelCheck[];
  /** The engine that `--engine` leads to, or null with the reason in `engineError`. */
  readonly engine: {
    readonly name: string;
    readonly device: string;
    readonly model: string;
    readonly reason: string;
  } | null;
  readonly engineError?: string;
}

/** Limits that decide what runs. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Looks at WebGPU, runs every kernel on it, and starts the engine. Failures are part of the report. */
export async function checkReport(start: () => Promise<ChosenEngine>): Promise<CheckReport> {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    ...(await checkAdapter()),
    ...(await checkEngine(start)),
  };
}

async function checkAdapter(): Promise<Pick<CheckReport, 'adapter' | 'webgpuError' | 'selfTest'>> {
  try {
    const gpu = await openNodeGpu();
    try {
      const { name, software, device } = gpu;
      const features = [...device.features].sort();
      const limits = Object.fromEntries(LIMITS.map((limit) => [limit, device.limits[limit]]));
      return {
        adapter: { description: name, software, features, limits },
        selfTest: await selfTestKernels(gpu),
      };
    } finally {
      gpu.device.destroy();
    }
  } catch (error) {
    return { adapter: null, webgpuError: messageOf(error), selfTest: [] };
  }
}

async function checkEngine(
  start: () => Promise<ChosenEngine>,
): Promise<Pick<CheckReport, 'engine' | 'engineError'>> {
  try {
    const { engine, reason } = await start();
    return { engine: { name: engine.name, device: engine.device, model: engine.config.name, reason } };
  } catch (error) {
    return { engine: null, engineError: messageOf(error) };
  }
}

/** The report in words. */
export function describeCheck(report: CheckReport): string {
  const { node, platform, processor, adapter, selfTest, engine } = report;
  return [
    `Node ${node} on ${platform}, ${processor}`,
    adapter
      ? `WebGPU: ${adapter.description}${adapter.software ? ' (software)' : ''}`
      : `WebGPU: none, ${report.webgpuError ?? ''}`,
    ...Object.entries(adapter?.limits ?? {}).map(([name, value]) => `  ${name}: ${value}`),
    ...(adapter ? [`  features: ${adapter.features.join(', ')}`] : []),
    ...selfTest.map(
      ({ kernel, passed, detail }) => `  ${passed ? 'passed' : 'FAILED'}  ${kernel}: ${detail}`,
    ),
    engine
      ? `Engine: ${engine.name} (${engine.device}) with ${engine.model}. ${engine.reason}`
      : `Engine: none, ${report.engineError ?? ''}`,
  ].join('\n');
}
