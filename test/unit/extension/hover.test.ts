import { describe, expect, it } from 'vitest';
import { hoverMarkdown, percentile, sparkline } from '../../../extension/editor/hover-text.js';
import { formatShare } from '../../../extension/protocol/format.js';
import { inEnglish as t } from '../../../extension/formatting/translate.js';

const token = (
  retention: number,
  layers: number[],
  pool: { layer: number; enteredAt: number; leftAt: number | null }[] = [],
) => ({
  start: 0,
  end: 4,
  retention,
  layers,
  pool,
});

describe('hoverMarkdown', () => {
  it('averages the tokens of the word and names every stay in a pool', () => {
    const word = [
      token(0.5, [0.25, 0.75], [{ layer: 1, enteredAt: 64, leftAt: 128 }]),
      token(0.7, [0.45, 0.95], [{ layer: 0, enteredAt: 64, leftAt: null }]),
    ];
    const around = [...word, token(0.1, [0.1, 0.1]), token(0.2, [0.2, 0.2])];
    expect(hoverMarkdown({ word, around, tokens: 900, complete: true }, t)).toBe(
      `**MemMamba** · **60 %** retained in the state at the end of the document

\`██\` layers 1 to 2, by powers of ten: 35 % · 85 %

Better retained than 75 % of the 4 tokens in view.

- In the state pool to the end: layer 1 (since token 64)
- In the state pool for a while: layer 2 (tokens 64 to 128)`,
    );
  });

  it('ranks a word within its document where a sample of that is known', () => {
    const word = [token(0.35, [0.35])];
    const facts = { word, around: word, tokens: 900, complete: true };
    const sample = Array.from({ length: 100 }, (_, i) => i / 100);
    expect(hoverMarkdown({ ...facts, sample }, t)).toContain(
      'Better retained than 35 % of the tokens that were read (a sample of 100).',
    );
    expect(hoverMarkdown({ ...facts, sample: [] }, t)).not.toContain('sample');
  });

  it('names the longest stay in a layer, once', () => {
    const word = [
      token(0.1, [0.1], [{ layer: 0, enteredAt: 64, leftAt: 96 }]),
      token(0.1, [0.1], [{ layer: 0, enteredAt: 64, leftAt: 320 }]),
      token(0.1, [0.1], [{ layer: 0, enteredAt: 128, leftAt: 160 }]),
    ];
    const text = hoverMarkdown({ word, around: word, tokens: 900, complete: true }, t);
    expect(text).toMatch(/\n- In the state pool for a while: layer 1 \(tokens 64 to 320\)$/);
  });

  it('names layers with the same stay together', () => {
    const stay = (layer: number) => ({ layer, enteredAt: 96, leftAt: null });
    const word = [token(0.1, [0.1, 0.1, 0.1], [stay(2), stay(0)])];
    const text = hoverMarkdown({ word, around: word, tokens: 900, complete: true }, t);
    expect(text).toContain('- In the state pool to the end: layers 1, 3 (since token 96)');
  });

  it('says where the reading ended, and that a token never entered a pool', () => {
    const word = [token(0.004, [0.004])];
    const text = hoverMarkdown({ word, around: word, tokens: 10, complete: false }, t);
    expect(text).toContain('**0.40 %** retained in the state at the end of what was read');
    expect(text).toContain('Never in the state pool.');
  });

  it('says nothing of what is not known', () => {
    expect(hoverMarkdown({ word: [], around: [], tokens: 10, complete: true }, t)).toBeUndefined();
  });
});

it('sparkline covers 0 to 1 and bears what lies outside', () => {
  expect(sparkline([-0.1, 0, 1e-6, 1e-3, 0.5, 1, 1.1])).toBe('▁▁▁▅███');
});

it('percentile counts the tokens that retain less', () => {
  const around = [0.1, 0.2, 0.3, 0.4];
  expect(percentile(0.3, around)).toBe(50);
  expect(percentile(0.05, around)).toBe(0);
  expect(percentile(1, [])).toBe(0);
});

it('formatShare keeps two digits that count', () => {
  expect([0, 1, 0.5, 0.0996, 0.042, 0.0042, 0.00042, 3.14e-5, 1e-9, NaN].map(formatShare)).toEqual([
    '0 %',
    '100 %',
    '50 %',
    '10 %',
    '4.2 %',
    '0.42 %',
    '0.042 %',
    '0.0031 %',
    '< 0.0001 %',
    '–',
  ]);
});
