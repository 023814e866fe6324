/**
 * Fits the weights of sentence features on the labelled sections of the training corpus, by logistic regression: the
 * sentences `best` and `good` against all others, of which the `bad` ones count eight times. Every section counts the
 * same, and both classes of it. Prints the weights, and on sections left out (five folds) how many of the chosen have
 * which label.
 *
 *   npm run eval -- fit-sentences DATA [--read 120] [--model tiny] [--engine cpu] [--seed 1] [--penalty 0.001]
 *
 * With `--read N` the model reads N sections, drawn with the seed, and only the weights of what it notes and says are
 * fitted, those of the text as they are; readings are remembered in `test/.cache`.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import { DocumentText } from '../../models/reading/document-text.js';
import { layoutOf } from '../../models/reading/layout.js';
import { featuresOf, scored, type SentenceFeatures } from '../../models/summary/sentence-score.js';
import { sentenceWeightsOf, type SentenceWeights } from '../../models/summary/sentence-weights.js';
import {
  labelOf,
  sectionsForTraining,
  type LabelledSection,
  type SentenceLabel,
} from './labelled-sections.js';
import { fitLogistic, type Example } from './logistic.js';
import { Readings } from './readings.js';
import { drawn } from './statistics.js';

const FOLDS = 5;
const BAD = 8;
const GOOD = 0.8;
const MODEL_FEATURES: readonly string[] = ['notes', 'kept', 'salience'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    read: { type: 'string', default: '0' },
    model: { type: 'string', default: 'tiny' },
    engine: { type: 'string', default: 'cpu' },
    seed: { type: 'string', default: '1' },
    penalty: { type: 'string', default: '0.001' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error(
    'usage: npm run eval -- fit-sentences DATA; DATA is the folder that holds corpus/ and questions/',
  );
  process.exit(2);
}

interface Case {
  readonly fold: number;
  readonly features: SentenceFeatures;
  readonly labels: readonly (SentenceLabel | undefined)[];
  readonly best: number;
}

const reads = Number(values.read);
const readings = reads > 0 ? await Readings.open(values.model, values.engine as EngineChoice) : undefined;
let shipped = sentenceWeightsOf('', false);

async function caseOf(section: LabelledSection): Promise<Case> {
  const text = new DocumentText();
  text.append(section.text);
  const layout = layoutOf(text);
  const texts = layout.sentences.map(({ start, end }) => layout.decoded.shown(start, end).trim());
  const reading = await readings?.of(section.text);
  if (reading) shipped = reading.weights;
  const features = featuresOf(
    layout,
    texts,
    (start, end) => reading?.evidence(start, end) ?? { notes: 0, kept: 0 },
  );
  return {
    fold: createHash('sha256').update(section.id).digest()[0]! % FOLDS,
    features,
    labels: layout.sentences.map((sentence) => labelOf(section, sentence)),
    best: section.best,
  };
}

const sections = await sectionsForTraining(folder);
const cases: Case[] = [];
for (const section of reads > 0 ? drawn(sections, reads, Number(values.seed)) : sections)
  cases.push(await caseOf(section));
await readings?.close();

const names = (Object.keys(shipped) as (keyof SentenceWeights)[]).filter((name) =>
  reads > 0 ? MODEL_FEATURES.includes(name) : !MODEL_FEATURES.includes(name),
);

/** The examples of some sections; what is not fitted is one feature more. */
function examplesOf(part: readonly Case[]): Example[] {
  return part.flatMap(({ features, labels }) => {
    const weightOf = (label: SentenceLabel | undefined) =>
      label === 'bad' ? BAD : label === 'good' ? GOOD : 1;
    const isPositive = (label: SentenceLabel | undefined) => label === 'best' || label === 'good';
    const total = [false, true].map((side) =>
      labels.reduce((sum, label) => sum + (isPositive(label) === side ? weightOf(label) : 0), 0),
    );
    const fixed = scored(features, { ...shipped, ...Object.fromEntries(names.map((name) => [name, 0])) });
    return labels.map((label, i) => {
      const y = Number(isPositive(label)) as 0 | 1;
      const x = names.map((name) => features[name][i]!);
      return {
        x: reads > 0 ? [...x, fixed[i]!] : x,
        y,
        weight: weightOf(label) / (2 * Math.max(1e-9, total[y]!) * part.length),
      };
    });
  });
}

/** Weights on the scale of those that are as they are. */
function fitted(part: readonly Case[]): SentenceWeights {
  const found = fitLogistic(examplesOf(part), Number(values.penalty));
  const scale = reads > 0 ? found.at(-1)! : 1;
  return { ...shipped, ...Object.fromEntries(names.map((name, i) => [name, found[i]! / scale])) };
}

/** How many of the chosen have which label. */
function count(part: readonly Case[], weights: SentenceWeights, counts: Map<string, number>): void {
  for (const { features, labels, best } of part) {
    const scores = scored(features, weights);
    const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, best);
    for (const i of order) counts.set(labels[i] ?? 'none', (counts.get(labels[i] ?? 'none') ?? 0) + 1);
  }
}

function print(name: string, counts: ReadonlyMap<string, number>): void {
  const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const share = (...labels: string[]) =>
    ((100 * labels.reduce((sum, label) => sum + (counts.get(label) ?? 0), 0)) / total).toFixed(1);
  console.log(
    `${name}: best ${share('best')} %, best or good ${share('best', 'good')} %, bad ${share('bad')} %`,
  );
}

const asShipped = new Map<string, number>();
count(cases, shipped, asShipped);
print(`${cases.length} sections, as shipped`, asShipped);
const leftOut = new Map<string, number>();
for (let fold = 0; fold < FOLDS; fold++) {
  const weights = fitted(cases.filter((each) => each.fold !== fold));
  count(
    cases.filter((each) => each.fold === fold),
    weights,
    leftOut,
  );
}
print('fitted, on sections left out', leftOut);
const weights = fitted(cases);
for (const name of names) console.log(`  ${name}: ${weights[name].toFixed(2)},`);
