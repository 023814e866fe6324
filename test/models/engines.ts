import { CpuEngine, type CpuEngineOptions } from '../../models/memmamba/cpu-engine.js';
import { loadModel, type MemMambaModel } from '../../models/memmamba/weights.js';
import type { DenseName } from '../../models/memmamba/webgpu-dense.js';
import { WebGpuEngine } from '../../models/memmamba/webgpu-engine.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/runner/node-webgpu.js';
import { prepareSimd } from '../../models/runner/simd.js';
import { MICRO, modelFiles } from './fixtures.js';

prepareSimd();

export function microModel(): Promise<MemMambaModel> {
  return loadModel(modelFiles(MICRO));
}

export async function startCpu(options: CpuEngineOptions = {}): Promise<CpuEngine> {
  return CpuEngine.create(await microModel(), options);
}

/** A WebGPU engine with its device, for tests that take the device away. */
export interface StartedGpu {
  readonly engine: WebGpuEngine;
  readonly device: GPUDevice;
}

export async function startGpu(segmentLength = 128, dense: DenseName = 'ort'): Promise<StartedGpu> {
  const { device, name } = await openOrtGpu();
  const engine = await WebGpuEngine.create(await microModel(), {
    wasm: () => nodeRuntimeFiles.read('ort-wasm-simd-threaded.asyncify.wasm'),
    dense,
    device,
    description: name,
    segmentLength,
  });
  return { engine, device };
}
