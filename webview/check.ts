import type { CheckReport, EngineInfo } from '../extension/protocol.js';

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

/** Looks at the graphics processor from where the engine would use it, and starts the engine. */
export async function checkDevice(start: () => Promise<EngineInfo>): Promise<CheckReport> {
  const adapter = await describeAdapter();
  const engine = await start().then(
    (info) => ({ engine: info }),
    (error: unknown) => ({
      engine: null,
      engineError: error instanceof Error ? error.message : String(error),
    }),
  );
  return { userAgent: navigator.userAgent, selfTest: [], ...adapter, ...engine };
}

async function describeAdapter(): Promise<Pick<CheckReport, 'adapter' | 'webgpuError'>> {
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (!gpu) return { adapter: null, webgpuError: 'This VS Code has WebGPU switched off (no navigator.gpu).' };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return { adapter: null, webgpuError: 'WebGPU is there, but no adapter.' };
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
    const names = [vendor, architecture, device, description].filter(Boolean);
    return {
      adapter: {
        description: names.join(' ') || 'unnamed adapter',
        software: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(names.join(' ')),
        features: [...adapter.features].sort(),
        limits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
      },
    };
  } catch (error) {
    return { adapter: null, webgpuError: error instanceof Error ? error.message : String(error) };
  }
}
