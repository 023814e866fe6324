import type { Layout } from '../reading/layout.js';
import { termsOf } from '../text/words.js';
import { standardized, tfIdf, type SparseVector } from './tf-idf.js';
import { wordingOf } from './sentence-wording.js';
import { distinct, sentencesWith, termsOfSentences, type SentenceTerms } from './sentence-terms.js';
import type { SentenceWeights } from './sentence-weights.js';

/** What the model thought of a range of text. */
export interface NoteEvidence {
  /** Mean of the range's highest note scores s, before the sigmoid. */
  readonly notes: number;
  /** Notes of the range that are in a state pool at the end, over all layers: what the pools retain of it. */
  readonly kept: number;
  /** By the sentence head, at the token with the range's last character that is no white space; see docs/model.md. */
  readonly salience?: number;
}

const ANNOUNCES =
  /\b(?:this|the|our)\s+(?:\w+\s+){0,2}(?:proposal|document|paper|chapter|section|article|report|book|standard|specification|pep|rfc|kep|eip|erc|study|work|guide|module|extension|proposes?|describes?|defines?|introduces?|aims?|goal|purpose)\b|\bwe\s+(?:propose|present|describe|introduce|show|define|add)\b/iu;
const SYMBOLS = /[`_{}[\]()<>=/\\|#*\d]/gu;

/** The features of every sentence, standardized where they have a scale of their own. */
export type SentenceFeatures = { readonly [F in keyof SentenceWeights]: Float64Array };

/** @param texts of the layout's sentences */
export function featuresOf(
  layout: Layout,
  texts: readonly string[],
  evidence: (start: number, end: number) => NoteEvidence,
  terms = termsOfSentences(texts),
): SentenceFeatures {
  const { sentences } = layout;
  const seen = sentences.map(({ start, end }) => evidence(start, end));
  const { words: _, ...wording } = wordingOf(layout, texts);
  const flag = (test: (text: string, i: number) => boolean) =>
    Float64Array.from(texts, (text, i) => (test(text, i) ? 1 : 0));
  return {
    ...wording,
    degree: standardized(degrees(terms).map((degree) => Math.log(degree + 1e-3))),
    common: standardized(commonness(terms)),
    centroid: standardized(centralities(tfIdf(texts, terms), terms.count)),
    title: titleShares(layout, texts),
    opens: flag((_, i) => sentences[i]!.section !== sentences[i - 1]?.section),
    announces: flag((text) => ANNOUNCES.test(text)),
    symbols: Float64Array.from(
      texts,
      (text) => (10 * (text.match(SYMBOLS)?.length ?? 0)) / Math.max(1, text.length),
    ),
    notes: standardized(seen.map(({ notes }) => notes)),
    kept: standardized(seen.map(({ kept }) => Math.log1p(kept))),
    // Without a head all are alike, and so 0.
    salience: standardized(seen.map(({ salience = 0 }) => salience)),
  };
}

/** Cosine of each vector with the sum of all. */
function centralities(vectors: readonly SparseVector[], terms: number): Float64Array {
  const sum = new Float64Array(terms);
  for (const { terms: list, weights } of vectors)
    for (let j = 0; j < list.length; j++) sum[list[j]!]! += weights[j]!;
  return Float64Array.from(vectors, ({ terms: list, weights }) => {
    let product = 0;
    for (let j = 0; j < list.length; j++) product += sum[list[j]!]! * weights[j]!;
    return product;
  });
}

/** Share of the words of its section's title that a sentence has; 0 where the title has none. */
function titleShares({ sentences, sections }: Layout, texts: readonly string[]): Float64Array {
  const titles = sections.map(({ title }) => new Set(termsOf(title)));
  return Float64Array.from(texts, (text, i) => {
    const title = titles[sentences[i]!.section];
    if (!title?.size) return 0;
    const own = new Set(termsOf(text));
    let shared = 0;
    for (const term of title) if (own.has(term)) shared++;
    return shared / title.size;
  });
}

/** Σ over the features of weight · feature. */
export function scored(features: SentenceFeatures, weights: SentenceWeights): Float64Array {
  const scores = new Float64Array(features.degree.length);
  for (const [feature, weight] of Object.entries(weights) as [keyof SentenceWeights, number][]) {
    const values = features[feature];
    for (let i = 0; i < scores.length; i++) scores[i]! += weight * values[i]!;
  }
  return scores;
}

/** Lengths are told apart to a quarter in ln. */
const LENGTH_STEPS = 4;

/**
 * For each sentence the sum of its edges in TextRank's graph (Mihalcea and Tarau 2004): words in common over
 * ln |a| + ln |b|. In a graph without directions a random walk spends its time by degree, so this is TextRank
 * but for the damping, in time that grows with the text and not with the pairs of its sentences.
 */
export function degrees(terms: SentenceTerms): Float64Array {
  const steps = terms.lists.map((list) => Math.round(Math.log(Math.max(1, list.length)) * LENGTH_STEPS));
  /** By term: the lengths of the sentences that have it, and how many have each. */
  const lengths = Array.from({ length: terms.count }, () => ({
    steps: [] as number[],
    counts: [] as number[],
  }));
  const sets = distinct(terms);
  for (const [i, set] of sets.entries()) {
    for (const term of set) {
      const known = lengths[term]!;
      const at = known.steps.indexOf(steps[i]!);
      if (at >= 0) known.counts[at]!++;
      else {
        known.steps.push(steps[i]!);
        known.counts.push(1);
      }
    }
  }
  return Float64Array.from(sets, (set, i) => {
    const own = steps[i]!;
    let degree = 0;
    for (const term of set) {
      const known = lengths[term]!;
      for (let k = 0; k < known.steps.length; k++) {
        const step = known.steps[k]!;
        const others = step === own ? known.counts[k]! - 1 : known.counts[k]!;
        // Two sentences of one word each would divide by nothing.
        if (others > 0) degree += (others * LENGTH_STEPS) / Math.max(1, own + step);
      }
    }
    return degree;
  });
}

/** Mean over a sentence's words of √(share of the sentences that have the word). */
function commonness(terms: SentenceTerms): Float64Array {
  const { lists, count } = terms;
  const shares = Float64Array.from(sentencesWith(distinct(terms), count), (df) =>
    Math.sqrt(df / lists.length),
  );
  return Float64Array.from(lists, (list) => {
    let sum = 0;
    for (const term of list) sum += shares[term]!;
    return sum / Math.max(1, list.length);
  });
}
