import { CpuEngine } from '../memmamba/cpu-engine.js';
import type { Engine } from '../memmamba/engine.js';
import { EngineUnavailableError } from '../memmamba/errors.js';
import type { EngineOption } from './command-line.js';
import { wasmRuntime, type LoadedModel } from './model-folder.js';

/** Starts the engine that `--engine` asks for. */
export async function startEngine(option: EngineOption, { model }: LoadedModel): Promise<Engine> {
  if (option === 'cpu-int8') {
    throw new EngineUnavailableError(
      'There is no cpu-int8 engine in this version; use --engine cpu, which is exact.',
    );
  }
  return CpuEngine.create(model, await wasmRuntime());
}
