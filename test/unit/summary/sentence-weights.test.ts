import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentText } from '../../../models/reading/document-text.js';
import { MemMambaDocument } from '../../../models/document/document-memory.js';
import { layoutOf } from '../../../models/reading/layout.js';
import { sentenceWeightsOf } from '../../../models/summary/sentence-weights.js';
import { summaryOf } from '../../../models/summary/summary.js';
import type { CpuEngine } from '../../../models/memmamba/cpu/cpu-engine.js';
import type { Engine, ForwardOptions, ModelState } from '../../../models/memmamba/engine.js';
import { SHIPPED_MODELS } from '../../../models/memmamba/shipped-models.js';
import { characterTokenizer as tokenizer, microEngine, pieces, prose } from '../../support/micro.js';

describe('the weights of sentences', () => {
  it('differ by model in what the model notes and says alone', () => {
    const tiny = sentenceWeightsOf('tiny', true);
    const base = sentenceWeightsOf('base', true);
    expect(base).not.toEqual(tiny);
    const { notes, kept, salience } = tiny;
    expect({ ...base, notes, kept, salience }).toEqual(tiny);
  });

  it('count what the sentence head of every shipped model says', () => {
    for (const name of SHIPPED_MODELS) expect(sentenceWeightsOf(name, true).salience).toBeGreaterThan(0);
  });

  it('are those of tiny for a model that nothing was fitted for', () => {
    for (const name of ['mine', '', 'constructor']) {
      expect(sentenceWeightsOf(name, true)).toEqual(sentenceWeightsOf('tiny', true));
    }
  });

  it('are the same for all models without a sentence head', () => {
    expect(sentenceWeightsOf('base', false)).toEqual(sentenceWeightsOf('tiny', false));
    expect(sentenceWeightsOf('base', false)).toMatchObject({ notes: 0.1, kept: 0.05, salience: 0 });
  });
});

describe('the summary of a document', () => {
  let engine: CpuEngine;
  beforeAll(async () => {
    engine = await microEngine(64);
  });
  afterAll(() => engine.dispose());

  /** The engine with another name for its model, and without its sentence head if so wished. */
  function named(name: string, hasHead: boolean): Engine {
    return new Proxy<Engine>(engine, {
      get(target, key) {
        if (key === 'config') return { ...target.config, name };
        if (key === 'forward' && !hasHead) {
          return async (state: ModelState, tokens: Uint32Array, options: ForwardOptions) => {
            const result = await target.forward(state, tokens, options);
            if (!result.trace) return result;
            const { salience: _, ...trace } = result.trace;
            return { ...result, trace };
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
  }

  const source = prose(4000);
  async function summarized(name: string, hasHead: boolean) {
    const memory = new MemMambaDocument({ engine: () => Promise.resolve(named(name, hasHead)), tokenizer });
    await memory.read(pieces(source));
    const { overview } = await memory.summarize({ sentences: 6 });
    const text = new DocumentText();
    text.append(source);
    const evidence = (start: number, end: number) => memory.evidence(start, end);
    const expected = (weights: ReturnType<typeof sentenceWeightsOf>) =>
      summaryOf(text, layoutOf(text), evidence, weights, 6).overview;
    const results = { overview, own: expected(sentenceWeightsOf(name, hasHead)), expected };
    return { ...results, dispose: () => memory.dispose() };
  }

  it.each([
    { name: 'tiny', hasHead: true },
    { name: 'base', hasHead: true },
    { name: 'base', hasHead: false },
  ])('is made with the weights of its model: $name, sentence head $hasHead', async ({ name, hasHead }) => {
    const { overview, own, expected, dispose } = await summarized(name, hasHead);
    expect(overview).toEqual(own);
    const others = [sentenceWeightsOf('tiny', true), sentenceWeightsOf('base', true)];
    // So that the weights can be told apart at all.
    expect(expected(others[0]!)).not.toEqual(expected(others[1]!));
    dispose();
  });
});
