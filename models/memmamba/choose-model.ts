import { createEngine, type ChosenEngine, type EngineChoice, type EngineSources } from './create-engine.js';
import { EngineUnavailableError } from './errors.js';
import { SHIPPED_MODELS, type ModelName } from './shipped-models.js';
import type { MemMambaModel } from './weights.js';

/** `auto` takes `base` where a GPU reads, else `tiny`; the others force one model. */
export type ModelChoice = 'auto' | ModelName;

export interface ModelSources extends Omit<EngineSources, 'model'> {
  /** Reads a model's files; called for no model but those that are started. */
  readonly load: (name: ModelName) => Promise<MemMambaModel>;
  /** Default: what this installation holds. */
  readonly shipped?: readonly ModelName[];
}

export interface ChosenModel extends ChosenEngine {
  readonly model: ModelName;
}

/**
 * Starts an engine with the model that suits it. The reason says why it is this engine, and then why this model.
 *
 * @throws {EngineUnavailableError} if the model is not part of this installation, or as of {@link createEngine}.
 */
export async function createEngineAndModel(
  engine: EngineChoice,
  model: ModelChoice,
  { load, shipped = SHIPPED_MODELS, ...sources }: ModelSources,
): Promise<ChosenModel> {
  const start = async (name: ModelName, why: (chosen: ChosenEngine) => string): Promise<ChosenModel> => {
    const chosen = await createEngine(engine, { ...sources, model: await load(name) });
    return { ...chosen, model: name, reason: `${chosen.reason} ${why(chosen)}` };
  };
  if (model !== 'auto') {
    if (!shipped.includes(model)) {
      throw new EngineUnavailableError(
        `The model ${model} is not part of this installation, which has ${shipped.join(' and ')}. ` +
          'Choose one of these, or auto.',
      );
    }
    return start(model, () => `The model ${model} was asked for.`);
  }
  if (!shipped.includes('base'))
    return start('tiny', () => 'The model is tiny, the one of this installation.');
  const small = () => start('tiny', () => 'The model is tiny, the faster one where there is no GPU.');
  if (!(await hasHardware(engine, sources.openGpu))) return small();
  const chosen = await start('base', () => 'The model is base, because a GPU reads.');
  if (chosen.engine.name === 'webgpu') return chosen;
  await chosen.engine.dispose();
  return small();
}

/** Whether the engine may come to run on a GPU that is no software. */
async function hasHardware(engine: EngineChoice, openGpu: EngineSources['openGpu']): Promise<boolean> {
  if (engine !== 'auto' && engine !== 'webgpu') return false;
  const gpu = await openGpu().catch(() => undefined);
  gpu?.device.destroy();
  return gpu !== undefined && !gpu.software;
}
