import type { Wording } from './sentence-wording.js';

/** How much each feature of a sentence counts. */
export interface SentenceWeights extends Record<Exclude<keyof Wording, 'words'>, number> {
  /** ln of the weighted degree in the graph of sentences that share words. */
  readonly degree: number;
  /** Mean over its words of the root of the share of sentences that have them. */
  readonly common: number;
  /** Cosine with the sum of all sentences. */
  readonly centroid: number;
  /** Share of the words of its section's title that it has. */
  readonly title: number;
  /** First sentence of a section. */
  readonly opens: number;
  /** Says what the text is or does (“This proposal …”, “We present …”). */
  readonly announces: number;
  /** Tenths of its characters that are digits, brackets, slashes and the like. */
  readonly symbols: number;
  /** Mean of its highest note scores. */
  readonly notes: number;
  /** ln(1 + its notes that the pools retain to the end). */
  readonly kept: number;
  /** By the sentence head, where the model has one. */
  readonly salience: number;
}

/** What a model notes and says of a sentence, which other training makes worth another weight. */
type ModelWeights = Pick<SentenceWeights, 'notes' | 'kept' | 'salience'>;

/**
 * Of what the text shows without a model: a sum of two fits on the training corpus. One is on sections in which the
 * sentences for a summary were labelled (`npm run eval -- fit-sentences DATA`; below a tenth they count nothing). The
 * other, which counts 2 times, is on documents whose own summary was withheld: 0.4 degree, 0.2 common, 0.14 opens,
 * 0.29 announces, -0.27 symbols, -0.08 question, -0.8 short (`npm run eval -- fit-summaries DATA`). The labels alone cost
 * 1.5 points of ROUGE-1 there, and the other alone a quarter of the labelled sentences.
 */
const TEXT_WEIGHTS: Omit<SentenceWeights, keyof ModelWeights> = {
  degree: 1.26,
  common: 0.11,
  centroid: 0.28,
  title: 0.53,
  opens: 0.54,
  announces: 0.87,
  symbols: -1.05,
  question: -1.64,
  quotation: -0.42,
  short: -2.25,
  dialogue: -0.27,
  unresolved: -0.23,
  joined: 0.15,
  fragment: -0.64,
  colon: -0.7,
  length: 1.11,
  wordy: -0.31,
  long: -0.11,
  item: -0.34,
  leads: 0.43,
  last: 0,
  names: -1.06,
  defines: 0.17,
  decides: 0.26,
  warns: 0,
  figures: -0.11,
  explains: 0.2,
  concludes: 0.11,
  refers: -0.71,
  exemplifies: -0.56,
  code: 0,
  hesitates: 0,
  firstPerson: -0.23,
  secondPerson: -0.32,
};

/**
 * By the name in its configuration, of what a model notes and says. Those of `tiny` were fitted on labelled sections:
 * `npm run eval -- fit-sentences DATA --read 120`. Those of `base` were not yet: it says more of sentences than `tiny`
 * (it was worth three times as much where both were fitted on withheld summaries), so it has more weight.
 */
const TINY: ModelWeights = { notes: 0.15, kept: -0.09, salience: 0.31 };
const BASE: ModelWeights = { notes: 0.15, kept: 0, salience: 0.9 };
const BY_MODEL: ReadonlyMap<string, ModelWeights> = new Map([
  ['tiny', TINY],
  ['base', BASE],
]);

/** Fitted with models that had no sentence head. */
const WITHOUT_HEAD: ModelWeights = { notes: 0.1, kept: 0.05, salience: 0 };

/**
 * The weights to score sentences with that a model has read.
 *
 * @param model the name in its configuration; one that nothing was fitted for is taken for a `tiny`
 * @param hasHead whether it has a sentence head
 */
export function sentenceWeightsOf(model: string, hasHead: boolean): SentenceWeights {
  return { ...TEXT_WEIGHTS, ...(hasHead ? (BY_MODEL.get(model) ?? TINY) : WITHOUT_HEAD) };
}
