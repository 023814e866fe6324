import type { CheckReport, EngineInfo } from '../extension/protocol.js';
import { createGpu, describeAdapter, requestGpuDevice } from '../kernels/gpu/device.js';
import { selfTestKernels } from '../kernels/self-test/self-test.js';

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
    (error: unknown) => ({ engine: null, engineError: message(error) }),
  );
  return { userAgent: navigator.userAgent, ...adapter, ...engine };
}

async function checkAdapter(): Promise<AdapterReport> {
  const none = (webgpuError: string): AdapterReport => ({ adapter: null, webgpuError, selfTest: [] });
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (!gpu) return none('This VS Code has WebGPU switched off (there is no navigator.gpu).');
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return none('WebGPU is there, but gives no adapter.');
    const description = describeAdapter(adapter);
    const report = {
      description,
      software:
        adapter.info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(description),
      features: [...adapter.features].sort(),
      limits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    };
    const device = await requestGpuDevice(adapter, 'MemMamba self-test');
    try {
      return { adapter: report, selfTest: await selfTestKernels(createGpu(device)) };
    } finally {
      device.destroy();
    }
  } catch (error) {
    return none(message(error));
  }
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));
