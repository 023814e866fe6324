/** How much each feature of a sentence counts. */
export interface SentenceWeights {
  /** ln of the weighted degree in the graph of sentences that share words. */
  readonly degree: number;
  /** Mean over its words of the root of the share of sentences that have them. */
  readonly common: number;
  /** First sentence of a section. */
  readonly opens: number;
  /** Says what the text is or does (“This proposal …”, “We present …”). */
  readonly announces: number;
  /** Tenths of its characters that are digits, brackets, slashes and the like. */
  readonly symbols: number;
  readonly question: number;
  readonly quotation: number;
  /** Fewer than eight words. */
  readonly short: number;
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
 * Of what the text shows without a model. Fitted on documents of the corpus whose own summary was withheld:
 * `npm run eval -- fit-summaries DATA`.
 */
const TEXT_WEIGHTS: Omit<SentenceWeights, keyof ModelWeights> = {
  degree: 0.4,
  common: 0.2,
  opens: 0.14,
  announces: 0.29,
  symbols: -0.27,
  question: -0.08,
  quotation: 0,
  short: -0.8,
};

/**
 * By the name in its configuration, of what a model notes and says. Fitted on documents that its sentence head was not
 * trained on: `npm run eval -- fit-summaries DATA --read --held-out --count 60 --features salience,notes,kept`.
 */
const TINY: ModelWeights = { notes: 0.1, kept: 0.05, salience: 0.15 };
const BASE: ModelWeights = { notes: 0.1, kept: 0, salience: 0.45 };
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
