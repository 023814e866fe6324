import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../models/memmamba/engine.js';
import { loadModel, type MemMambaModel } from '../../models/memmamba/weights.js';
import { headlessModel, startCpu, startGpu } from './engines.js';
import { Golden, MICRO, modelFiles } from '../support/model-files.js';
import { argmaxRows, firstRows, maxDifference, readAll, takeRows, type Reading } from './reading.js';

/** Largest error of a logit, in f32, against the PyTorch reference. */
const LOGIT_TOLERANCE = 1e-3;
/** Largest error of scores, notes, attention weights and updates. */
const TOLERANCE = 1e-4;

type Model = Promise<MemMambaModel>;

/**
 * One row an engine: how many of the reference's 1,000 tokens it reads (software WebGPU is slow) and in
 * segments of which length.
 */
const ENGINES = [
  { name: 'cpu', start: (model?: Model) => startCpu({ segmentLength: 512 }, model), tokens: 1000 },
  {
    name: 'webgpu',
    start: async (model?: Model) => (await startGpu(128, 'wgsl', model)).engine,
    tokens: 320,
  },
  {
    name: 'webgpu, ONNX Runtime',
    start: async (model?: Model) => (await startGpu(128, 'ort', model)).engine,
    tokens: 320,
  },
] as const;

describe.each(ENGINES)('the $name engine agrees with the PyTorch reference', ({ start, tokens: count }) => {
  let golden: Golden;
  let engine: Engine;
  let tokens: Uint32Array;
  /** Rows of the reference among the tokens read, and how many the reference has in all. */
  let rows: Int32Array;
  let all: number;
  let reading: Reading;

  beforeAll(async () => {
    golden = await Golden.read(MICRO);
    tokens = golden.tokens.subarray(0, count);
    all = golden.ints('rows').length;
    rows = golden.ints('rows').filter((row) => row < count);
    engine = await start();
    reading = await readAll(engine, engine.createState(), tokens, engine.segmentLength);
  });

  afterAll(() => engine.dispose());

  /** The reference's rows of a (outer, rows, width) array, as far as this engine reads. */
  const expected = (name: string, outer: number) => firstRows(golden.floats(name), outer, all, rows.length);

  it('in its logits, and in the best token at every position', () => {
    const { vocabSize } = engine.config;
    const kept = takeRows(reading.logits, 1, count, rows);
    expect(maxDifference(kept, expected('logits', 1))).toBeLessThan(LOGIT_TOLERANCE);
    expect(argmaxRows(reading.logits, vocabSize)).toEqual(golden.ints('argmax').subarray(0, count));
  });

  it('with the pool off', async () => {
    const off = await readAll(engine, engine.createState(), tokens, engine.segmentLength, { pool: 'off' });
    const kept = takeRows(off.logits, 1, count, rows);
    expect(maxDifference(kept, expected('logits_off', 1))).toBeLessThan(LOGIT_TOLERANCE);
    expect(maxDifference(off.weights, new Float32Array(off.weights.length))).toBe(0);
  });

  it('in scores, pools, notes, attention and updates', () => {
    const { nLayer, archiveLayers, poolSize, chunk } = engine.config;
    const scores = firstRows(golden.floats('scores'), nLayer, 1000, count);
    expect(maxDifference(reading.scores, scores)).toBeLessThan(TOLERANCE);
    const chunks = Math.floor(count / chunk);
    expect([...reading.chunkEnds]).toEqual(Array.from({ length: chunks }, (_, i) => (i + 1) * chunk));
    const pools = golden.ints('pool_positions');
    const perLayer = pools.length / nLayer;
    for (let layer = 0; layer < nLayer; layer++) {
      const size = chunks * poolSize;
      const own = reading.poolPositions.subarray(layer * size, (layer + 1) * size);
      expect(own).toEqual(pools.subarray(layer * perLayer, layer * perLayer + size));
    }
    const archive = archiveLayers.length;
    const notes = takeRows(reading.archiveNotes, archive, count, rows);
    expect(maxDifference(notes, expected('notes', archive))).toBeLessThan(TOLERANCE);
    const weights = takeRows(reading.weights, nLayer, count, rows);
    expect(maxDifference(weights, expected('weights', nLayer))).toBeLessThan(TOLERANCE);
    const updates = takeRows(reading.updates, nLayer, count, rows);
    expect(maxDifference(updates, expected('updates', nLayer))).toBeLessThan(TOLERANCE);
  });

  it('in the salience of every token', () => {
    const expectedSalience = golden.floats('salience').subarray(0, count);
    expect(maxDifference(reading.salience, expectedSalience)).toBeLessThan(TOLERANCE);
    // Salience differs from token to token, by far more than it may be wrong.
    expect(Math.max(...expectedSalience) - Math.min(...expectedSalience)).toBeGreaterThan(1);
  });

  it('in what the archive layers read at the last token: their notes are made of it', async () => {
    const { archiveLayers, dModel, noteDim } = engine.config;
    const { layers } = await loadModel(modelFiles(MICRO));
    const length = Math.min(60, engine.segmentLength);
    const options = { trace: true, noteStreams: true };
    const read = await engine.forward(engine.createState(), tokens.subarray(0, length), options);
    for (const [a, layer] of archiveLayers.entries()) {
      const v = read.noteStreams!.subarray(a * dModel, (a + 1) * dModel);
      const { noteProj } = layers[layer]!;
      // Columns score, gate, note.
      const note = Array.from({ length: noteDim }, (_, n) =>
        v.reduce((sum, value, d) => sum + value * noteProj[d * (2 + noteDim) + 2 + n]!, 0),
      );
      const at = (a * length + length - 1) * noteDim;
      expect(maxDifference(note, read.trace!.archiveNotes.subarray(at, at + noteDim))).toBeLessThan(
        TOLERANCE,
      );
    }
  });
});

