/** The ways to choose sentences that are compared, on one document. All choose from the same sentences. */
import { DocumentText } from '../../models/reading/document-text.js';
import { layoutOf } from '../../models/reading/layout.js';
import { sentenceWeightsOf, type SentenceWeights } from '../../models/summary/sentence-weights.js';
import { shownOf } from '../../models/summary/scored-sentences.js';
import { overviewOrder, scoreSentences, summaryOf, type Scored } from '../../models/summary/summary.js';
import { lead, lexRank, textRank } from './graph-baselines.js';
import type { Chosen } from './overview-measures.js';
import type { Reading } from './readings.js';
import { bestRouge, rougeWords, type Rouge } from './rouge.js';
import { cutToWords, sentencesOfReference } from './summary-cut.js';
import type { Summarized } from './summary-sets.js';

export type Baseline = 'lead' | 'textRank' | 'lexRank';
export type Method = Baseline | 'words' | 'words, no own summary' | 'notes' | 'kept' | 'salience' | 'full';
export const WITHOUT_MODEL: readonly Method[] = [
  'lead',
  'textRank',
  'lexRank',
  'words',
  'words, no own summary',
];
export const WITH_MODEL: readonly Method[] = ['notes', 'kept', 'salience', 'full'];

type Evidence = Pick<Reading, 'evidence' | 'weights'>;

/** What a model that does not read says of every sentence: whatever that weighs, it tells none apart. */
const SILENT: Evidence = {
  evidence: () => ({ notes: 0, kept: 0 }),
  weights: sentenceWeightsOf('', false),
};
/** Words of a sentence, to tell how many an overview of so many words has. */
const WORDS_PER_SENTENCE = 25;
/** Sentences above which all pairs are too many. */
const MOST_PAIRED = 4000;

/** A document laid out once, and the orders of the methods on it. */
export class Compared {
  readonly #reading: Evidence;

  readonly #text = new DocumentText();
  readonly #layout;
  readonly #plain: Scored;
  readonly #shown: readonly string[];
  readonly #baselines = new Map<Baseline, readonly number[]>();

  constructor(
    readonly document: string,
    reading: Evidence = SILENT,
  ) {
    this.#reading = reading;

    this.#text.append(document);
    this.#layout = layoutOf(this.#text);
    this.#plain = scoreSentences(this.#text, this.#layout, SILENT.evidence, SILENT.weights);
    this.#shown = this.#plain.texts.map((_, i) => shownOf(this.#plain, i).text);
  }

  /** The sentences that all choose from. */
  get sentences(): readonly string[] {
    return this.#plain.texts;
  }

  /** ROUGE of a method's extract that has as many words as the references have on the mean. */
  rouge(method: Method, references: Summarized['references']): Rouge {
    const wanted = references.map(sentencesOfReference);
    const lengths = wanted.map((sentences) => sentences.flatMap(rougeWords).length);
    const words = Math.round(lengths.reduce((sum, length) => sum + length, 0) / lengths.length);
    const order = this.#order(method, Math.ceil(words / WORDS_PER_SENTENCE));
    const isOurs = !['lead', 'textRank', 'lexRank'].includes(method);
    return bestRouge(cutToWords(isOurs ? this.#shown : this.#plain.texts, order, words), wanted);
  }

  /** The overview of so many sentences, or undefined where there are too many for the method. */
  overview(method: Baseline | 'words' | 'full', count?: number): readonly Chosen[] | undefined {
    if (method === 'words' || method === 'full') {
      const { evidence, weights } = method === 'full' ? this.#reading : SILENT;
      return summaryOf(this.#text, this.#layout, evidence, weights, count).overview;
    }
    if (method !== 'lead' && this.#plain.texts.length > MOST_PAIRED) return undefined;
    return this.chosen(this.#order(method, count ?? 8), count);
  }

  /** The first sentences of an order, as they stand in the document. */
  chosen(order: Iterable<number>, count = 8): Chosen[] {
    const first: number[] = [];
    for (const i of order) if (first.push(i) >= count) break;
    return first
      .sort((a, b) => a - b)
      .map((i) => {
        const { start, end } = this.#layout.sentences[i]!;
        return { start, end, text: this.#plain.texts[i]! };
      });
  }

  #order(method: Method, count: number): Iterable<number> {
    const plain = this.#plain;
    switch (method) {
      case 'lead':
      case 'textRank':
      case 'lexRank':
        return this.#baseline(method);
      case 'words':
        return overviewOrder(plain, count);
      case 'words, no own summary':
        return overviewOrder({ ...plain, own: [] }, count);
      case 'notes':
        return this.#ours(count, { kept: 0, salience: 0 });
      case 'kept':
        return this.#ours(count, { notes: 0, salience: 0 });
      case 'salience':
        return this.#ours(count, { notes: 0, kept: 0 });
      case 'full':
        return this.#ours(count, {});
    }
  }

  #baseline(method: Baseline): readonly number[] {
    let order = this.#baselines.get(method);
    if (!order) {
      order = { lead, textRank, lexRank }[method](this.#plain.texts);
      this.#baselines.set(method, order);
    }
    return order;
  }

  #ours(count: number, changes: Partial<SentenceWeights>): Iterable<number> {
    const { evidence, weights } = this.#reading;
    return overviewOrder(
      scoreSentences(this.#text, this.#layout, evidence, { ...weights, ...changes }),
      count,
    );
  }
}
