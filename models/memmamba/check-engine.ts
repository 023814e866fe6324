import type { Gpu } from '../../kernels/gpu/device.js';
import { messageOf } from '../../kernels/message.js';
import { selfTestKernels, type KernelCheck } from '../../kernels/self-test/self-test.js';

/** What a bug report needs to know about the engine; `Info` says what runs and why. */
export interface CheckReport<Info> {
  /** The WebGPU adapter, or null with the reason in `webgpuError`. */
  readonly adapter: {
    readonly description: string;
    readonly software: boolean;
    readonly features: readonly string[];
    readonly limits: Readonly<Record<string, number>>;
  } | null;
  readonly webgpuError?: string;
  /** One entry a kernel, run on the adapter against the CPU's implementation. */
  readonly selfTest: readonly KernelCheck[];
  /** The engine that the settings lead to here, or null with the reason in `engineError`. */
  readonly engine: Info | null;
  readonly engineError?: string;
}

/** A GPU as it was opened for a check. */
export interface CheckedGpu {
  readonly gpu: Gpu;
  readonly name: string;
  readonly software: boolean;
  /** Whose features and limits are told: those of the adapter, or of the device that was made. */
  readonly offers: Pick<GPUDevice, 'features' | 'limits'>;
}

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

/**
 * Looks at the GPU, runs every kernel on it, and starts the engine. Failures are part of the report.
 *
 * @param open opens a device, which is destroyed afterwards; rejects, saying why, where there is none
 * @param start starts the engine as the settings say
 */
export async function checkEngine<Info>(
  open: () => Promise<CheckedGpu>,
  start: () => Promise<Info>,
): Promise<CheckReport<Info>> {
  const adapter = await checkAdapter(open);
  const engine = await start().then(
    (info) => ({ engine: info }),
    (error: unknown) => ({ engine: null, engineError: messageOf(error) }),
  );
  return { ...adapter, ...engine };
}

async function checkAdapter(
  open: () => Promise<CheckedGpu>,
): Promise<Pick<CheckReport<never>, 'adapter' | 'webgpuError' | 'selfTest'>> {
  try {
    const { gpu, name, software, offers } = await open();
    const features = [...offers.features].sort();
    const limits = Object.fromEntries(LIMITS.map((limit) => [limit, offers.limits[limit]]));
    try {
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
