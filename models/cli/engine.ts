import { createEngine, type ChosenEngine } from '../memmamba/create-engine.js';
import type { EngineChoice } from '../memmamba/create-engine.js';
import type { LoadedModel } from './model-folder.js';
import { nodeRuntimeFiles, openOrtGpu } from './node-webgpu.js';
import { prepareSimd } from './simd.js';

/**
 * Starts the engine that `--engine` asks for.
 *
 * @throws {EngineUnavailableError} where it cannot run here
 */
export async function startEngine(option: EngineChoice, { model }: LoadedModel): Promise<ChosenEngine> {
  prepareSimd();
  return createEngine(option, { model, runtime: nodeRuntimeFiles, openGpu: openOrtGpu });
}
