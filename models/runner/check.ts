import { cpus } from 'node:os';
import type { Engine } from '../memmamba/engine.js';

/** What a bug report needs to know about the machine. */
export interface CheckReport {
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly engine: { readonly name: string; readonly device: string; readonly model: string };
}

export async function checkReport(start: () => Promise<Engine>): Promise<CheckReport> {
  const engine = await start();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    engine: { name: engine.name, device: engine.device, model: engine.config.name },
  };
}

export function describeCheck({ node, platform, processor, engine }: CheckReport): string {
  return [
    `Node ${node} on ${platform}, ${processor}`,
    `Engine: ${engine.name}, ${engine.device}, model ${engine.model}`,
  ].join('\n');
}
