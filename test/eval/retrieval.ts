/**
 * Retrieval of passages: recall@1/5/20 and mean reciprocal rank of the first 20 places, by set, by form of the query
 * and by length of the document. Ranked are places as they are shown: passages that touch are joined, up to three.
 *
 *   bm25       plain BM25
 *   bm25 ±1    plain BM25, every passage shown with the one before and after: as much text as the methods below
 *   words      the wider search by words
 *   notes      the search of the model's notes
 *   fused      both, as shipped
 *
 *   npm run eval -- retrieval DATA [--sets qmsum_val,docs_dev,pg19_dev] [--pieces 6] [--tokens 2,8,32] [--meetings 35] [--read]
 *                             [--seed 1] [--model tiny] [--engine cpu] [--weights 0.02,0.1] [--out FILE]
 *                             [--domains books,docs,textbooks] [--questions 0]
 *
 * QMSum asks about meetings; a passage counts that overlaps the turns that people marked. From pieces of docs_dev
 * and pg19_dev (`--pieces` of each of `--tokens` thousands) headings and sentences are taken out and asked
 * for, as they are and paraphrased by rule (WordNet); a passage counts that overlaps the section, or the
 * paragraph. `val-0` is made in the same way from the validation split of the corpus, for fitting: of its `--domains`,
 * and with so many `--questions` a piece, made by rule, about what is left.
 *
 * `--weights` adds the fusion with other weights of the notes than the shipped one, for fitting.
 *
 * Without `--read` only the methods without a model run. Readings are remembered in `test/.cache`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DocumentText } from '../../models/reading/document-text.js';
import { layoutOf, type Layout } from '../../models/reading/layout.js';
import { PassageIndex, type Ranked } from '../../models/search/passage-index.js';
import {
  fuse,
  NOTES_WEIGHT,
  passagesOfGists,
  placesOf,
  rankByNotes,
  type Place,
} from '../../models/search/passages.js';
import type { Span } from '../../models/text/span.js';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import { withQuestions } from './corpus-questions.js';
import { Paraphraser } from './paraphrase.js';
import { Readings } from './readings.js';
import { DOMAINS, meetings, withheld, type Query, type RetrievalDocument } from './retrieval-sets.js';
import { drawn, generator, meanWithInterval, wilson } from './statistics.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sets: { type: 'string', default: 'qmsum_val,docs_dev,pg19_dev' },
    pieces: { type: 'string', default: '6' },
    tokens: { type: 'string', default: '2,8,32' },
    meetings: { type: 'string', default: '35' },
    read: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'tiny' },
    engine: { type: 'string', default: 'cpu' },
    weights: { type: 'string', default: '' },
    domains: { type: 'string', default: DOMAINS.join() },
    questions: { type: 'string', default: '0' },
    out: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- retrieval DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}

/** Places ranked. */
const DEPTH = 20;

/** Neighbouring passages shown as one, by the numbers of the first and the last. */
type Shown = Pick<Place, 'from' | 'to'>;

/** What one query found. */
interface Found {
  readonly group: string;
  readonly tokens: string;
  /** The rank of the first right place, from 1, or Infinity; and how long the first five are, in the mean. */
  readonly methods: Readonly<Record<string, { readonly rank: number; readonly units: number }>>;
}

const seed = Number(values.seed);
const readings = values.read ? await Readings.open(values.model, values.engine as EngineChoice) : undefined;
const found: Found[] = [];
for (const set of values.sets.split(',')) {
  for (const document of await documentsOfSet(set)) found.push(...(await search(document)));
}
await readings?.close();
const results = [...new Set(found.map(({ group }) => group))].map((group) => {
  const all = found.filter((each) => each.group === group);
  const lengths = [...new Set(all.map(({ tokens }) => tokens))];
  return {
    group,
    all: measured(all),
    byLength: lengths.map((tokens) => ({
      tokens,
      ...measured(all.filter((each) => each.tokens === tokens)),
    })),
  };
});
for (const { group, all, byLength } of results) {
  print(group, all);
  for (const { tokens, ...rest } of byLength) if (byLength.length > 1) print(`  ${tokens} tokens`, rest);
}
const mean = meanOfGroups(results.map(({ all }) => all));
console.log('mean of the above, recall@5 (and its gain on bm25)');
for (const [method, { recall5, gain }] of Object.entries(mean)) {
  console.log(`    ${method.padEnd(10)} ${(100 * recall5).toFixed(1)} (${(100 * gain).toFixed(1)})`);
}
if (values.out !== undefined) {
  writeFileSync(values.out, `${JSON.stringify({ seed, model: readings?.model, mean, results }, null, 2)}\n`);
}

async function documentsOfSet(set: string): Promise<RetrievalDocument[]> {
  if (set === 'qmsum_val') return drawn(await meetings(folder!), Number(values.meetings), seed);
  if (set !== 'docs_dev' && set !== 'pg19_dev' && set !== 'val-0') throw new Error(`There is no set ${set}.`);
  const paraphraser = new Paraphraser();
  const documents = await withheld(
    folder!,
    set,
    Number(values.pieces),
    values.tokens.split(',').map(Number),
    seed,
    paraphraser,
    values.domains.split(','),
  );
  const questions = set === 'val-0' ? Number(values.questions) : 0;
  if (questions === 0) return documents;
  const random = generator(seed);
  return documents.map((document) => withQuestions(document, questions, random, paraphraser));
}

