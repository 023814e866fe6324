import { expect, it } from 'vitest';
import { createEngine } from '../../models/memmamba/create-engine.js';
import { DeviceLostError, EngineUseError } from '../../models/memmamba/errors.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/cli/node-webgpu.js';
import { microModel, startGpu } from './engines.js';
import { Golden, MICRO } from '../support/model-files.js';
import { maxDifference } from './reading.js';

/** Each engine compiles its shaders anew, which takes software WebGPU up to a minute on a busy machine. */
const TIMEOUT_MS = 480_000;

it(
  'a lost device is told, calls fail by name, and a new engine goes on from the snapshot',
  async () => {
    const tokens = (await Golden.read(MICRO)).tokens.subarray(0, 60);
    const { engine, device } = await startGpu(64);
    const state = engine.createState();
    await engine.forward(state, tokens.subarray(0, 20));
    const snapshot = await engine.snapshot(state);

    const running = engine.forward(state, tokens.subarray(20, 40));
    device.destroy();
    expect(await engine.lost).toMatch(/destroyed/);
    await expect(running).rejects.toThrow(DeviceLostError);
    await expect(engine.forward(state, tokens.subarray(20, 40))).rejects.toThrow(DeviceLostError);
    expect(() => engine.createState()).toThrow(DeviceLostError);
    expect(state.position).toBe(20);
    await engine.dispose();

    const { engine: next } = await startGpu(64);
    const resumed = next.restore(snapshot);
    const { logits } = await next.forward(resumed, tokens.subarray(20), { logits: 'last' });
    const straight = await next.forward(next.createState(), tokens, { logits: 'last' });
    expect(maxDifference(logits!, straight.logits!)).toBeLessThan(2e-4);
    expect(() => next.cloneState(state)).toThrow(EngineUseError);
    await next.dispose();
  },
  TIMEOUT_MS,
);

it(
  'auto passes over a software adapter and says so; webgpu forces it',
  async () => {
    const sources = { model: await microModel(), runtime: nodeRuntimeFiles };
    const gpu = await openOrtGpu();
    const openGpu = () => Promise.resolve({ ...gpu, name: 'Soft Renderer', software: true });
    const automatic = await createEngine('auto', { ...sources, openGpu });
    expect(automatic.engine.name).toBe('cpu');
    expect(automatic.reason).toContain('Soft Renderer, is software');
    await automatic.engine.dispose();

    const openNone = () => Promise.reject(new Error('no adapter here'));
    const fallback = await createEngine('auto', { ...sources, openGpu: openNone });
    expect(fallback.engine.name).toBe('cpu');
    expect(fallback.reason).toContain('no adapter here');
    await fallback.engine.dispose();
    await expect(createEngine('webgpu', { ...sources, openGpu: openNone })).rejects.toThrow(
      'WebGPU is not available: no adapter here',
    );

    const forced = await createEngine('webgpu', { ...sources, openGpu: openOrtGpu });
    expect(forced.engine.name).toBe('webgpu');
    await forced.engine.forward(forced.engine.createState(), Uint32Array.of(1, 2, 3));
    await forced.engine.dispose();
  },
  TIMEOUT_MS,
);

it(
  'auto measures a GPU that claims to be one, and takes the faster engine',
  async () => {
    const sources = { model: await microModel(), runtime: nodeRuntimeFiles };
    const openGpu = async () => ({ ...(await openOrtGpu()), name: 'Slow Card', software: false });
    const { engine, reason } = await createEngine('auto', { ...sources, openGpu });
    expect(reason).toMatch(
      /Slow Card: about [\d.e+]+ tokens a second, the CPU: [\d.e+]+|Slow Card reads about/,
    );
    const state = engine.createState();
    await engine.forward(state, Uint32Array.of(1, 2, 3));
    expect(state.position).toBe(3);
    await engine.dispose();
  },
  TIMEOUT_MS,
);
