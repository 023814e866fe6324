import { BindGroups } from './bind-groups.js';
import { PipelineCache } from './pipeline.js';
import { Scratch } from './scratch.js';

/** A WebGPU device with what the kernels keep for it: compiled pipelines, bind groups, scratch buffers. */
export interface Gpu {
  readonly device: GPUDevice;
  readonly pipelines: PipelineCache;
  readonly bindGroups: BindGroups;
  readonly scratch: Scratch;
}

/**
 * Wraps a device, which may be shared with others (ONNX Runtime). Use one `Gpu` a device: its caches die
 * with it.
 */
export function createGpu(device: GPUDevice): Gpu {
  const pipelines = new PipelineCache(device);
  return { device, pipelines, bindGroups: new BindGroups(device), scratch: new Scratch(device) };
}

/** Features that the kernels or ONNX Runtime use where the adapter has them. */
const WANTED_FEATURES = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/**
 * Requests a device with all that the adapter offers of the limits and features we use; the default
 * limits would cap bindings at 128 MiB.
 *
 * @throws {Error} if the adapter gives no device, for example because it gave one before
 */
export async function requestGpuDevice(adapter: GPUAdapter, label = 'MemMamba'): Promise<GPUDevice> {
  const requiredFeatures = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  try {
    return await adapter.requestDevice({ label, requiredFeatures, requiredLimits });
  } catch (cause) {
    throw new Error(
      `the WebGPU adapter "${describeAdapter(adapter)}" gave no device; if it was used before, ask for a new ` +
        'adapter, else update the graphics driver or choose the CPU engine',
      { cause },
    );
  }
}

/** One line that names the adapter, for reports and for the choice of engine. */
export function describeAdapter(adapter: GPUAdapter): string {
  const { vendor, architecture, device, description } = adapter.info;
  const words = [description || device, vendor, architecture].filter((word) => word !== '');
  return words.length > 0 ? words.join(', ') : 'unnamed adapter';
}
