import { describe, expect, it } from 'vitest';
import { createEngineAndModel, type ModelChoice } from '../../models/memmamba/choose-model.js';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import type { ModelName } from '../../models/memmamba/shipped-models.js';
import { microModel } from './engines.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/cli/node-webgpu.js';

const BOTH: readonly ModelName[] = ['base', 'tiny'];

/** Starts the micro model under the names of those that ship; says which was loaded, in order. */
async function start(engine: EngineChoice, model: ModelChoice, shipped = BOTH, openGpu = openOrtGpu) {
  const loaded: ModelName[] = [];
  const chosen = await createEngineAndModel(engine, model, {
    shipped,
    load: (name) => {
      loaded.push(name);
      return microModel();
    },
    runtime: nodeRuntimeFiles,
    openGpu,
  });
  await chosen.engine.dispose();
  return { ...chosen, loaded };
}

const noGpu = () => Promise.reject(new Error('none here'));

describe('the choice of a model', () => {
  it.each(['cpu', 'cpu-int8'] as const)('is tiny where the engine is %s', async (engine) => {
    const { model, loaded, reason } = await start(engine, 'auto');
    expect([model, loaded]).toEqual(['tiny', ['tiny']]);
    expect(reason).toMatch(/^The CPU engine .* The model is tiny, the faster one where there is no GPU\.$/);
  });

  it('is tiny without a GPU, and reads no file of base', async () => {
    const { model, loaded, engine } = await start('auto', 'auto', BOTH, noGpu);
    expect([model, loaded, engine.name]).toEqual(['tiny', ['tiny'], 'cpu']);
  });

  it('is tiny on a software adapter', async () => {
    const { model, loaded, engine } = await start('auto', 'auto');
    expect([model, loaded, engine.name]).toEqual(['tiny', ['tiny'], 'cpu']);
  });

  it('is base on an adapter that is hardware', async () => {
    // The look at the adapter takes it for hardware; the engine itself then treats it as what it is, or its start would
    // take minutes. Forced, because `auto` would go back to the CPU, which is faster.
    let looks = 0;
    const hardware = async () => {
      const gpu = await openOrtGpu();
      return { ...gpu, software: looks++ > 0 && gpu.software };
    };
    const { model, loaded, engine, reason } = await start('webgpu', 'auto', BOTH, hardware);
    expect([model, loaded, engine.name]).toEqual(['base', ['base'], 'webgpu']);
    expect(reason).toContain('The model is base, because a GPU reads.');
  }, 120_000);

  it('is the one that was asked for', async () => {
    const { model, loaded, reason } = await start('cpu', 'base');
    expect([model, loaded]).toEqual(['base', ['base']]);
    expect(reason).toContain('The model base was asked for.');
  });

  it('is tiny where base is not part of the installation, and an error where that was asked for', async () => {
    expect((await start('cpu', 'auto', ['tiny'])).loaded).toEqual(['tiny']);
    await expect(start('cpu', 'base', ['tiny'])).rejects.toThrow(
      'The model base is not part of this installation, which has tiny. Choose one of these, or auto.',
    );
  });
});
