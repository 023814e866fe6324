import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentMemory } from '../../../models/document/index.js';
import type { CpuEngine } from '../../../models/memmamba/cpu/cpu-engine.js';
import { PASSAGE_DIMS } from '../../../models/memmamba/passage-head.js';
import { DocumentText } from '../../../models/reading/document-text.js';
import { layoutOf } from '../../../models/reading/layout.js';
import { PassageSumStore } from '../../../models/reading/passage-sums.js';
import { TokenIndex } from '../../../models/reading/token-index.js';
import { normed, PassageVectors, vectorOfQuery, weighted } from '../../../models/search/passage-vectors.js';
import { characterTokenizer as tokenizer, microEngine, pieces, prose } from '../../support/micro.js';

let engine: CpuEngine;
beforeAll(async () => {
  engine = await microEngine(64);
});
afterAll(() => engine.dispose());

const cosine = (a: Float32Array, b: Float32Array) => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/** A document as it is kept, and (tokens, 256) what each of its tokens adds. */
async function read(source: string) {
  const text = new DocumentText();
  text.append(source);
  const batch = tokenizer.encode(source);
  const tokens = new TokenIndex();
  const zeros = new Float32Array(batch.ids.length);
  tokens.append(batch, zeros, zeros, undefined);
  const sums = new PassageSumStore(1 << 20);
  const parts: Float32Array[] = [];
  const [state, single] = [engine.createState(), engine.createState()];
  for (let at = 0; at < batch.ids.length; at += 64) {
    const part = batch.ids.subarray(at, at + 64);
    const { passageSums } = await engine.forward(state, part, { passageSums: 'document' });
    sums.record(part.length, passageSums!);
  }
  for (const id of batch.ids) {
    parts.push(
      (await engine.forward(single, Uint32Array.of(id), { passageSums: 'document' })).passageSums!.slice(),
    );
  }
  return { layout: layoutOf(text), sums, tokens, parts };
}

describe('vectors of passages', () => {
  it('compare as the sums over their tokens do, but for tokens of blocks at their borders', async () => {
    const { layout, sums, tokens, parts } = await read(prose(1500));
    const query = await vectorOfQuery(engine, tokenizer, ' who built\n the mill', undefined);
    const found = new PassageVectors(sums, tokens, layout).cosines(query);
    expect(found).toHaveLength(layout.passages.length);
    expect(found.length).toBeGreaterThan(2);
    for (const [i, { start, end }] of layout.passages.entries()) {
      const own = new Float32Array(PASSAGE_DIMS);
      // A token is a character here.
      for (const part of parts.slice(start, end)) part.forEach((value, d) => (own[d]! += value));
      expect(Math.abs(found[i]! - cosine(own, query))).toBeLessThan(0.03);
    }
  });

  it('take the query from an empty state without the pool, in segments as well', async () => {
    const text = 'who built the old mill and when was it that its wheel turned';
    const { ids } = tokenizer.encode(`Query: ${text}`);
    expect(ids.length).toBeGreaterThan(engine.segmentLength);
    const state = engine.createState();
    const expected = new Float32Array(PASSAGE_DIMS);
    for (const id of ids.subarray(0, 64)) {
      const options = { pool: 'off', passageSums: 'query' } as const;
      const { passageSums } = await engine.forward(state, Uint32Array.of(id), options);
      passageSums!.forEach((value, d) => (expected[d]! += value));
    }
    const vector = await vectorOfQuery(engine, tokenizer, `  ${text}\n`, undefined);
    expect(cosine(vector, expected)).toBeCloseTo(1, 6);
  });

  it('are what passages are found by, and leave the document as it was', async () => {
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    await memory.read(pieces(prose(1500)));
    const before = memory.pool({ live: true });
    const found = await memory.passages({ query: 'the wheel', method: 'notes', top: 3 });
    expect(found[0]!.score).toBeLessThanOrEqual(1);
    expect(found[0]!.score).toBeGreaterThan(found[2]!.score);
    expect(memory.pool({ live: true })).toEqual(before);
    const fused = await memory.passages({ query: 'the wheel', top: 3 });
    expect(fused).toHaveLength(3);
    memory.dispose();
  });
});

describe('the sum of normed scores', () => {
  it('weighs deviations from the mean, whatever the scale', () => {
    const words = Float64Array.of(0, 0, 30, 10);
    const vectors = Float64Array.of(0.5, 0.7, 0.5, 0.7);
    const sum = weighted(normed(words), normed(vectors), 1);
    // Deviations of the vectors are 1 either way.
    const deviation = Math.sqrt((100 + 100 + 400 + 0) / 4);
    expect([...sum].map((value) => Number(value.toFixed(9)))).toEqual(
      [-10 / deviation - 1, -10 / deviation + 1, 20 / deviation - 1, 1].map((v) => Number(v.toFixed(9))),
    );
  });

  it('lets scores that are all alike decide nothing', () => {
    const [first, second] = weighted(normed(Float64Array.of(3, 3)), normed(Float64Array.of(0.25, 0.75)), 2);
    expect([first, second]).toEqual([-2, 2]);
  });
});
