import { createEngine, type ChosenEngine } from '../memmamba/create-engine.js';
import { EngineUnavailableError } from '../memmamba/errors.js';
import type { EngineOption } from './command-line.js';
import type { LoadedModel } from './model-folder.js';
import { nodeRuntimeFiles, openOrtGpu } from './node-webgpu.js';

/**
 * Starts the engine that `--engine` asks for.
 *
 * @throws {EngineUnavailableError} where it cannot run here
 */
export async function startEngine(option: EngineOption, { model }: LoadedModel): Promise<ChosenEngine> {
  if (option === 'cpu-int8') {
    throw new EngineUnavailableError(
      'There is no cpu-int8 engine in this version. Use --engine cpu, which is slower and exact.',
    );
  }
  return createEngine(option, { model, runtime: nodeRuntimeFiles, openGpu: openOrtGpu });
}
