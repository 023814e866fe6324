/**
 * Summaries against what people wrote and what they mind.
 *
 *   npm run eval -- summaries DATA [--parts rouge,overviews,labels] [--sets a,b] [--read 10] [--seed 1]
 *     [--model tiny] [--engine cpu] [--sentences FILE] [--orders FILE] [--out FILE]
 *
 * - `rouge`: ROUGE-1/2/L of MemMamba's extractive summary, with and without what the model noted, and of Lead, TextRank
 *   and LexRank. All choose from the same sentences and are cut to the number of words of the references (their mean
 *   where there are several).
 * - `overviews`: what readers mind in overviews of the usual length, counted by rules that are not those of the choice.
 *   These sets include documents without a reference, `pg19_dev` and `docs_dev`.
 * - `labels`: the sections of `sentences_dev`, each as a document of its own, with as many sentences as have the label
 *   `best`. A chosen sentence takes the label of the sentence that it overlaps by half.
 *
 * The methods without a model run on every document. `--read N` lets the model read N documents of each set, drawn
 * with the seed, and compares all methods on those too; 0 (the default) reads none. Readings are remembered in
 * `test/.cache`. `--sentences` writes the sentences of the labelled sections, a line each, for a method of another
 * program; `--orders` reads what it made of them: `{"id", "method", "order"}` a line. `--out` writes the results as JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import { labelOf, sectionsForEvaluation, type SentenceLabel } from './labelled-sections.js';
import { OverviewCounter, type Chosen } from './overview-measures.js';
import { Readings } from './readings.js';
import type { Rouge } from './rouge.js';
import { drawn, meanWithInterval } from './statistics.js';
import { Compared, WITHOUT_MODEL, WITH_MODEL, type Method } from './summary-methods.js';
import {
  printLabels,
  printMeans,
  printMeasures,
  printRouge,
  type LabelsResult,
  type MeasuresResult,
  type RougeResult,
} from './summary-report.js';
import { OVERVIEW_SETS, SUMMARY_SETS, summarizedOf, type Summarized } from './summary-sets.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    parts: { type: 'string', default: 'rouge,overviews,labels' },
    sets: { type: 'string', default: OVERVIEW_SETS.join(',') },
    read: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'tiny' },
    engine: { type: 'string', default: 'cpu' },
    sentences: { type: 'string' },
    orders: { type: 'string' },
    out: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- summaries DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}
const parts = new Set(values.parts.split(','));
const readings =
  Number(values.read) > 0 ? await Readings.open(values.model, values.engine as EngineChoice) : undefined;

const OVERVIEWS = ['lead', 'textRank', 'lexRank', 'words'] as const;
const OVERVIEWS_READ = ['words', 'full'] as const;

function rougeResult(set: string, read: boolean, scores: readonly Map<Method, Rouge>[]): RougeResult {
  const methods: RougeResult['methods'] = {};
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

/** Both measures of one set, of the documents as they come or of those that the model has read. */
class SetResults {
  readonly #set: string;
  readonly #read: boolean;

  readonly #scores: Map<Method, Rouge>[] = [];
  readonly #counters = new Map<string, OverviewCounter>();
  #documents = 0;

  constructor(set: string, read: boolean) {
    this.#set = set;
    this.#read = read;
  }

  add({ references }: Summarized, compared: Compared): void {
    this.#documents++;
    const methods = this.#read ? [...WITHOUT_MODEL, ...WITH_MODEL] : WITHOUT_MODEL;
    if (parts.has('rouge') && references.length > 0)
      this.#scores.push(new Map(methods.map((method) => [method, compared.rouge(method, references)])));
    if (!parts.has('overviews')) return;
    for (const method of this.#read ? OVERVIEWS_READ : OVERVIEWS) {
      const overview = compared.overview(method);
      if (!overview) continue;
      let counter = this.#counters.get(method);
      if (!counter) this.#counters.set(method, (counter = new OverviewCounter()));
      counter.add(compared.document, overview);
    }
  }

