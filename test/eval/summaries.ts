/**
 * Summaries against what people wrote: ROUGE-1/2/L of MemMamba's extractive summary, with and without what the
 * model noted, and of Lead, TextRank and LexRank. All choose from the same sentences and are cut to the same number
 * of words, that of the references (their mean where there are several).
 *
 *   npm run eval -- summaries DATA [--sets a,b] [--read 10] [--seed 1] [--model tiny] [--engine cpu]
 *     [--out FILE]
 *
 * The methods without a model run on every document. `--read N` lets the model read N documents of each set, drawn
 * with the seed, and compares all methods on those too; 0 (the default) reads none. Readings are remembered in
 * `test/.cache`. `--out` writes the results as JSON.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DocumentText } from '../../models/reading/document-text.js';
import { layoutOf } from '../../models/reading/layout.js';
import { sentenceWeightsOf, type SentenceWeights } from '../../models/summary/sentence-weights.js';
import { overviewOrder, scoreSentences } from '../../models/summary/summary.js';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import { lead, lexRank, textRank } from './graph-baselines.js';
import { Readings, type Reading } from './readings.js';
import { bestRouge, rougeWords, type Rouge } from './rouge.js';
import { drawn, meanWithInterval, type Mean } from './statistics.js';
import { SUMMARY_SETS, summarizedOf, type Summarized, type SummarySet } from './summary-sets.js';
import { cutToWords, sentencesOfReference } from './summary-cut.js';

const MEASURES = ['rouge1', 'rouge2', 'rougeL'] as const;
/** Words of a sentence, to tell how many an overview of so many words has. */
const WORDS_PER_SENTENCE = 25;
/** What a model that does not read says of every sentence: whatever that weighs, it tells none apart. */
const SILENT: Pick<Reading, 'evidence' | 'weights'> = {
  evidence: () => ({ notes: 0, kept: 0 }),
  weights: sentenceWeightsOf('', false),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sets: { type: 'string', default: SUMMARY_SETS.join(',') },
    read: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'tiny' },
    engine: { type: 'string', default: 'cpu' },
    out: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- summaries DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}

type Method =
  | 'lead'
  | 'textRank'
  | 'lexRank'
  | 'words'
  | 'words, no own summary'
  | 'notes'
  | 'kept'
  | 'salience'
  | 'full';
const WITHOUT_MODEL: readonly Method[] = ['lead', 'textRank', 'lexRank', 'words', 'words, no own summary'];
const WITH_MODEL: readonly Method[] = ['notes', 'kept', 'salience', 'full'];

/** ROUGE of each method on one document. */
function compare(
  { document, references }: Summarized,
  methods: readonly Method[],
  { evidence, weights }: Pick<Reading, 'evidence' | 'weights'> = SILENT,
): Map<Method, Rouge> {
  const text = new DocumentText();
  text.append(document);
  const layout = layoutOf(text);
  const wanted = references.map(sentencesOfReference);
  const lengths = wanted.map((sentences) => sentences.flatMap(rougeWords).length);
  const words = Math.round(lengths.reduce((sum, length) => sum + length, 0) / lengths.length);
  const count = Math.ceil(words / WORDS_PER_SENTENCE);
  const plain = scoreSentences(text, layout, SILENT.evidence, SILENT.weights);
  const ours = (changes: Partial<SentenceWeights>) =>
    overviewOrder(scoreSentences(text, layout, evidence, { ...weights, ...changes }), count);
  const orders: Record<Method, () => Iterable<number>> = {
    lead: () => lead(plain.texts),
    textRank: () => textRank(plain.texts),
    lexRank: () => lexRank(plain.texts),
    words: () => overviewOrder(plain, count),
    'words, no own summary': () => overviewOrder({ ...plain, own: [] }, count),
    notes: () => ours({ kept: 0, salience: 0 }),
    kept: () => ours({ notes: 0, salience: 0 }),
    salience: () => ours({ notes: 0, kept: 0 }),
    full: () => ours({}),
  };
  return new Map(
    methods.map((method) => [method, bestRouge(cutToWords(plain.texts, orders[method](), words), wanted)]),
  );
}

interface SetResult {
  readonly set: SummarySet;
  readonly documents: number;
  readonly read: boolean;
  readonly methods: Record<string, Record<(typeof MEASURES)[number] | 'mean', Mean>>;
}

function resultOf(set: SummarySet, read: boolean, scores: readonly Map<Method, Rouge>[]): SetResult {
  const methods: SetResult['methods'] = {};
  for (const method of scores[0]?.keys() ?? []) {
    const of = (value: (rouge: Rouge) => number) =>
      meanWithInterval(scores.map((each) => 100 * value(each.get(method)!)));
    methods[method] = {
      rouge1: of((r) => r.rouge1),
      rouge2: of((r) => r.rouge2),
      rougeL: of((r) => r.rougeL),
      mean: of((r) => (r.rouge1 + r.rouge2 + r.rougeL) / 3),
    };
  }
  return { set, documents: scores.length, read, methods };
}

const readings =
  Number(values.read) > 0 ? await Readings.open(values.model, values.engine as EngineChoice) : undefined;
const results: SetResult[] = [];
for (const set of values.sets.split(',') as SummarySet[]) {
  const all: Summarized[] = [];
  for await (const each of summarizedOf(folder, set)) all.push(each);
  results.push(
    resultOf(
      set,
      false,
      all.map((each) => compare(each, WITHOUT_MODEL)),
    ),
  );
  if (readings) {
    const scores: Map<Method, Rouge>[] = [];
    for (const each of drawn(all, Number(values.read), Number(values.seed))) {
      const reading = await readings.of(each.document);
      scores.push(compare(each, [...WITHOUT_MODEL, ...WITH_MODEL], reading));
    }
    results.push(resultOf(set, true, scores));
  }
  for (const result of results.filter((each) => each.set === set)) print(result);
}
await readings?.close();
for (const read of [false, true]) printMeans(results.filter((result) => result.read === read));
if (values.out !== undefined) {
  writeFileSync(
    values.out,
    `${JSON.stringify({ seed: Number(values.seed), model: readings?.model, results }, null, 2)}\n`,
  );
}

function print({ set, documents, read, methods }: SetResult): void {
  console.log(`${set}, ${documents} documents${read ? ' read by the model' : ''}`);
  for (const [method, scores] of Object.entries(methods)) {
    const cells = MEASURES.map((measure) => scores[measure].mean.toFixed(1).padStart(5)).join('  ');
    const { mean, interval } = scores.mean;
    console.log(`  ${method.padEnd(24)}${cells}   mean ${mean.toFixed(2)} ± ${interval.toFixed(2)}`);
  }
}

/** Means over the sets, each set counted once. */
function printMeans(sets: readonly SetResult[]): void {
  if (sets.length === 0) return;
  console.log(`mean of ${sets.length} sets${sets[0]!.read ? ', documents read by the model' : ''}`);
  for (const method of Object.keys(sets[0]!.methods)) {
    const values = sets.map(({ methods }) => methods[method]!.mean.mean);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    console.log(`  ${method.padEnd(24)}${mean.toFixed(2)}`);
  }
}
