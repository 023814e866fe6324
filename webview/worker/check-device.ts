import type { CheckReport, EngineInfo } from '../../extension/protocol/engine.js';
import { createGpu } from '../../kernels/gpu/device.js';
import { selfTestKernels } from '../../kernels/self-test/self-test.js';
import { openBrowserGpu } from '../../models/memmamba/create-engine.js';
import { messageOf } from '../../kernels/message.js';

/** Limits that decide what runs; the rest of the list says little. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'minStorageBufferOffsetAlignment',
] as const;

type AdapterReport = Pick<CheckReport, 'adapter' | 'webgpuError' | 'selfTest'>;

/**
 * Looks at the graphics processor from where the engine would use it, runs every kernel on it, and starts
 * the engine.
 */
export async function checkDevice(start: () => Promise<EngineInfo>): Promise<CheckReport> {
  const adapter = await checkAdapter();
  const engine = await start().then(
    (info) => ({ engine: info }),
    (error: unknown) => ({ engine: null, engineError: messageOf(error) }),
  );
  return { userAgent: navigator.userAgent, ...adapter, ...engine };
}

async function checkAdapter(): Promise<AdapterReport> {
  try {
    const { adapter, device, name, software } = await openBrowserGpu();
    const report = {
      description: name,
      software,
      features: [...adapter.features].sort(),
      limits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
    };
    try {
      return { adapter: report, selfTest: await selfTestKernels(createGpu(device)) };
    } finally {
      device.destroy();
    }
  } catch (error) {
    return { adapter: null, webgpuError: messageOf(error), selfTest: [] };
  }
}