async function search({ set, text: source, queries }: RetrievalDocument): Promise<Found[]> {
  const text = new DocumentText();
  text.append(source);
  const layout = layoutOf(text);
  const index = new PassageIndex(layout);
  const reading = await readings?.of(
    source,
    queries.map(({ query }) => query),
  );
  // Four UTF-16 units to a token, to the nearest doubling.
  const tokens = `${2 ** Math.round(Math.log2(source.length / 4000))}k`;
  const ofGists = reading && passagesOfGists(reading.archive, layout, (token) => reading.offsetOf(token));
  return queries.map((each, q): Found => {
    const words = index.searchWidely(each.query);
    const lists: Record<string, readonly Ranked[]> = { bm25: index.search(each.query), words };
    if (reading && ofGists) {
      const notes = rankByNotes(ofGists, reading.found[q]!, layout);
      lists.notes = notes;
      lists.fused = fuse(words, notes, NOTES_WEIGHT[reading.found[q]!.by]);
      for (const weight of values.weights.split(',').filter(Boolean)) {
        lists[`fused ${weight}`] = fuse(words, notes, Number(weight));
      }
    }
    const shown: Record<string, readonly Shown[]> = Object.fromEntries(
      Object.entries(lists).map(([method, list]) => [method, placesOf(list, DEPTH)]),
    );
    const places = { bm25: shown.bm25!, 'bm25 ±1': windowsOf(lists.bm25!, layout), ...shown };
    const spanOf = ({ from, to }: Shown): Span => {
      return { start: layout.passages[from]!.start, end: layout.passages[to]!.end };
    };
    const found = Object.entries(places).map(([method, list]) => {
      const spans = list.map(spanOf);
      const at = spans.findIndex(({ start, end }) =>
        each.gold.some((gold) => gold.start < end && start < gold.end),
      );
      const first = spans.slice(0, 5);
      const units = first.reduce((sum, { start, end }) => sum + end - start, 0) / Math.max(1, first.length);
      return [method, { rank: at < 0 ? Infinity : at + 1, units }] as const;
    });
    return { group: groupOf(set, each), tokens, methods: Object.fromEntries(found) };
  });
}

/** Passages with their neighbours, best first; one that was shown with another is not shown again. */
function windowsOf(list: readonly Ranked[], { passages }: Layout): Shown[] {
  const windows: Shown[] = [];
  for (const { passage } of list) {
    if (windows.length === DEPTH) break;
    if (windows.some(({ from, to }) => from <= passage && passage <= to)) continue;
    windows.push({ from: Math.max(0, passage - 1), to: Math.min(passages.length - 1, passage + 1) });
  }
  return windows;
}

function groupOf(set: string, { form, paraphrased }: Query): string {
  return `${set} ${form}${paraphrased ? ', paraphrased' : ''}`;
}

function measured(all: readonly Found[]) {
  const methods = Object.keys(all[0]!.methods).map((method) => {
    const results = all.map(({ methods: each }) => each[method]!);
    const recall = (k: number) => {
      const hits = results.filter(({ rank }) => rank <= k).length;
      return { share: hits / results.length, interval: wilson(hits, results.length) };
    };
    const mrr = meanWithInterval(results.map(({ rank }) => 1 / rank));
    // Paired by query: what recall@5 gains on plain BM25.
    const gain = meanWithInterval(
      all.map(({ methods: each }) => Number(each[method]!.rank <= 5) - Number(each.bm25!.rank <= 5)),
    );
    const units = Math.round(meanWithInterval(results.map((each) => each.units)).mean);
    return [
      method,
      { recall1: recall(1), recall5: recall(5), recall20: recall(20), mrr, gain, units },
    ] as const;
  });
  return { queries: all.length, methods: Object.fromEntries(methods) };
}

/** Each set and form counts the same. */
function meanOfGroups(groups: readonly ReturnType<typeof measured>[]) {
  const methods = Object.keys(groups[0]!.methods).map((method) => {
    const of = (value: (each: (typeof groups)[0]['methods'][string]) => number) =>
      groups.reduce((sum, { methods: each }) => sum + value(each[method]!), 0) / groups.length;
    return [
      method,
      { recall5: of(({ recall5 }) => recall5.share), gain: of(({ gain }) => gain.mean) },
    ] as const;
  });
  return Object.fromEntries(methods);
}

function print(name: string, { queries, methods }: ReturnType<typeof measured>): void {
  console.log(`${name}, ${queries} queries`);
  for (const [method, { recall1, recall5, recall20, mrr, gain, units }] of Object.entries(methods)) {
    const percent = (share: number) => (100 * share).toFixed(0).padStart(3);
    const [low, high] = recall5.interval;
    console.log(
      `    ${method.padEnd(10)} @1 ${percent(recall1.share)}  @5 ${percent(recall5.share)} [${percent(low)}, ${percent(high)}]` +
        `  @20 ${percent(recall20.share)}  MRR ${mrr.mean.toFixed(3)} ± ${mrr.interval.toFixed(3)}` +
        `  @5 gains ${percent(gain.mean)} ± ${percent(gain.interval)}  ${units} characters a place`,
    );
  }
}
