import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentMemory } from '../../../models/document/index.js';
import type { CpuEngine } from '../../../models/memmamba/cpu/cpu-engine.js';
import type { Engine, ModelState } from '../../../models/memmamba/engine.js';
import { characterTokenizer as tokenizer, microEngine, pieces, prose } from '../../support/micro.js';

let engine: CpuEngine;
beforeAll(async () => {
  engine = await microEngine(64);
});
afterAll(() => engine.dispose());

const live = () => Promise.resolve<Engine>(engine);

/** An engine whose device is lost at the n-th forward pass; everything before it is the real thing. */
function lostAt(pass: number, hang: boolean): Engine {
  let passes = 0;
  let lose: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => (lose = resolve));
  return new Proxy<Engine>(engine, {
    get(target, name) {
      if (name === 'lost') return lost;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      if (name !== 'forward') return method.bind(target);
      return (...args: unknown[]) => {
        if (++passes < pass) return method.apply(target, args);
        lose('the test took it');
        return hang ? new Promise(() => undefined) : Promise.reject(new Error('GPUBuffer was destroyed'));
      };
    },
  });
}

describe('reading', () => {
  it('covers the whole text, however it comes, and keeps it verbatim', async () => {
    const text = prose(700);
    for (const size of [1, 33, 700]) {
      const memory = createDocumentMemory({ engine: live, tokenizer });
      const progress: number[] = [];
      const coverage = await memory.read(pieces(text, size), {
        totalBytes: 700,
        onProgress: ({ bytes }) => progress.push(bytes),
      });
      expect(coverage).toEqual({ tokens: 700, bytes: 700, complete: true });
      expect(progress.at(-1)).toBe(700);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      const entries = memory.pool();
      for (const { start, end, text: word } of entries) expect(word).toBe(text.slice(start, end));
      memory.dispose();
    }
  });

  it('gives the same pools as one pass over the tokens', async () => {
    const text = prose(300);
    const memory = createDocumentMemory({ engine: live, tokenizer });
    await memory.read(pieces(text));
    const state = engine.createState();
    const { ids } = tokenizer.encode(text);
    for (let at = 0; at < ids.length; at += 50) await engine.forward(state, ids.subarray(at, at + 50));
    const { layers } = await engine.snapshot(state);
    for (const [layer, { pool }] of layers.entries()) {
      const entries = memory.pool({ live: true }).filter((entry) => entry.layer === layer);
      expect(entries.map(({ token }) => token).sort((a, b) => a - b)).toEqual(
        [...pool.positions].filter((p) => p >= 0).sort((a, b) => a - b),
      );
      for (const { token, score } of entries) {
        const s = pool.scores[pool.positions.indexOf(token)]!;
        expect(score).toBeCloseTo(1 / (1 + Math.exp(-s)), 5);
      }
    }
    state.dispose();
  });

  it('keeps the salience that the sentence head gives at the end of a sentence', async () => {
    const text = prose(300);
    const memory = createDocumentMemory({ engine: live, tokenizer });
    await memory.read(pieces(text));
    const state = engine.createState();
    const { ids } = tokenizer.encode(text);
    const salience: number[] = [];
    for (let at = 0; at < ids.length; at += 50) {
      const { trace } = await engine.forward(state, ids.subarray(at, at + 50), { trace: true });
      salience.push(...trace!.salience!);
    }
    const ends = [...text.matchAll(/\. /gu)].map(({ index }) => index);
    expect(ends.length).toBeGreaterThan(2);
    for (const end of ends) {
      // A token a character here, so the full stop's token is that of its place; the space behind counts for nothing.
      const found = memory.evidence(end - 10, end + 2).salience!;
      expect(Math.abs(found - salience[end]!)).toBeLessThan(0.01);
    }
    state.dispose();
  });

  it('stops at once when cancelled, even while the source hangs, and stays usable', async () => {
    const text = prose(400);
    const cancel = new AbortController();
    async function* source() {
      yield* pieces(text);
      setTimeout(() => cancel.abort(), 5);
      await new Promise(() => undefined);
    }
    const memory = createDocumentMemory({ engine: live, tokenizer });
    const coverage = await memory.read(source(), { signal: cancel.signal });
    expect(coverage.complete).toBe(false);
    expect(coverage.tokens).toBeGreaterThanOrEqual(64);
    expect(coverage.tokens).toBeLessThanOrEqual(400);
    expect(coverage.tokens % 64).toBe(0);
    const summary = await memory.summarize({ sentences: 3 });
    expect(summary.coverage).toEqual(coverage);
    for (const { end } of summary.overview) expect(end).toBeLessThanOrEqual(coverage.bytes);
    const tokens = await memory.retention({ start: 0, end: 1e9 });
    expect(tokens).toHaveLength(coverage.tokens);
  });

  it('cancelled at any moment is as if the text had ended there', async () => {
    const text = prose(600);
    for (const delay of [0, 3, 8, 15, 25, 40]) {
      const cancel = new AbortController();
      const memory = createDocumentMemory({ engine: live, tokenizer });
      setTimeout(() => cancel.abort(), delay);
      const { tokens } = await memory.read(pieces(text), { signal: cancel.signal });
      if (tokens === 0) continue;
      const whole = createDocumentMemory({ engine: live, tokenizer });
      await whole.read(pieces(text.slice(0, tokens)));
      const question = { question: 'Who built the mill?' };
      expect(await memory.ask(question)).toEqual(await whole.ask(question));
      expect(memory.pool()).toEqual(whole.pool());
      const range = { start: 0, end: tokens };
      expect(await memory.retention(range)).toEqual(await whole.retention(range));
      memory.dispose();
      whole.dispose();
    }
  });

  it('passes an error of the source on and keeps what was read', async () => {
    const memory = createDocumentMemory({ engine: live, tokenizer });
    async function* source() {
      yield* pieces(prose(300));
      throw new Error('byte 300 is wrong');
    }
    await expect(memory.read(source())).rejects.toThrow('byte 300 is wrong');
    expect(memory.coverage).toMatchObject({ complete: false });
    expect(await memory.retention({ start: 0, end: 10 })).toHaveLength(10);
  });

  it('of an empty document gives empty analyses', async () => {
    const memory = createDocumentMemory({ engine: live, tokenizer });
    expect(await memory.read(pieces(''))).toEqual({ tokens: 0, bytes: 0, complete: true });
    expect(await memory.summarize()).toMatchObject({ overview: [], sections: [], keyTerms: [] });
    expect(await memory.passages({ query: 'anything' })).toEqual([]);
    expect(await memory.retention({ start: 0, end: 10 })).toEqual([]);
    expect(await memory.ask({ question: 'What?' })).toEqual({
      answer: 'none',
      verified: false,
      lookedUp: true,
      evidence: [],
      passages: [],
    });
  });

  it('is refused a second time, while it runs, and after closing', async () => {
    const memory = createDocumentMemory({ engine: live, tokenizer });
    const reading = memory.read(pieces(prose(100)));
    await expect(memory.ask({ question: 'What?' })).rejects.toThrow(/still being read/);
    await reading;
    await expect(memory.read(pieces('more'))).rejects.toThrow(/read already/);
    memory.dispose();
    await expect(memory.summarize()).rejects.toThrow(/closed/);
  });
});

