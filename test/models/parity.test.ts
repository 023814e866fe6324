import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CpuEngine } from '../../models/memmamba/cpu-engine.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { loadModel } from '../../models/memmamba/weights.js';
import { Golden, MICRO, modelFiles, wasmRuntime } from './fixtures.js';
import { argmaxRows, maxDifference, readAll, takeRows, type Reading } from './reading.js';

/** Largest error of a logit, in f32, against the PyTorch reference. */
const LOGIT_TOLERANCE = 1e-3;

describe('the CPU engine agrees with the PyTorch reference on the micro model', () => {
  let golden: Golden;
  let engine: Engine;
  let reading: Reading;

  beforeAll(async () => {
    golden = await Golden.read(MICRO);
    engine = await CpuEngine.create(await loadModel(modelFiles(MICRO)), wasmRuntime);
    reading = await readAll(engine, engine.createState(), golden.tokens, 512);
  });

  afterAll(() => engine.dispose());

  it('in its logits, and in the best token at every position', () => {
    const { vocabSize } = engine.config;
    const kept = takeRows(reading.logits, 1, golden.tokens.length, golden.ints('rows'));
    expect(maxDifference(kept, golden.floats('logits'))).toBeLessThan(LOGIT_TOLERANCE);
    expect(argmaxRows(reading.logits, vocabSize)).toEqual(golden.ints('argmax'));
  });

  it('with the pool off', async () => {
    const off = await readAll(engine, engine.createState(), golden.tokens, 512, { pool: 'off' });
    const kept = takeRows(off.logits, 1, golden.tokens.length, golden.ints('rows'));
    expect(maxDifference(kept, golden.floats('logits_off'))).toBeLessThan(LOGIT_TOLERANCE);
    expect(maxDifference(off.weights, new Float32Array(off.weights.length))).toBe(0);
  });

  it('in scores, pools, notes, attention and updates', () => {
    const { nLayer, archiveLayers } = engine.config;
    const length = golden.tokens.length;
    const rows = golden.ints('rows');
    expect(maxDifference(reading.scores, golden.floats('scores'))).toBeLessThan(1e-4);
    expect(reading.poolPositions).toEqual(golden.ints('pool_positions'));
    const notes = takeRows(reading.archiveNotes, archiveLayers.length, length, rows);
    expect(maxDifference(notes, golden.floats('notes'))).toBeLessThan(1e-4);
    const weights = takeRows(reading.weights, nLayer, length, rows);
    expect(maxDifference(weights, golden.floats('weights'))).toBeLessThan(1e-4);
    const updates = takeRows(reading.updates, nLayer, length, rows);
    expect(maxDifference(updates, golden.floats('updates'))).toBeLessThan(1e-4);
  });

  it('in the state after the last token', async () => {
    const state = engine.createState();
    await readAll(engine, state, golden.tokens, 512);
    const { position, layers } = await engine.snapshot(state);
    expect(position).toBe(golden.tokens.length);
    const h = layers.flatMap((layer) => [...layer.h]);
    expect(maxDifference(h, golden.floats('h'))).toBeLessThan(1e-5);
    const tails = layers.flatMap((layer) => [...layer.convTail]);
    expect(maxDifference(tails, golden.floats('conv_tail'))).toBeLessThan(1e-4);
  });

  it('in retention at the end and in ETMF', async () => {
    const { nLayer, dInner } = engine.config;
    const tokens = golden.tokens;
    const wide = await CpuEngine.create(await loadModel(modelFiles(MICRO)), wasmRuntime, {
      segmentLength: 1000,
    });
    const after = new Float64Array(nLayer * dInner);
    const lags = [...golden.ints('lags')];
    const decay = await wide.decay(wide.createState(), tokens, { after, lags });
    const kept = takeRows(decay.retention, nLayer, tokens.length, golden.ints('rows'));
    expect(maxDifference(kept, golden.floats('retention'))).toBeLessThan(1e-5);
    expect(maxDifference(decay.etmf!, golden.floats('etmf'))).toBeLessThan(1e-5);
    expect([...decay.etmfCount!]).toEqual(lags.map((lag) => tokens.length - lag));
    await wide.dispose();
  });
});
