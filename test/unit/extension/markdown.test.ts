import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown } from '../../../extension/formatting/escape-markdown.js';
import {
  markdownLinks,
  messageMarkdown,
  readingMarkdown,
  summaryMarkdown,
  type SummaryContext,
} from '../../../extension/summary/markdown.js';
import { formatDuration, percentRead, readingState } from '../../../extension/progress/reading-progress.js';
import type { Summary } from '../../../models/document/types.js';
import { inEnglish as t } from '../../../extension/formatting/translate.js';

const context: SummaryContext = {
  name: 'a_book.txt',
  totalBytes: 1000,
  link: ({ start, end }) => `a_book.txt#${start}-${end}`,
  t,
};

const passage = (text: string, start: number) => ({
  start,
  end: start + text.length,
  line: 4,
  text,
  score: 1,
});

const summary: Summary = {
  coverage: { tokens: 250, bytes: 1000, complete: true },
  engine: 'cpu',
  model: 'tiny',
  overview: [passage('It was\n  the best of *times*.', 10)],
  sections: [
    {
      title: 'Chapter [1]',
      start: 0,
      end: 90,
      lines: { first: 1, last: 8 },
      sentences: [passage('A sentence.', 40)],
    },
    { title: 'Silent', start: 90, end: 100, lines: { first: 9, last: 9 }, sentences: [] },
  ],
  keyTerms: [{ term: 'warden', count: 12, start: 70, end: 76, line: 9 }],
  format: 'text',
  timing: { readMs: 65_000, analyseMs: 10, tokensPerSecond: 1234.5 },
};

describe('summaryMarkdown', () => {
  it('links every sentence to its passage, on one line, with markup escaped', () => {
    expect(summaryMarkdown(summary, context)).toBe(`# Summary of a\\_book.txt

> **100 % of the document read** · 250 tokens · 1 min 05 s, 1,235 tokens/s · MemMamba tiny, cpu

## Overview

- [It was the best of \\*times\\*.](a_book.txt#10-39 "Line 4")

## Section by Section

### [Chapter \\[1\\]](a_book.txt#0-0)

- [A sentence.](a_book.txt#40-51 "Line 4")

## Key Terms

- [warden](a_book.txt#70-76) 12 ×, first in line 9
`);
  });

  it('says what was not read, and never 100 % of it', () => {
    const coverage = { tokens: 249, bytes: 999.9, complete: false };
    const markdown = summaryMarkdown({ ...summary, coverage }, context);
    expect(markdown).toContain('**99 % of the document read**');
    expect(markdown).toContain('Reading stopped before the end');
  });

  it('says that the text was edited, and why the processor reads', () => {
    const markdown = summaryMarkdown(summary, {
      ...context,
      edited: true,
      engine: {
        engine: 'cpu',
        device: 'WASM, 1 thread',
        model: 'tiny',
        layers: 8,
        poolSize: 50,
        reason: 'There is no WebGPU adapter.',
      },
      fallback: 'There is no WebGPU adapter.',
    });
    expect(markdown).toContain('has been edited since');
    expect(markdown).toContain('> There is no WebGPU adapter.');
    expect(markdown).toContain('cpu (WASM, 1 thread)');
  });

  it('names sections without a title by what they are, and counts lines of a log as far as it was read', () => {
    const section = (unnamed: 'opening' | 'part' | 'untimed') => ({
      ...summary.sections[0]!,
      title: '',
      unnamed,
      lines: { first: 3, last: 1700 },
      sentences: [{ ...passage('up', 40), count: 1234 }],
    });
    const all = { ...summary, sections: [section('opening'), section('part'), section('untimed')] };
    const whole = summaryMarkdown(all, context);
    const names = [...whole.matchAll(/^### \[(.*)\]/gm)].map(([, name]) => name);
    expect(names).toEqual(['Before the first heading', 'Lines 3–1700', 'Before the first time stamp']);
    expect(whole).toContain('(1,234 lines like this)');
    for (const coverage of [
      { ...summary.coverage, complete: false },
      { ...summary.coverage, scannedBytes: 50_000 },
    ])
      expect(summaryMarkdown({ ...all, coverage }, context)).toContain('(at least 1,234 lines like this)');
  });

  it('says so when nothing stands out', () => {
    const markdown = summaryMarkdown({ ...summary, overview: [], sections: [], keyTerms: [] }, context);
    expect(markdown).toContain('No sentence stands out');
    expect(markdown).not.toContain('Section by Section');
  });
});

describe('markdownLinks', () => {
  it('finds every link of a summary, with brackets in its text', () => {
    const markdown = summaryMarkdown(summary, context);
    const links = markdownLinks(markdown).map(({ start, end, target }) => [
      markdown.slice(start, end),
      target,
    ]);
    expect(links).toEqual([
      ['It was the best of \\*times\\*.', 'a_book.txt#10-39'],
      ['Chapter \\[1\\]', 'a_book.txt#0-0'],
      ['A sentence.', 'a_book.txt#40-51'],
      ['warden', 'a_book.txt#70-76'],
    ]);
  });
});

describe('escapeMarkdown', () => {
  it('leaves no markup, at the start of a line or inside it', () => {
    expect(escapeMarkdown('<b>&amp; [x](y) `c` ~~d~~ | e')).toBe(
      '\\<b\\>\\&amp; \\[x\\](y) \\`c\\` \\~\\~d\\~\\~ \\| e',
    );
    expect(escapeMarkdown('1. first')).toBe('1\\. first');
    expect(escapeMarkdown('- item')).toBe('\\- item');
    expect(escapeMarkdown('see https://x.org or www.x.org, a@b.c')).toBe(
      'see https\\://x.org or www\\.x.org, a\\@b.c',
    );
  });

  it('gives one line whose text is the same without the backslashes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[\r\n]/);
        expect(escaped.replace(/\\([^\p{L}\p{N}\s])/gu, '$1')).toBe(text.replace(/\s+/g, ' ').trim());
      }),
    );
  });
});

describe('progress', () => {
  it('tells share and time left from the speed so far', () => {
    const state = readingState({ tokens: 4000, bytes: 16_000, tokensPerSecond: 500 }, 40_000);
    expect(state).toEqual({ percent: 40, tokens: 4000, tokensPerSecond: 500, secondsLeft: 12 });
    expect(readingMarkdown(state, context)).toContain(
      '**Reading: 40 %** · 4,000 tokens · 500 tokens/s · about 12 s left',
    );
  });

  it('tells no time before the speed is known', () => {
    for (const tokens of [0, 512]) {
      const state = readingState({ tokens, bytes: 4 * tokens, tokensPerSecond: tokens / 10 }, 10_000);
      expect(state.secondsLeft).toBeUndefined();
    }
    expect(readingMarkdown(undefined, context)).toContain('Loading the model');
  });

  it('formats durations', () => {
    expect([0.4, 59.4, 59.6, 3600, 7325].map((s) => formatDuration(s, t))).toEqual([
      '0 s',
      '59 s',
      '1 min 00 s',
      '1 h 00 min',
      '2 h 02 min',
    ]);
  });

  it('calls a document whole only when it is', () => {
    expect(percentRead({ tokens: 1, bytes: 1000, complete: false }, { totalBytes: 1000 })).toBe(99);
    expect(percentRead({ tokens: 1, bytes: 1000, complete: true }, { totalBytes: 1000 })).toBe(100);
    expect(percentRead({ tokens: 0, bytes: 0, complete: false }, { totalBytes: 0 })).toBe(0);
  });
});

it('messages stand in a quote, escaped', () => {
  expect(messageMarkdown('a *b*', context)).toContain('> a \\*b\\*');
});