describe('a lost device', () => {
  it.each([
    ['rejects', false],
    ['hangs', true],
  ])('that %s midway is replaced, and nothing differs', async (_, hang) => {
    const text = prose(5000);
    const undisturbed = createDocumentMemory({ engine: live, tokenizer });
    await undisturbed.read(pieces(text));

    const engines = [lostAt(50, hang), lostAt(12, hang), engine];
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engines.shift()!), tokenizer });
    expect(await memory.read(pieces(text))).toEqual({ tokens: 5000, bytes: 5000, complete: true });
    expect(engines).toHaveLength(0);
    expect(memory.pool()).toEqual(undisturbed.pool());
    const range = { start: 1000, end: 1100 };
    expect(await memory.retention(range)).toEqual(await undisturbed.retention(range));
  });

  it('that is lost again and again is reported', async () => {
    const memory = createDocumentMemory({ engine: () => Promise.resolve(lostAt(1, false)), tokenizer });
    await expect(memory.read(pieces(prose(100)))).rejects.toThrow(/lost|destroyed/);
  });

  it('may come back with shorter segments', async () => {
    const shorter = await microEngine(20);
    const text = prose(500);
    const undisturbed = createDocumentMemory({ engine: live, tokenizer });
    await undisturbed.read(pieces(text));
    const engines: Engine[] = [lostAt(3, false), shorter];
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engines.shift()!), tokenizer });
    await memory.read(pieces(text));
    const places = (entries: ReturnType<typeof memory.pool>) =>
      entries.map(({ layer, token }) => [layer, token]);
    expect(places(memory.pool({ live: true }))).toEqual(places(undisturbed.pool({ live: true })));
    memory.dispose();
    await shorter.dispose();
  });
});

