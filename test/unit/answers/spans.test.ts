import { describe, expect, it } from 'vitest';
import type { PassageReading } from '../../../models/answers/reader/reader.js';
import { logSumExp, spansOf, wholeSpan } from '../../../models/answers/reader/spans.js';

/** A reading of words as tokens, with the logits of those that are named and -5 of the others. */
function reading(text: string, start: Record<string, number>, end: Record<string, number>): PassageReading {
  const words = [...text.matchAll(/\S+/gu)];
  const of = (logits: Record<string, number>) =>
    Float32Array.from([-5, ...words.map(([word]) => logits[word] ?? -5)]);
  return {
    start: of(start),
    end: of(end),
    // The first token stands before the passage.
    starts: Uint32Array.from([0, ...words.map(({ index }) => index)]),
    ends: Uint32Array.from([0, ...words.map(({ index, 0: word }) => index + word.length)]),
  };
}

const TEXT = 'The mill burned down on 7 April 1893, said the miller.';

describe('the spans of a passage', () => {
  const said = (spans: ReturnType<typeof spansOf>) =>
    spans.spans.map(({ start, end }) => TEXT.slice(start, end));

  it('are from the best start to the best end behind it, without the marks around them', () => {
    const found = spansOf(TEXT, reading(TEXT, { '7': 4 }, { '1893,': 3, down: 2.9 }));
    expect(said(found)[0]).toBe('7 April 1893');
    expect(found.spans[0]!.isWhole).toBe(true);
    expect(found.best).toBe(4);
  });

  it('do not overlap, and the best comes first', () => {
    const found = spansOf(TEXT, reading(TEXT, { '7': 4, April: 3.9, mill: 2 }, { '1893,': 3, mill: 3 }));
    expect(said(found).slice(0, 2)).toEqual(['7 April 1893', 'mill']);
    const spans = found.spans.toSorted((a, b) => a.start - b.start);
    for (const [i, { end }] of spans.entries()) expect(end).toBeLessThanOrEqual(spans[i + 1]?.start ?? end);
  });

  it('have a score that is the start logit and the log share of the end', () => {
    const given = reading(TEXT, { '7': 4 }, { '1893,': 3 });
    const [best] = spansOf(TEXT, given).spans;
    expect(best!.score).toBeCloseTo(4 + 3 - logSumExp(given.end), 5);
  });

  it('never begin before the passage', () => {
    const given = reading(TEXT, {}, {});
    given.start[0] = 50;
    const found = spansOf(TEXT, given);
    expect(found.spans.every(({ end }) => end > 0)).toBe(true);
    // It counts in the softmax all the same.
    expect(found.total).toBeCloseTo(50, 3);
  });
});

describe('a span of an answer', () => {
  const wide = (text: string, said: string) => {
    const start = text.indexOf(said);
    const span = wholeSpan(text, { start, end: start + said.length });
    return span && { said: text.slice(span.start, span.end), isWhole: span.isWhole };
  };

  it.each([
    ['key AB-12-CD here', 'AB-12', 'AB-12-CD'],
    ['it costs 1,250 dollars', '250', '1,250'],
    ['at 10.0.0.17:8080 now', '0.0.17', '10.0.0.17:8080'],
    ['the “old mill”, they said', ' “old mill”,', 'old mill'],
    ['he painted it blue', 'blu', 'blue'],
  ])('in “%s”, %s is part of %s', (text, said, whole) => {
    expect(wide(text, said)).toEqual({ said: whole, isWhole: true });
  });

  it('is nothing where only marks are', () => {
    expect(wide('well ... no', ' ... ')).toBeUndefined();
  });
});
