import { existsSync } from 'node:fs';
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

/** Opens the default adapter, or SwiftShader where there is no GPU. */
export async function openNodeGpu(): Promise<NodeGpu> {
  const adapter = await openNodeAdapter();
  const device = await requestGpuDevice(adapter);
  const software = adapter.info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(describeAdapter(adapter));
  return { ...createGpu(device), adapter, name: describeAdapter(adapter), software };
}

/**
 * Makes `navigator.gpu` and WebGPU's constants global, as in a browser, and returns the adapter. Dawn
 * reads the list of Vulkan drivers once a process, at its first instance.
 */
export async function openNodeAdapter(): Promise<GPUAdapter> {
  if (!hasHardwareDriver() && process.env.VK_ICD_FILENAMES === undefined) {
    const software = SWIFTSHADER.find((path) => existsSync(path));
    if (software === undefined) throw new Error(`no Vulkan driver was found. ${ADVICE}`);
    process.env.VK_ICD_FILENAMES = software;
  }
  const gpu = await instance();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error(`Dawn found no WebGPU adapter. ${ADVICE}`);
  return adapter;
}

let shared: Promise<GPU> | undefined;

/** One Dawn instance a process; it must not be collected while a device lives. */
function instance(): Promise<GPU> {
  shared ??= import('webgpu').then(({ create, globals }) => {
    Object.assign(globalThis, globals);
    return create([]);
  });
  return shared;
}

/** A kernel driver's device node; Mesa's software Vulkan, which Dawn refuses, does not have one. */
function hasHardwareDriver(): boolean {
  return process.platform !== 'linux' || existsSync('/dev/dri') || existsSync('/dev/nvidiactl');
}