describe('retention', () => {
  it('equals one decay pass over the whole document', async () => {
    const text = prose(400);
    const whole = await microEngine(400);
    const { nLayer, dInner } = whole.config;
    const state = whole.createState();
    const after = new Float64Array(nLayer * dInner);
    const { retention } = await whole.decay(state, tokenizer.encode(text).ids, { after });
    const memory = createDocumentMemory({ engine: live, tokenizer });
    await memory.read(pieces(text));
    const tokens = await memory.retention({ start: 0, end: 400 });
    for (const [t, { layers }] of tokens.entries()) {
      for (const [layer, value] of layers.entries()) {
        expect(value).toBeCloseTo(retention[layer * 400 + t]!, 5);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-6);
      }
    }
    // The same values for a part of it, where saved states and the cache come in.
    const some = await memory.retention({ start: 130, end: 140 });
    expect(some).toEqual(tokens.slice(130, 140));
    await whole.dispose();
  });

  it('does not depend on how many states could be saved', async () => {
    const text = prose(9000);
    const ample = createDocumentMemory({ engine: live, tokenizer });
    const scarce = createDocumentMemory({ engine: live, tokenizer, limits: { snapshotBytes: 50_000 } });
    await ample.read(pieces(text));
    await scarce.read(pieces(text));
    for (const start of [0, 4000, 8950]) {
      const expected = await ample.retention({ start, end: start + 5 });
      const actual = await scarce.retention({ start, end: start + 5 });
      for (const [i, token] of actual.entries())
        expect(token.retention).toBeCloseTo(expected[i]!.retention, 6);
    }
  });
});

describe('questions', () => {
  it('leave the document as it was', async () => {
    const memory = createDocumentMemory({ engine: live, tokenizer });
    await memory.read(pieces(prose(300)));
    const before = memory.pool({ live: true });
    const first = await memory.ask({ question: 'Who built the mill?' });
    await memory.passages({ query: 'the wheel', method: 'notes' });
    expect(await memory.ask({ question: 'Who built the mill?' })).toEqual(first);
    expect(memory.pool({ live: true })).toEqual(before);
  });

  it('that are empty are refused', async () => {
    const memory = createDocumentMemory({ engine: live, tokenizer });
    await memory.read(pieces(prose(100)));
    await expect(memory.ask({ question: ' ' })).rejects.toThrow(/empty/);
    await expect(memory.passages({ query: '' })).rejects.toThrow(/empty/);
  });

  it('cancelled before or midway reject with the reason', async () => {
    const memory = createDocumentMemory({ engine: live, tokenizer });
    await memory.read(pieces(prose(200)));
    const cancelled = AbortSignal.abort(new Error('stop'));
    await expect(memory.ask({ question: 'Who?', signal: cancelled })).rejects.toThrow('stop');
    await expect(memory.fidelity({ signal: cancelled })).rejects.toThrow('stop');
    const soon = new AbortController();
    const asking = memory.ask({ question: 'Who built the mill by the river?', signal: soon.signal });
    soon.abort(new Error('stop now'));
    await expect(asking).rejects.toThrow('stop now');
  });
});

