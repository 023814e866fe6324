import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import type { ForwardResult } from '../../models/memmamba/engine.js';
import { loadModel } from '../../models/memmamba/weights.js';
import { SHIPPED_MODELS } from '../../models/memmamba/shipped-models.js';
import { Golden, modelFiles } from '../support/model-files.js';
import { argmaxRows, maxDifference, takeRows } from './reading.js';

/** Largest error of a logit, in f32. */
const TOLERANCE = 1e-3;
/** A best token may be another only where PyTorch's own margin to the second is no larger than this. */
const TIE = 2 * TOLERANCE;

/** Tokens of a book with a planted pass key; the last ones ask for it and answer. */
describe.each([...SHIPPED_MODELS])('%s agrees with the PyTorch reference', (name) => {
  const folder = `models/artifacts/${name}`;
  let golden: Golden;
  let engine: CpuEngine;
  let result: ForwardResult;

  beforeAll(async () => {
    golden = await Golden.read(folder);
    const model = await loadModel(modelFiles(folder));
    engine = await CpuEngine.create(model, { segmentLength: golden.tokens.length });
    result = await engine.forward(engine.createState(), golden.tokens, { logits: 'all', trace: true });
  });

  afterAll(() => engine.dispose());

  it('is called so', () => {
    expect(engine.config.name).toBe(name);
  });

  it('in its logits', () => {
    const kept = takeRows(result.logits!, 1, golden.tokens.length, golden.ints('rows'));
    expect(maxDifference(kept, golden.floats('logits'))).toBeLessThan(TOLERANCE);
  });

  it('in the best token at every position', () => {
    const best = argmaxRows(result.logits!, engine.config.vocabSize);
    const margin = golden.floats('margin');
    const others = golden.ints('argmax').filter((token, t) => token !== best[t] && margin[t]! > TIE);
    expect(others).toHaveLength(0);
  });

  it('in the scores, and in what the pools hold', () => {
    const { nLayer, poolSize } = engine.config;
    expect(maxDifference(result.trace!.scores, golden.floats('scores'))).toBeLessThan(TOLERANCE);
    const actual = result.trace!.poolPositions;
    const expected = golden.ints('pool_positions');
    expect(actual.length).toBe(expected.length);
    // Two scores may lie closer than a rounding: the same notes then stand in another order.
    const sorted = (positions: Int32Array, start: number) => positions.slice(start, start + poolSize).sort();
    for (let pool = 0; pool < actual.length; pool += poolSize) {
      const layer = Math.floor((pool * nLayer) / actual.length);
      expect(sorted(actual, pool), `layer ${layer}`).toEqual(sorted(expected, pool));
    }
  });

  it('in the salience of every token, where it has a sentence head', () => {
    const { salience } = result.trace!;
    expect(salience !== undefined).toBe(golden.has('salience'));
    if (salience) expect(maxDifference(salience, golden.floats('salience'))).toBeLessThan(TOLERANCE);
  });

  it('in the answer to the question that the text ends with', () => {
    const { tokens } = golden;
    const best = argmaxRows(result.logits!, engine.config.vocabSize);
    // The last seven tokens are a space, the five digits and the line's end.
    const start = tokens.length - 7;
    expect([...best.subarray(start - 1, tokens.length - 1)]).toEqual([...tokens.subarray(start)]);
  });

  it('in what its reader points at, where it has one', async () => {
    expect(engine.heads.reader).toBe(golden.has('read_tokens'));
    if (!engine.heads.reader) return;
    const reader = await engine.openReader();
    const rows = golden.ints('read_tokens');
    const places = golden.ints('read_places');
    const width = rows.length / (places.length / 2);
    for (let row = 0; 2 * row < places.length; row++) {
      const own = Uint32Array.from(rows.subarray(row * width, (row + 1) * width).filter((id) => id >= 0));
      const [asked, to] = [places[2 * row]!, places[2 * row + 1]!];
      const question = await reader.ask(own.subarray(0, asked));
      const [read] = await question.read([own.subarray(asked, to)], own.subarray(to));
      const range = [row * width + asked, row * width + to] as const;
      expect(Math.abs(question.none - golden.floats('read_none')[row]!)).toBeLessThan(TOLERANCE);
      expect(maxDifference(read!.start, golden.floats('read_start').subarray(...range))).toBeLessThan(
        TOLERANCE,
      );
      expect(maxDifference(read!.end, golden.floats('read_end').subarray(...range))).toBeLessThan(TOLERANCE);
      question.dispose();
    }
  });
});
