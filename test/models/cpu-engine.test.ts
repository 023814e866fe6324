import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { loadModel, type MemMambaModel } from '../../models/memmamba/weights.js';
import { microModel, startCpu } from './engines.js';
import { Golden, MICRO, modelFiles } from '../support/model-files.js';
import { argmaxRows, readAll } from './reading.js';

/** ΣΔ is not among them: it is added up segment by segment. */
const KEYS = ['logits', 'scores', 'archiveNotes', 'salience', 'weights', 'queries', 'updates'] as const;

const TINY = 'models/artifacts/tiny';

describe.each(['f32', 'int8'] as const)('the CPU engine, %s', (precision) => {
  it.each([false, true])(
    'gives the same bits whatever the length of the segments, relaxed vectors %s',
    async (relaxed) => {
      const tokens = (await Golden.read(MICRO)).tokens.subarray(0, 200);
      const engine = await startCpu({ precision, relaxed, segmentLength: 200 });
      const whole = await readAll(engine, engine.createState(), tokens, 200);
      for (const length of [1, 7, 50, 64]) {
        const parts = await readAll(engine, engine.createState(), tokens, length);
        for (const key of KEYS) expect(parts[key], `${key}, segments of ${length}`).toEqual(whole[key]);
        expect(parts.poolPositions).toEqual(whole.poolPositions);
      }
      await engine.dispose();
    },
  );

  it('makes salience in f32 of what the archive layers read', async () => {
    const model = await microModel();
    const { dModel } = model.config;
    const tokens = (await Golden.read(MICRO)).tokens.subarray(0, 60);
    const engine = await startCpu({ precision });
    const options = { trace: true, noteStreams: true };
    const { trace, noteStreams } = await engine.forward(engine.createState(), tokens, options);
    let expected = 0;
    model.sentence.forEach(({ weight, bias }, layer) => {
      expected += weight.reduce((sum, w, d) => sum + w * noteStreams![layer * dModel + d]!, bias);
    });
    expect(model.sentence).toHaveLength(2);
    expect(Math.abs(expected)).toBeGreaterThan(0.01);
    expect(trace!.salience!.at(-1)).toBeCloseTo(expected, 4);
    await engine.dispose();
  });
});

/** What eight-bit weights cost, on text. Tolerances of `cpu-int8` against `cpu`; `docs/runtime.md` states them. */
describe('the model that ships, in eight bits', () => {
  let model: MemMambaModel;
  let tokens: Uint32Array;
  const logits: Record<string, Float32Array> = {};
  const engines: Engine[] = [];

  beforeAll(async () => {
    model = await loadModel(modelFiles(TINY));
    ({ tokens } = await Golden.read(TINY));
    for (const precision of ['f32', 'int8'] as const) {
      const engine = await CpuEngine.create(model, { precision, segmentLength: 1024 });
      engines.push(engine);
      const result = await engine.forward(engine.createState(), tokens, { logits: 'all' });
      logits[precision] = result.logits!;
    }
  });

  afterAll(() => Promise.all(engines.map((engine) => engine.dispose())));

  /** Log-probabilities of every next token, (L, vocabSize). */
  const logProbabilities = (rows: Float32Array): Float64Array => {
    const { vocabSize } = model.config;
    const out = Float64Array.from(rows);
    for (let at = 0; at < out.length; at += vocabSize) {
      const row = out.subarray(at, at + vocabSize);
      const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
      const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top;
      row.forEach((value, i) => (row[i] = value - total));
    }
    return out;
  };

  it('is called so', () => {
    expect(engines.map(({ name }) => name)).toEqual(['cpu', 'cpu-int8']);
  });

  it('diverges by less than 0.003 nats a token, and hardly another token is the best', () => {
    const { vocabSize } = model.config;
    const [plain, small] = [logProbabilities(logits.f32!), logProbabilities(logits.int8!)];
    let divergence = 0;
    let loss = 0;
    for (let t = 0; t + 1 < tokens.length; t++) {
      const row = t * vocabSize;
      for (let i = row; i < row + vocabSize; i++) {
        divergence += Math.exp(plain[i]!) * (plain[i]! - small[i]!);
      }
      loss += plain[row + tokens[t + 1]!]! - small[row + tokens[t + 1]!]!;
    }
    const count = tokens.length - 1;
    const best = [argmaxRows(logits.f32!, vocabSize), argmaxRows(logits.int8!, vocabSize)];
    const changed = best[0]!.filter((token, t) => token !== best[1]![t]).length / tokens.length;
    expect(divergence / count).toBeGreaterThan(0);
    expect(divergence / count).toBeLessThan(0.003);
    expect(Math.abs(loss / count)).toBeLessThan(0.005);
    expect(changed).toBeLessThan(0.03);
  });

  it('answers the question that the text ends with', () => {
    // The last seven tokens are a space, the five digits and the line's end.
    const start = tokens.length - 7;
    const best = argmaxRows(logits.int8!, model.config.vocabSize);
    expect([...best.subarray(start - 1, tokens.length - 1)]).toEqual([...tokens.subarray(start)]);
  });
});