describe('what is prepared for queries', () => {
  const text = `${prose(20_000)}\n\nA zebra was seen at midnight.\n\n${prose(20_000, 2)}`;
  const query = { query: 'zebra at midnight' };

  async function readIt() {
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    await memory.read(pieces(text, 1000));
    return memory;
  }

  it('changes no result, whenever it is cut short', async () => {
    const expected = await (await readIt()).passages(query);
    const prepared = await readIt();
    await prepared.prepare();
    await prepared.prepare();
    expect(await prepared.passages(query)).toEqual(expected);
    const overtaken = await readIt();
    const preparing = overtaken.prepare();
    expect(await overtaken.passages(query)).toEqual(expected);
    await preparing;
    expect(await overtaken.passages(query)).toEqual(expected);
  });

  it('stops when the document changes or is closed', async () => {
    const memory = await readIt();
    const preparing = memory.prepare();
    const longer = `${text}\n\nAnother zebra stood there at midnight.`;
    await memory.update(pieces(longer, 1000));
    await preparing;
    const found = await memory.passages(query);
    expect(found.map((passage) => passage.text).join(' ')).toContain('Another zebra');
    const closed = memory.prepare();
    memory.dispose();
    await expect(closed).resolves.toBeUndefined();
  });
});

describe('passages', () => {
  const text = `${prose(600, 3)}\n\nThe zebra fled at midnight.\n\n${prose(600, 5)}`;

  it.each(['notes', 'bm25', 'fused'] as const)('by %s are verbatim, whole and ranked', async (method) => {
    const memory = createDocumentMemory({ engine: live, tokenizer });
    await memory.read(pieces(text));
    const found = await memory.passages({ query: 'zebra at midnight', method, top: 3 });
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(3);
    for (const { start, end, text: words, line } of found) {
      expect(words).toBe(text.slice(start, end));
      expect(line).toBe(text.slice(0, start).split('\n').length);
    }
    const scores = found.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    if (method === 'bm25') expect(found[0]!.text).toContain('zebra');
  });
});

describe('fidelity', () => {
  it('starts at 1, never rises, and compares layers p apart', async () => {
    const memory = createDocumentMemory({ engine: live, tokenizer });
    await memory.read(pieces(prose(500)));
    const { lags, etmf, eclmf, tokens } = await memory.fidelity();
    expect(lags).toEqual([0, 1, 2, 4, 8, 16, 32]);
    expect(tokens).toBe(64);
    expect(etmf).toHaveLength(engine.config.nLayer);
    for (const curve of etmf) {
      expect(curve[0]).toBeCloseTo(1, 6);
      for (let i = 1; i < curve.length; i++) expect(curve[i]).toBeLessThanOrEqual(curve[i - 1]! + 1e-6);
    }
    expect(eclmf.map(({ from, to }) => [from, to])).toEqual([[0, 2]]);
    for (const { value } of eclmf) {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThanOrEqual(1);
    }
  });
});

describe('the pool switched off', () => {
  it('is off for reading and for retention alike', async () => {
    const text = prose(300);
    const memory = createDocumentMemory({ engine: live, tokenizer, pool: 'off' });
    await memory.read(pieces(text));
    const state: ModelState = engine.createState();
    const { nLayer, dInner } = engine.config;
    const { ids } = tokenizer.encode(text);
    const plain = await engine.forward(state, ids.subarray(0, 64), { trace: true, pool: 'off' });
    expect(plain.trace!.deltaSums).toHaveLength(nLayer * dInner);
    const onMemory = createDocumentMemory({ engine: live, tokenizer });
    await onMemory.read(pieces(text));
    const off = await memory.retention({ start: 100, end: 110 });
    const on = await onMemory.retention({ start: 100, end: 110 });
    expect(off).not.toEqual(on);
    state.dispose();
  });
});
