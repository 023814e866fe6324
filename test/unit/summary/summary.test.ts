import { describe, expect, it } from 'vitest';
import { byMarginalRelevance } from '../../../models/summary/marginal-relevance.js';
import { DocumentText } from '../../../models/reading/document-text.js';
import { keyTermsOf } from '../../../models/summary/key-terms.js';
import { layoutOf } from '../../../models/reading/layout.js';
import { cosine, standardized, tfIdf } from '../../../models/summary/tf-idf.js';
import { sentenceWeightsOf } from '../../../models/summary/sentence-weights.js';
import { overviewOrder, scoreSentences, summaryOf } from '../../../models/summary/summary.js';
import { termsOf, wordsOf } from '../../../models/text/words.js';
import { stem } from '../../../models/text/stems.js';
import { prose } from '../../support/micro.js';

function documentOf(text: string) {
  const document = new DocumentText();
  document.append(text);
  return { document, layout: layoutOf(document) };
}
const nothing = () => ({ notes: 0, kept: 0 });
const weights = sentenceWeightsOf('tiny', true);

describe('words', () => {
  it('have places, and lose possessives', () => {
    const text = 'The captain’s ship, well-known; state_pool x2!';
    const words = [...wordsOf(text)];
    expect(words.map(({ key }) => key)).toEqual(['the', 'captain', 'ship', 'well-known', 'state_pool', 'x2']);
    for (const { text: word, start } of words) expect(text.slice(start, start + word.length)).toBe(word);
  });

  it('of Chinese are cut by dictionary', () => {
    expect([...wordsOf('我们走吧')].length).toBeGreaterThan(1);
  });

  it.each([
    ['cities', 'city'],
    ['ships', 'ship'],
    ['classes', 'class'],
    ['glass', 'glass'],
    ['walking', 'walk'],
    ['walked', 'walk'],
    ['is', 'is'],
    ['bus', 'bus'],
  ])('%s meet as %s', (word, expected) => {
    expect(stem(word)).toBe(expected);
  });

  it('are not the marks of transcribers', () => {
    expect(termsOf('So {vocalsound} the remote {disfmarker}')).toEqual(['remote']);
  });

  it('without meaning are left out', () => {
    expect(termsOf('What is in the vaults?')).toEqual(['vault']);
  });
});

describe('salience', () => {
  const texts = ['cats chase mice', 'dogs chase cats', 'stars shine bright', 'cats and dogs'];
  const vectors = tfIdf(texts);

  it('has unit vectors whose cosines are symmetric', () => {
    for (const a of vectors) {
      expect(cosine(a, a)).toBeCloseTo(1, 6);
      for (const b of vectors) expect(cosine(a, b)).toBeCloseTo(cosine(b, a), 12);
    }
    expect(cosine(vectors[0]!, vectors[2]!)).toBe(0);
  });

  it('weighs terms by (1 + ln tf) ln(1 + N / df)', () => {
    const [vector] = tfIdf(['alpha alpha beta', 'beta gamma']);
    const alpha = (1 + Math.log(2)) * Math.log(3);
    const beta = Math.log(2);
    const norm = Math.hypot(alpha, beta);
    expect([...vector!.weights]).toEqual([expect.closeTo(alpha / norm, 6), expect.closeTo(beta / norm, 6)]);
  });

  it('standardizes, also what does not vary', () => {
    expect([...standardized([1, 3])]).toEqual([-1, 1]);
    expect([...standardized([5, 5, 5])]).toEqual([0, 0, 0]);
    expect([...standardized([])]).toEqual([]);
  });

  it('prefers what was not said yet', () => {
    const same = tfIdf(['cats chase mice', 'cats chase mice', 'stars shine bright']);
    expect([...byMarginalRelevance([0, 1, 2], [0.9, 0.89, 0.7], same)]).toEqual([0, 2, 1]);
    expect([...byMarginalRelevance([0, 1, 2], [0.9, 0.89, 0.7], same, [], 0)]).toEqual([0, 1, 2]);
    expect([...byMarginalRelevance([0, 1, 2], [0.9, 0.89, 0.7], same, [0])]).toEqual([2, 1]);
    expect([...byMarginalRelevance([], [], [])]).toEqual([]);
  });
});

