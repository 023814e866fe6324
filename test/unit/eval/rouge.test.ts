import { describe, expect, it } from 'vitest';
import { degrees } from '../../../models/summary/sentence-score.js';
import { termsOfSentences } from '../../../models/summary/sentence-terms.js';
import { lexRankScores, pageRank, textRank } from '../../eval/graph-baselines.js';
import { bestRouge, rouge, rougeWords } from '../../eval/rouge.js';
import { cutToWords, sentencesOfReference } from '../../eval/summary-cut.js';

/** Values of the tests of Google's `rouge_score` and of the examples in Lin 2004. */
describe('ROUGE', () => {
  it.each([
    ['one word of three', ['testing'], ['testing one two'], { rouge1: 0.5, rouge2: 0 }],
    ['two of three', ['testing one'], ['testing one two'], { rouge1: 0.8, rouge2: 2 / 3, rougeL: 0.8 }],
    ['two of three, not neighbours', ['testing two'], ['testing one two'], { rougeL: 0.8, rouge2: 0 }],
    ['nothing', [''], ['testing one two'], { rouge1: 0, rouge2: 0, rougeL: 0 }],
    // Lin: S1 police killed the gunman; S2 has an LCS of three words, S3 of two.
    ['an LCS of three', ['police kill the gunman'], ['police killed the gunman'], { rougeL: 0.75 }],
    ['an LCS of two', ['the gunman kill police'], ['police killed the gunman'], { rougeL: 0.5 }],
  ])('of %s', (_, summary, reference, expected) => {
    const scores = rouge(summary, reference);
    for (const [measure, value] of Object.entries(expected))
      expect(scores[measure as keyof typeof scores]).toBeCloseTo(value, 12);
  });

  it('of a summary joins the subsequences of its sentences', () => {
    // Lin's example of the union: four of the five words are found.
    const { rougeL } = rouge(['w1 w2 w6 w7 w8', 'w1 w3 w8 w9 w5'], ['w1 w2 w3 w4 w5']);
    expect(rougeL).toBeCloseTo((2 * 0.4 * 0.8) / 1.2, 12);
  });

  it('takes the best of several references', () => {
    expect(bestRouge(['a b'], [['x y'], ['a b c']]).rouge1).toBeCloseTo(0.8, 12);
  });

  it('counts Chinese characters as words', () => {
    expect(rougeWords('GPU 很快。')).toEqual(['gpu', '很', '快']);
  });

  it('compares summaries of exactly the same length', () => {
    const sentences = ['One two three.', 'Four five.', 'Six seven eight nine.'];
    expect(cutToWords(sentences, [2, 0, 1], 6)).toEqual(['one two', 'six seven eight nine']);
    expect(cutToWords(sentences, [0, 1, 2], 100)).toHaveLength(3);
  });

  it('cuts references between paragraphs too', () => {
    expect(sentencesOfReference('A title\n\nOne. Two.')).toEqual(['A title', 'One.', 'Two.']);
  });
});

describe('LexRank', () => {
  it('has the scores of its paper', () => {
    // Cosines of figure 2 and scores of figure 4 at threshold 0.1 (Erkan and Radev 2004), relative to the best.
    const cosines = [
      [1.0, 0.45, 0.02, 0.17, 0.03, 0.22, 0.03, 0.28, 0.06, 0.06, 0.0],
      [0.45, 1.0, 0.16, 0.27, 0.03, 0.19, 0.03, 0.21, 0.03, 0.15, 0.0],
      [0.02, 0.16, 1.0, 0.03, 0.0, 0.01, 0.03, 0.04, 0.0, 0.01, 0.0],
      [0.17, 0.27, 0.03, 1.0, 0.01, 0.16, 0.28, 0.17, 0.0, 0.09, 0.01],
      [0.03, 0.03, 0.0, 0.01, 1.0, 0.29, 0.05, 0.15, 0.2, 0.04, 0.18],
      [0.22, 0.19, 0.01, 0.16, 0.29, 1.0, 0.05, 0.29, 0.04, 0.2, 0.03],
      [0.03, 0.03, 0.03, 0.28, 0.05, 0.05, 1.0, 0.06, 0.0, 0.0, 0.01],
      [0.28, 0.21, 0.04, 0.17, 0.15, 0.29, 0.06, 1.0, 0.25, 0.2, 0.17],
      [0.06, 0.03, 0.0, 0.0, 0.2, 0.04, 0.0, 0.25, 1.0, 0.26, 0.38],
      [0.06, 0.15, 0.01, 0.09, 0.04, 0.2, 0.0, 0.2, 0.26, 1.0, 0.12],
      [0.0, 0.0, 0.0, 0.01, 0.18, 0.03, 0.01, 0.17, 0.38, 0.12, 1.0],
    ];
    const published = [0.6007, 0.8466, 0.3491, 0.752, 0.5907, 0.7993, 0.3548, 1, 0.5921, 0.691, 0.5921];
    const edges = cosines.map((row, i) => row.flatMap((weight, to) => (to === i ? [] : [{ to, weight }])));
    const scores = lexRankScores(edges, cosines.length);
    const best = Math.max(...scores);
    for (const [i, expected] of published.entries()) expect(scores[i]! / best).toBeCloseTo(expected, 2);
  });
});

describe('TextRank', () => {
  it('ranks by words in common, and a random walk on its graph goes by degree', () => {
    const sentences = [
      'Storms hit the island coast.',
      'The island coast lost power in storms.',
      'Power came back to the coast.',
      'A cat slept.',
    ];
    expect(textRank(sentences)[0]).toBe(1);
    expect(textRank(sentences).at(-1)).toBe(3);
  });

  it('is approached by the weighted degrees that summaries use', () => {
    const words = [
      ['ant', 'bear', 'cat'],
      ['bear', 'cat', 'dog'],
      ['cat', 'dog', 'eel'],
      ['eel', 'fox', 'gnu'],
      ['xerus', 'yak', 'zebra'],
    ];
    const [a, b, c, d, e] = degrees(termsOfSentences(words.map((list) => list.join(' '))));
    // Sentences of three words: every word in common weighs 1 / (2 ln 3), to a quarter in ln.
    const edge = 1 / 2;
    expect([a, b, c, d, e]).toEqual(
      [3, 4, 4, 1, 0].map((shared) => expect.closeTo(shared * edge, 12) as number),
    );
  });

  it('walks with damping 0.85', () => {
    const scores = pageRank([[{ to: 1, weight: 1 }], [{ to: 0, weight: 1 }], []], 3);
    expect(scores[0]).toBeCloseTo(1 / 3, 6);
    expect(scores[2]).toBeCloseTo(0.05, 6);
  });
});
