import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LinearCka } from '../../../models/fidelity/memory-fidelity.js';
import { negativeLogProbability, perplexityByLength } from '../../../models/fidelity/perplexity.js';
import type { CpuEngine } from '../../../models/memmamba/cpu/cpu-engine.js';
import { characterTokenizer as tokenizer, microEngine, prose } from '../../support/micro.js';

/** Deterministic numbers that look random. */
function noise(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

describe('linear CKA', () => {
  const rows = 101;
  const columns = 6;
  const x = noise(rows * columns, 1);
  const value = (a: Float32Array, b: Float32Array, part = rows) => {
    const cka = new LinearCka(columns);
    for (let at = 0; at < rows; at += part) {
      const to = Math.min(rows, at + part) * columns;
      cka.add(a.subarray(at * columns, to), b.subarray(at * columns, to));
    }
    return cka.value;
  };

  it('is 1 for equal, scaled and shifted features', () => {
    expect(value(x, x)).toBeCloseTo(1, 10);
    expect(
      value(
        x,
        x.map((v) => 3 * v + 2),
      ),
    ).toBeCloseTo(1, 5);
  });

  it('is 1 for rotated features', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const rotated = x.map((v, i) =>
      i % columns === 0 ? c * v - s * x[i + 1]! : i % columns === 1 ? s * x[i - 1]! + c * v : v,
    );
    expect(value(x, rotated)).toBeCloseTo(1, 5);
  });

  it('equals the definition by Gram matrices', () => {
    const y = noise(rows * columns, 2).map((v, i) => v + 0.5 * x[i]!);
    const centred = (m: Float32Array) =>
      Array.from({ length: rows }, (_, r) =>
        Array.from({ length: columns }, (__, k) => {
          let mean = 0;
          for (let q = 0; q < rows; q++) mean += m[q * columns + k]! / rows;
          return m[r * columns + k]! - mean;
        }),
      );
    const gram = (m: number[][]) => m.map((a) => m.map((b) => a.reduce((sum, v, k) => sum + v * b[k]!, 0)));
    const [k, l] = [gram(centred(x)), gram(centred(y))];
    const dot = (a: number[][], b: number[][]) =>
      a.reduce((sum, row, i) => sum + row.reduce((s, v, j) => s + v * b[i]![j]!, 0), 0);
    const expected = dot(k, l) / Math.sqrt(dot(k, k) * dot(l, l));
    expect(value(x, y)).toBeCloseTo(expected, 8);
    for (const part of [1, 7, 50]) expect(value(x, y, part)).toBeCloseTo(expected, 8);
  });

  it('is low for unrelated features and 0 where nothing varies', () => {
    expect(value(x, noise(rows * columns, 99))).toBeLessThan(0.2);
    expect(value(x, new Float32Array(rows * columns).fill(1))).toBe(0);
  });
});

describe('perplexity', () => {
  let engine: CpuEngine;
  beforeAll(async () => {
    engine = await microEngine(50);
  });
  afterAll(() => engine.dispose());
  const text = prose(1000);
  const tokens = tokenizer.encode(text);

  it('takes −log softmax', () => {
    expect(negativeLogProbability(Float32Array.of(0, 0, 0, 0), 2)).toBeCloseTo(Math.log(4), 12);
    expect(negativeLogProbability(Float32Array.of(1000, 0), 1)).toBeCloseTo(1000, 6);
  });

  it('scores the same targets at every length, as one pass does', async () => {
    const results = await perplexityByLength(engine, tokens, text, [1, 120, 740], { windows: 1 });
    for (const { length, windows, nll, bitsPerByte } of results) {
      const state = engine.createState();
      const start = 740;
      let nats = 0;
      let logits: Float32Array | undefined;
      for (let t = start - length; t < start + 256; t++) {
        if (t >= start) nats += negativeLogProbability(logits!, tokens.ids[t]!);
        ({ logits } = await engine.forward(state, tokens.ids.subarray(t, t + 1), { logits: 'last' }));
      }
      state.dispose();
      expect(windows).toBe(1);
      expect(nll).toBeCloseTo(nats / 256, 4);
      expect(bitsPerByte).toBeCloseTo(nats / 256 / Math.LN2, 4);
    }
  });

  it('has as many windows as fit, and none for a length beyond the text', async () => {
    const [short, long] = await perplexityByLength(engine, tokens, text, [200, 5000]);
    expect(short!.windows).toBe(3);
    expect(long).toEqual({ length: 5000, windows: 0, nll: null, bitsPerByte: null });
  });

  it('refuses lengths below one token', async () => {
    await expect(perplexityByLength(engine, tokens, text, [0])).rejects.toThrow(/not 0/);
  });

  it('can be cancelled', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(perplexityByLength(engine, tokens, text, [200], { signal })).rejects.toThrow('stop');
  });
});
