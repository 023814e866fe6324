import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createGpu, describeAdapter, requestGpuDevice, type Gpu } from '../gpu/device.js';

/** WebGPU in Node: Dawn from npm `webgpu`, on a GPU's Vulkan driver or on SwiftShader. */
export interface NodeGpu extends Gpu {
  readonly adapter: GPUAdapter;
  /** The adapter's description. */
  readonly name: string;
  /** True for a software adapter. */
  readonly software: boolean;
}

/** Where Debian's and Ubuntu's Chromium packages, and Google's, put the description of SwiftShader. */
const SWIFTSHADER = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

const ADVICE =
  'WebGPU in Node needs a Vulkan driver. Without a GPU, Chromium brings a software one: ' +
  'sudo apt-get install --yes chromium libvulkan1';

/**
 * Opens the default adapter, or SwiftShader where there is no GPU. `options` are Dawn's, for example
 * `disable-dawn-features=timestamp_quantization` for a benchmark that needs exact times.
 *
 * @throws {Error} if there is no adapter, as of {@link openNodeAdapter}, or it gives no device
 */
export async function openNodeGpu(options: readonly string[] = []): Promise<NodeGpu> {
  const adapter = await openNodeAdapter(options);
  const device = await requestGpuDevice(adapter);
  const software = adapter.info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(describeAdapter(adapter));
  return { ...createGpu(device), adapter, name: describeAdapter(adapter), software };
}

/**
 * The adapter of the GPU, or SwiftShader's where there is none or its driver is too old for Dawn. Whoever sets
 * VK_ICD_FILENAMES chooses the driver himself. Makes WebGPU's constants global, as they are in a browser.
 *
 * @throws {Error} if npm `webgpu` or a Vulkan driver is missing, or Dawn finds no adapter
 */
export async function openNodeAdapter(options: readonly string[] = []): Promise<GPUAdapter> {
  const chosen = process.env.VK_ICD_FILENAMES !== undefined;
  if (chosen || mayHaveGpu()) {
    const adapter = await requestAdapter(options);
    if (adapter) return adapter;
  }
  if (chosen) {
    throw new Error(
      `Dawn found no WebGPU adapter with VK_ICD_FILENAMES=${process.env.VK_ICD_FILENAMES ?? ''}. ${ADVICE}`,
    );
  }
  const software = SWIFTSHADER.find((path) => existsSync(path));
  if (software === undefined) throw new Error(`no Vulkan driver was found. ${ADVICE}`);
  process.env.VK_ICD_FILENAMES = software;
  const adapter = await requestAdapter(options);
  if (!adapter) throw new Error(`Dawn found no WebGPU adapter with ${software}. ${ADVICE}`);
  return adapter;
}

/** Dawn's instances; a device dies with its instance, so they live as long as the process. */
const instances: GPU[] = [];

/** Asks a new instance, which reads the list of Vulkan drivers anew. */
async function requestAdapter(options: readonly string[]): Promise<GPUAdapter | null> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  // SwiftShader complains on standard error where there is none.
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  const gpu = create([...options]);
  instances.push(gpu);
  return gpu.requestAdapter({ powerPreference: 'high-performance' });
}

/** False where no kernel driver has a device node: Mesa's software Vulkan alone, which Dawn refuses. */
function mayHaveGpu(): boolean {
  return process.platform !== 'linux' || existsSync('/dev/dri') || existsSync('/dev/nvidiactl');
}