describe('a summary', () => {
  const text = Array.from({ length: 6 }, (_, i) => `# Part ${i}\n\n${prose(5000, i + 1)}`).join('\n\n');
  const { document, layout } = documentOf(text);

  it('is verbatim, in order, without repetition, and covers the whole length', () => {
    const { overview, sections } = summaryOf(document, layout, nothing, weights, 8);
    expect(overview).toHaveLength(8);
    for (const [i, { start, end, text: words, line, score }] of overview.entries()) {
      expect(words).toBe(text.slice(start, end));
      expect(line).toBe(text.slice(0, start).split('\n').length);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
      if (i > 0) expect(start).toBeGreaterThanOrEqual(overview[i - 1]!.end);
    }
    expect(overview[0]!.start).toBeLessThan(text.length / 4);
    expect(overview.at(-1)!.start).toBeGreaterThan((text.length * 3) / 4);
    expect(sections.map(({ title }) => title)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `Part ${i}`));
    for (const { start, end, sentences } of sections) {
      expect(sentences.length).toBeGreaterThan(0);
      for (const s of sentences) expect(s.start >= start && s.end <= end).toBe(true);
    }
  });

  it('of a book of 500 pages takes from every eighth of it', () => {
    const chapters = Array.from(
      { length: 40 },
      (_, i) => `CHAPTER ${i + 1}\n\n${prose(25_000, i + 1).replace(/\bmill\b/gu, `mill of ward ${i}`)}`,
    );
    const book = documentOf(chapters.join('\n\n'));
    expect(book.document.length).toBeGreaterThan(500 * 2000);
    const { overview, sections } = summaryOf(book.document, book.layout, nothing, weights, 16);
    const eighths = overview.map(({ start }) => Math.floor((8 * start) / book.document.length));
    expect(new Set(eighths).size).toBe(8);
    expect(sections).toHaveLength(40);
  });

  it('follows the notes that the model took', () => {
    const wanted = layout.sentences[40]!;
    const noted = (start: number) => ({
      notes: start === wanted.start ? 8 : 0,
      kept: start === wanted.start ? 5 : 0,
    });
    const { overview } = summaryOf(document, layout, noted, weights, 4);
    expect(overview.map(({ start }) => start)).toContain(wanted.start);
  });

  it('follows the salience of sentences by its weight, whatever its scale and wherever they stand', () => {
    const { sentences } = layout;
    const wanted = [7, 40, sentences.length - 1];
    const overview = (salience: number, scale: number) => {
      const evidence = (start: number) => ({
        ...{ notes: 0, kept: 0 },
        salience: -5 + (wanted.some((i) => sentences[i]!.start === start) ? scale : 0),
      });
      const taken: number[] = [];
      for (const i of overviewOrder(
        scoreSentences(document, layout, evidence, { ...weights, salience }),
        3,
      )) {
        if (taken.push(i) === 3) break;
      }
      return taken.sort((a, b) => a - b);
    };
    expect(overview(1, 4)).toEqual(wanted);
    expect(overview(1, 0.01)).toEqual(wanted);
    // Without its weight, and with none to tell apart, it is as without a sentence head.
    const plain = overview(0, 4);
    expect(plain).not.toEqual(wanted);
    expect(overview(1, 0)).toEqual(plain);
    const without = overviewOrder(scoreSentences(document, layout, nothing, weights), 3);
    expect([...without].slice(0, 3).sort((a, b) => a - b)).toEqual(plain);
  });

  it('takes as many sentences as there are', () => {
    const { document: short, layout: l } = documentOf(
      'One short sentence stands here. Another one follows it.',
    );
    expect(summaryOf(short, l, nothing, weights, 10).overview).toHaveLength(2);
    expect(summaryOf(short, l, nothing, weights, 1).overview).toHaveLength(1);
    const { document: empty, layout: none } = documentOf('');
    expect(summaryOf(empty, none, nothing, weights, 5)).toEqual({ overview: [], sections: [] });
  });
});

describe('a log', () => {
  const lines = Array.from({ length: 300 }, (_, i) =>
    i === 200
      ? '2024-11-22 01:23:09 ERROR [db-3] deadlock detected in request 9f8e7d6c5b4a'
      : `2024-11-22 01:${String(i % 60).padStart(2, '0')}:00 INFO [web-${i % 7}] served request ${(i * 7919).toString(16).padStart(8, '0')} in ${i} ms`,
  );

  it('is summarised by what is rare and what fails', () => {
    const { document, layout } = documentOf(lines.join('\n'));
    const { overview } = summaryOf(document, layout, nothing, weights, 2);
    expect(overview.map(({ line }) => line)).toContain(201);
  });

  it('of any length is summarised by what fails, be it all in one place', () => {
    const long = Array.from({ length: 6000 }, (_, i) => lines[i % 150]!);
    const failures = ['disk full', 'lease lost', 'peer gone'];
    for (const [i, what] of failures.entries())
      long.splice(500 + 2 * i, 0, `2024-11-22 01:23:0${i} ERROR [db-${i}] ${what}`);
    const { document, layout } = documentOf(long.join('\n'));
    const { overview } = summaryOf(document, layout, nothing, weights, 4);
    for (const what of failures) expect(overview.some(({ text }) => text.endsWith(what))).toBe(true);
  });

  it('names what happened once, with the number of lines like it, whatever it happened to', () => {
    const names = Array.from(
      { length: 60 },
      (_, i) => `lib${String.fromCharCode(97 + (i % 26))}${'xyz'[i % 3]}`,
    );
    const packages = names.flatMap((name) => [
      `2026-05-09 07:29:27 status unpacked ${name}:amd64 1.2`,
      `2026-05-09 07:29:28 status installed ${name}:amd64 1.2`,
      `2026-05-09 07:29:28 configure ${name}:amd64 1.2`,
    ]);
    packages.splice(100, 0, '2026-05-09 07:30:02 startup packages triggers-only');
    const { document, layout } = documentOf(packages.join('\n'));
    const { overview } = summaryOf(document, layout, nothing, weights, 8);
    expect(overview.map(({ line, count }) => [line, count ?? 1])).toEqual([
      [1, 60],
      [2, 60],
      [3, 60],
      [101, 1],
    ]);
  });
});

describe('key terms', () => {
  it('are what the text says more than English does, with the first place and the count', () => {
    const text =
      'We walked home. The selective scan keeps a state. '.repeat(2) +
      'A selective scan is fast; selective scan, state pool. We walked home. '.repeat(4);
    const { document, layout } = documentOf(text);
    const ranks: Record<string, number> = {
      walked: 300,
      home: 150,
      state: 400,
      keeps: 900,
      fast: 700,
      pool: 2500,
    };
    const terms = keyTermsOf(document, layout, (word) => ranks[word], 60_000);
    const first = terms[0]!;
    expect(first.term).toBe('selective scan');
    expect(first.count).toBe(10);
    expect(text.slice(first.start, first.end)).toBe('selective scan');
    expect(terms.map(({ term }) => term)).not.toContain('scan');
    expect(terms.findIndex(({ term }) => term === 'home')).not.toBe(0);
  });

  it('of an empty document are none', () => {
    const { document, layout } = documentOf('');
    expect(keyTermsOf(document, layout, () => undefined, 1)).toEqual([]);
  });
});
