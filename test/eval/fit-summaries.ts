/**
 * Fits the weights of sentence features on documents of the corpus that bring their own summary, with that summary
 * withheld: coordinate ascent on ROUGE (mean of 1, 2 and L), each family of documents counted once. Prints the
 * weights, and what each of them adds.
 *
 *   npm run eval -- fit-summaries DATA [--count 40] [--read] [--rounds 2] [--seed 1] [--model tiny]
 *     [--engine cpu] [--held-out] [--features salience]
 *
 * Without `--read` the weights of what the model notes and says are left alone; with it the model reads all
 * documents first (remembered in `test/.cache`). `--held-out` takes only documents that no sentence head was trained
 * on: its weight is fitted on nothing else. `--features` leaves the weights of all others as they are.
 */
import { parseArgs } from 'node:util';
import { byMarginalRelevance } from '../../models/summary/marginal-relevance.js';
import { DocumentText } from '../../models/reading/document-text.js';
import { layoutOf } from '../../models/reading/layout.js';
import { tfIdf, type SparseVector } from '../../models/summary/tf-idf.js';
import { featuresOf, scored, type SentenceFeatures } from '../../models/summary/sentence-score.js';
import { sentenceWeightsOf, type SentenceWeights } from '../../models/summary/sentence-weights.js';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import { corpusSummaries, isHeldOut } from './corpus-summaries.js';
import { Readings } from './readings.js';
import { rouge, rougeWords } from './rouge.js';
import { cutToWords, sentencesOfReference } from './summary-cut.js';

/** Steps of the ascent, one a round; a change must gain this much ROUGE to be kept. */
const STEPS = [0.15, 0.07, 0.03];
const GAIN = 0.02;
const MODEL_FEATURES: readonly string[] = ['notes', 'kept', 'salience'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '2' },
    read: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'tiny' },
    engine: { type: 'string', default: 'cpu' },
    'held-out': { type: 'boolean', default: false },
    features: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- fit-summaries DATA [options]; DATA is the folder that holds corpus/');
  process.exit(2);
}

const asked = values.features?.split(',');

interface Case {
  readonly family: string;
  readonly texts: readonly string[];
  readonly vectors: readonly SparseVector[];
  readonly features: SentenceFeatures;
  readonly reference: readonly string[];
  readonly words: number;
}

const readings = values.read ? await Readings.open(values.model, values.engine as EngineChoice) : undefined;
const cases: Case[] = [];
let weights = sentenceWeightsOf('', false);
const isWanted = values['held-out'] ? isHeldOut : undefined;
const drawn = await corpusSummaries(folder, Number(values.count), Number(values.seed), isWanted);
for (const [family, documents] of drawn) {
  for (const { document, references } of documents) {
    const reading = await readings?.of(document);
    if (reading) weights = reading.weights;
    const text = new DocumentText();
    text.append(document);
    const layout = layoutOf(text);
    const texts = layout.sentences.map(({ start, end }) => document.slice(start, end));
    const evidence = (start: number, end: number) => reading?.evidence(start, end) ?? { notes: 0, kept: 0 };
    const reference = sentencesOfReference(references[0]!);
    cases.push({
      family,
      texts,
      vectors: tfIdf(texts),
      features: featuresOf(layout, texts, evidence),
      reference,
      words: reference.flatMap(rougeWords).length,
    });
  }
}
await readings?.close();
const families = [...new Set(cases.map(({ family }) => family))];
if (asked?.includes('salience') && cases.every(({ features }) => features.salience.every((x) => x === 0))) {
  console.error(
    'No sentence has a salience: the model has no sentence head, or was not asked to read (--read).',
  );
  process.exit(1);
}

/** ROUGE in points, the mean of the families. */
function quality(weights: SentenceWeights): number {
  const perFamily = families.map((family) => {
    const scores = cases.filter((each) => each.family === family).map((each) => rougeOf(each, weights));
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  });
  return perFamily.reduce((sum, score) => sum + score, 0) / perFamily.length;
}

function rougeOf({ texts, vectors, features, reference, words }: Case, weights: SentenceWeights): number {
  const order = byMarginalRelevance(texts.keys(), scored(features, weights), vectors);
  const { rouge1, rouge2, rougeL } = rouge(cutToWords(texts, order, words), reference);
  return (100 * (rouge1 + rouge2 + rougeL)) / 3;
}

let best = quality(weights);
console.log(`${cases.length} documents of ${families.join(', ')}; as shipped ${best.toFixed(2)}`);
const names = (Object.keys(weights) as (keyof SentenceWeights)[]).filter(
  (name) => (asked?.includes(name) ?? true) && (values.read || !MODEL_FEATURES.includes(name)),
);
for (const step of STEPS.slice(0, Number(values.rounds))) {
  for (const name of names) {
    for (const change of [step, -step]) {
      let isBetter = false;
      for (;;) {
        const changed = { ...weights, [name]: weights[name] + change };
        const value = quality(changed);
        if (value <= best + GAIN) break;
        [weights, best, isBetter] = [changed, value, true];
      }
      if (isBetter) break;
    }
  }
}
console.log(`fitted ${best.toFixed(2)}`);
for (const name of names) {
  const without = quality({ ...weights, [name]: 0 });
  console.log(
    `  ${name.padEnd(10)} ${weights[name].toFixed(2).padStart(6)}   adds ${(best - without).toFixed(2)}`,
  );
}
