import { describe, expect, it } from 'vitest';
import { compare } from '../../../models/document/compare.js';
import { createDocumentMemory } from '../../../models/document/index.js';
import { noteSurvival } from '../../../models/fidelity/note-survival.js';
import { wordAround } from '../../../models/text/word-around.js';
import { characterTokenizer, microEngine, pieces, prose } from '../../support/micro.js';

describe('noteSurvival', () => {
  it('counts only notes that had the time', () => {
    const entries = [
      { token: 0, leftAt: 3 },
      { token: 0, leftAt: null },
      { token: 14, leftAt: null },
    ];
    const { lags, share, notes } = noteSurvival(entries, 16);
    expect(lags).toEqual([1, 2, 4, 8]);
    expect(notes).toEqual([3, 3, 2, 2]);
    expect(share).toEqual([1, 1, 0.5, 0.5]);
  });

  it('never rises where all notes had the time', () => {
    const entries = Array.from({ length: 40 }, (_, token) => ({
      token,
      leftAt: token + 1 + ((token * 7) % 30),
    }));
    const { share } = noteSurvival(entries, 10_000);
    expect([...share].sort((a, b) => b - a)).toEqual(share);
  });
});

describe('wordAround', () => {
  const word = (text: string, token: string, from = 0) => {
    const start = text.indexOf(token, from);
    const { start: a, end: b } = wordAround(
      (x, y) => text.slice(Math.max(0, x), y),
      start,
      start + token.length,
    );
    return text.slice(a, b);
  };

  it.each([
    ['The pass key is 48213.', '2', '48213'],
    ['in Barchester, where', 'chester', 'Barchester'],
    ['in Barchester, where', ' Bar', 'Barchester'],
    ["I don't know", "'t", "don't"],
    ['the well-known man', 'known', 'well-known'],
    ['wait... what', '...', '...'],
    ['a — b', '—', '—'],
    ['v1.2.3 is out', '2', 'v1.2.3'],
    ['end of it.\n\nNext', '\n\n', '\n\n'],
    ['我们知道', '知', '知'],
    ['a 😀😀 b', '\ud83d', '😀😀'],
  ])('%j: %j is in %j', (text, token, expected) => expect(word(text, token)).toBe(expected));

  it('looks no further than a word can reach', () => {
    expect(word('x'.repeat(1_000), 'x', 500).length).toBeLessThan(100);
  });
});

describe('compare', () => {
  it('puts the same text side by side, and counts no note with the pool off', async () => {
    const engine = await microEngine();
    const text = prose(1_500);
    const memories = await Promise.all(
      (['on', 'off'] as const).map(async (pool) => {
        const memory = createDocumentMemory({
          engine: () => Promise.resolve(engine),
          tokenizer: characterTokenizer,
          pool,
        });
        await memory.read(pieces(text));
        return memory;
      }),
    );
    const [on, off] = memories as [(typeof memories)[0], (typeof memories)[0]];
    const comparison = await compare(on, off, { question: 'Who?' });
    // The memories alone are compared: what the text says would be the same on both sides.
    const question = { question: 'Who?', memoryOnly: true };
    expect(comparison.withPool.answer).toEqual(await on.ask(question));
    expect(comparison.withoutPool.answer).toEqual(await off.ask(question));
    expect(comparison.withPool.fidelity.lags).toEqual(comparison.withoutPool.fidelity.lags);
    expect(comparison.withPool.fidelity.etmf).not.toEqual(comparison.withoutPool.fidelity.etmf);
    expect(comparison.survival.notes[0]).toBe(on.pool().length);
    expect(on.slice(0, on.length)).toBe(text);
    await engine.dispose();
  });
});