describe.each(ENGINES)('the $name engine with a model that has no sentence head', ({ start }) => {
  it('reads the same, and no salience', async () => {
    const golden = await Golden.read(MICRO);
    const engine = await start(headlessModel());
    const tokens = golden.tokens.subarray(0, 40);
    const options = { trace: true, attention: true, logits: 'all' } as const;
    const { trace, attention, logits } = await engine.forward(engine.createState(), tokens, options);
    expect(trace).not.toHaveProperty('salience');
    const { nLayer, vocabSize, archiveLayers, nHeads, noteDim } = engine.config;
    const scores = firstRows(golden.floats('scores'), nLayer, 1000, tokens.length);
    expect(maxDifference(trace!.scores, scores)).toBeLessThan(TOLERANCE);
    expect(argmaxRows(logits!, vocabSize)).toEqual(golden.ints('argmax').subarray(0, tokens.length));
    expect(attention!.queries).toHaveLength(archiveLayers.length * tokens.length * nHeads * noteDim);
    await engine.dispose();
  });
});

describe('the CPU engine agrees with the PyTorch reference at the end of the sequence', () => {
  let golden: Golden;
  let engine: Engine;

  beforeAll(async () => {
    golden = await Golden.read(MICRO);
    engine = await startCpu({ segmentLength: 1000 });
  });

  afterAll(() => engine.dispose());

  it('in the state', async () => {
    const state = engine.createState();
    await engine.forward(state, golden.tokens);
    const { position, layers } = await engine.snapshot(state);
    expect(position).toBe(golden.tokens.length);
    const h = layers.flatMap((layer) => [...layer.h]);
    expect(maxDifference(h, golden.floats('h'))).toBeLessThan(1e-5);
    const tails = layers.flatMap((layer) => [...layer.convTail]);
    expect(maxDifference(tails, golden.floats('conv_tail'))).toBeLessThan(TOLERANCE);
  });

  it('in retention and in ETMF', async () => {
    const { nLayer, dInner } = engine.config;
    const { tokens } = golden;
    const after = new Float64Array(nLayer * dInner);
    const lags = [...golden.ints('lags')];
    const decay = await engine.decay(engine.createState(), tokens, { after, lags });
    const kept = takeRows(decay.retention, nLayer, tokens.length, golden.ints('rows'));
    expect(maxDifference(kept, golden.floats('retention'))).toBeLessThan(1e-5);
    expect(maxDifference(decay.etmf!, golden.floats('etmf'))).toBeLessThan(1e-5);
    expect([...decay.etmfCount!]).toEqual(lags.map((lag) => tokens.length - lag));
  });
});
