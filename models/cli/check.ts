import { cpus } from 'node:os';
import { openNodeGpu } from '../../kernels/device/node.js';
import { checkEngine, type CheckReport } from '../memmamba/check-engine.js';
import type { ChosenEngine } from '../memmamba/create-engine.js';

/** The engine that `--engine` leads to. */
interface EngineInfo {
  readonly name: string;
  readonly device: string;
  readonly model: string;
  readonly reason: string;
}

/** What a bug report needs to know about the machine. */
export interface TerminalCheck extends CheckReport<EngineInfo> {
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
}

/** Looks at WebGPU, runs every kernel on it, and starts the engine. Failures are part of the report. */
export async function checkReport(start: () => Promise<ChosenEngine>): Promise<TerminalCheck> {
  const open = async () => {
    const gpu = await openNodeGpu();
    return { gpu, name: gpu.name, software: gpu.software, offers: gpu.device };
  };
  const startEngine = async (): Promise<EngineInfo> => {
    const { engine, reason } = await start();
    return { name: engine.name, device: engine.device, model: engine.config.name, reason };
  };
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    ...(await checkEngine(open, startEngine)),
  };
}

/** The report in words. */
export function describeCheck(report: TerminalCheck): string {
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