  get rouge(): RougeResult | undefined {
    return this.#scores.length > 0 ? rougeResult(this.#set, this.#read, this.#scores) : undefined;
  }

  get overviews(): MeasuresResult {
    const methods = Object.fromEntries(
      [...this.#counters].map(([method, { measures }]) => [method, measures]),
    );
    return { set: this.#set, documents: this.#documents, read: this.#read, methods };
  }
}

async function resultsOfSet(set: string): Promise<SetResults[]> {
  const all: Summarized[] = [];
  for await (const each of summarizedOf(folder!, set as (typeof OVERVIEW_SETS)[number])) all.push(each);
  const plain = new SetResults(set, false);
  for (const each of all) plain.add(each, new Compared(each.document));
  if (!readings) return [plain];
  const read = new SetResults(set, true);
  for (const each of drawn(all, Number(values.read), Number(values.seed)))
    read.add(each, new Compared(each.document, await readings.of(each.document)));
  return [plain, read];
}

interface Order {
  readonly id: string;
  readonly method: string;
  readonly order: readonly number[];
}

/** Orders of another program, by section. */
function ordersOf(file: string | undefined): Map<string, Order[]> {
  const orders = new Map<string, Order[]>();
  const lines = file === undefined ? [] : readFileSync(file, 'utf8').trimEnd().split('\n');
  for (const line of lines) {
    const order = JSON.parse(line) as Order;
    orders.set(order.id, [...(orders.get(order.id) ?? []), order]);
  }
  return orders;
}

async function labelsResult(): Promise<LabelsResult> {
  const counts = new Map<string, Map<SentenceLabel | undefined, number>>();
  const orders = ordersOf(values.orders);
  const lines: string[] = [];
  const sections = await sectionsForEvaluation(folder!);
  for (const section of sections) {
    const compared = new Compared(section.text, await readings?.of(section.text));
    lines.push(JSON.stringify({ id: section.id, sentences: compared.sentences }));
    const found: [string, readonly Chosen[]][] = [...OVERVIEWS, ...(readings ? (['full'] as const) : [])].map(
      (method) => [method, compared.overview(method, section.best)!],
    );
    for (const { method, order } of orders.get(section.id) ?? [])
      found.push([method, compared.chosen(order, section.best)]);
    for (const [method, overview] of found) {
      let count = counts.get(method);
      if (!count) counts.set(method, (count = new Map<SentenceLabel | undefined, number>()));
      for (const chosen of overview) {
        const label = labelOf(section, chosen);
        count.set(label, (count.get(label) ?? 0) + 1);
      }
    }
  }
  if (values.sentences !== undefined) writeFileSync(values.sentences, `${lines.join('\n')}\n`);
  const methods = [...counts].map(([method, count]) => {
    const chosen = [...count.values()].reduce((sum, each) => sum + each, 0);
    const share = (...labels: SentenceLabel[]) =>
      labels.reduce((sum, label) => sum + (count.get(label) ?? 0), 0) / chosen;
    return [
      method,
      { chosen, best: share('best'), bestOrGood: share('best', 'good'), bad: share('bad') },
    ] as const;
  });
  return { sections: sections.length, methods: Object.fromEntries(methods) };
}

const rouge: RougeResult[] = [];
const overviews: MeasuresResult[] = [];
const needsSets = parts.has('rouge') || parts.has('overviews');
for (const set of needsSets ? values.sets.split(',') : []) {
  if (!parts.has('overviews') && !(SUMMARY_SETS as readonly string[]).includes(set)) continue;
  for (const results of await resultsOfSet(set)) {
    if (results.rouge) {
      rouge.push(results.rouge);
      printRouge(results.rouge);
    }
    if (parts.has('overviews')) overviews.push(results.overviews);
  }
}
for (const read of [false, true]) printMeans(rouge.filter((result) => result.read === read));
printMeasures(overviews);
const labels = parts.has('labels') ? await labelsResult() : undefined;
if (labels) printLabels(labels);
await readings?.close();
if (values.out !== undefined) {
  const results = { seed: Number(values.seed), model: readings?.model, results: rouge, overviews, labels };
  writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`);
}
