import { CpuEngine, type CpuEngineOptions } from '../../models/memmamba/cpu/cpu-engine.js';
import { Safetensors } from '../../models/memmamba/safetensors.js';
import { loadModel, modelOf, type MemMambaModel } from '../../models/memmamba/weights.js';
import type { DenseName } from '../../models/memmamba/webgpu/webgpu-dense.js';
import type { TensorSource } from '../../models/memmamba/trained.js';
import { WebGpuEngine } from '../../models/memmamba/webgpu/webgpu-engine.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/cli/node-webgpu.js';
import { prepareSimd } from '../../models/cli/simd.js';
import { MICRO, modelFiles, repositoryFile } from '../support/model-files.js';

prepareSimd();

export function microModel(): Promise<MemMambaModel> {
  return loadModel(modelFiles(MICRO));
}

/** The micro model as if it had been trained without heads beside the language model's. */
export async function headlessModel(): Promise<MemMambaModel> {
  const { config, graphs } = await microModel();
  const file = 'model.safetensors';
  const tensors = new Safetensors(await repositoryFile(`${MICRO}/${file}`), file);
  const source: TensorSource = {
    names: tensors.names.filter((name) => !/(^|\.)(sentence|passages|reader)\./u.test(name)),
    take: (...args) => tensors.take(...args),
    matrix: (...args) => tensors.matrix(...args),
  };
  return modelOf(config, source, graphs);
}

export async function startCpu(options: CpuEngineOptions = {}, model = microModel()): Promise<CpuEngine> {
  return CpuEngine.create(await model, options);
}

/** A WebGPU engine with its device, for tests that take the device away. */
export interface StartedGpu {
  readonly engine: WebGpuEngine;
  readonly device: GPUDevice;
}

export async function startGpu(
  segmentLength = 128,
  dense: DenseName = 'ort',
  model = microModel(),
): Promise<StartedGpu> {
  const { device, name } = await openOrtGpu();
  const engine = await WebGpuEngine.create(await model, {
    wasm: () => nodeRuntimeFiles.read('ort-wasm-simd-threaded.asyncify.wasm'),
    dense,
    device,
    description: name,
    segmentLength,
  });
  return { engine, device };
}
