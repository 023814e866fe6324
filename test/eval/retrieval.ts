/**
 * Retrieval of passages: recall@1/5/20 and mean reciprocal rank, by set, by form of the query and by length of the
 * document: plain BM25, the wider search by words, the search of the model's notes, and both fused.
 *
 *   npm run eval -- retrieval DATA [--sets qmsum_val,docs_dev,pg19_dev] [--pieces 6] [--meetings 35] [--read]
 *                             [--seed 1] [--model tiny] [--weights 0.02,0.1] [--out FILE]
 *
 * QMSum asks about meetings; a passage counts that overlaps the turns that people marked. From pieces of docs_dev
 * and pg19_dev (2k, 8k and 32k tokens, `--pieces` of each) headings and sentences are taken out and asked
 * for, as they are and paraphrased by rule (WordNet); a passage counts that overlaps the section, or the
 * paragraph. `val-0` is made in the same way from the validation split of the corpus, for fitting.
 *
 * `--weights` adds the fusion with other weights of the notes than the shipped one, for fitting.
 *
 * Without `--read` only the methods without a model run. Readings are remembered in `test/.cache`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DocumentText } from '../../models/analysis/document-text.js';
import { layoutOf } from '../../models/analysis/layout.js';
import { PassageIndex, type Ranked } from '../../models/analysis/passage-index.js';
import { fuse, rankByNotes } from '../../models/analysis/passages.js';
import { Paraphraser } from './paraphrase.js';
import { Readings } from './readings.js';
import { meetings, withheld, type Query, type RetrievalDocument } from './retrieval-sets.js';
import { drawn, meanWithInterval, wilson } from './statistics.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sets: { type: 'string', default: 'qmsum_val,docs_dev,pg19_dev' },
    pieces: { type: 'string', default: '6' },
    meetings: { type: 'string', default: '35' },
    read: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'tiny' },
    weights: { type: 'string', default: '' },
    out: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- retrieval DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}

/** The rank of the first right passage of one query, from 1, or Infinity. */
interface Found {
  readonly group: string;
  readonly tokens: string;
  readonly ranks: Readonly<Record<string, number>>;
}

const seed = Number(values.seed);
const readings = values.read ? await Readings.open(values.model) : undefined;
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
if (values.out !== undefined) {
  writeFileSync(values.out, `${JSON.stringify({ seed, model: readings?.model, results }, null, 2)}\n`);
}

async function documentsOfSet(set: string): Promise<RetrievalDocument[]> {
  if (set === 'qmsum_val') return drawn(await meetings(folder!), Number(values.meetings), seed);
  if (set !== 'docs_dev' && set !== 'pg19_dev' && set !== 'val-0') throw new Error(`There is no set ${set}.`);
  return withheld(folder!, set, Number(values.pieces), seed, new Paraphraser());
}

async function search({ set, text: source, queries }: RetrievalDocument): Promise<Found[]> {
  const text = new DocumentText();
  text.append(source);
  const layout = layoutOf(text);
  const index = new PassageIndex(text, layout);
  const reading = await readings?.of(
    source,
    queries.map(({ query }) => query),
  );
  // Four UTF-16 units to a token, to the nearest doubling.
  const tokens = `${2 ** Math.round(Math.log2(source.length / 4000))}k`;
  return queries.map((each, q): Found => {
    const words = index.searchWidely(each.query);
    const lists: Record<string, readonly Ranked[]> = { bm25: index.search(each.query), words };
    if (reading) {
      const notes = rankByNotes(reading.archive, reading.found[q]!, layout, (token) =>
        reading.offsetOf(token),
      );
      lists.notes = notes;
      lists.fused = fuse(words, notes);
      for (const weight of values.weights.split(',').filter(Boolean)) {
        lists[`fused ${weight}`] = fuse(words, notes, Number(weight));
      }
    }
    const isRight = ({ passage }: Ranked) => {
      const { start, end } = layout.passages[passage]!;
      return each.gold.some((gold) => gold.start < end && start < gold.end);
    };
    const rank = (list: readonly Ranked[]) => {
      const at = list.findIndex(isRight);
      return at < 0 ? Infinity : at + 1;
    };
    const ranks = Object.fromEntries(Object.entries(lists).map(([method, list]) => [method, rank(list)]));
    return { group: groupOf(set, each), tokens, ranks };
  });
}

function groupOf(set: string, { form, paraphrased }: Query): string {
  return `${set} ${form}${paraphrased ? ', paraphrased' : ''}`;
}

function measured(all: readonly Found[]) {
  const methods = Object.keys(all[0]!.ranks).map((method) => {
    const ranks = all.map(({ ranks: each }) => each[method]!);
    const recall = (k: number) => {
      const hits = ranks.filter((rank) => rank <= k).length;
      return { share: hits / ranks.length, interval: wilson(hits, ranks.length) };
    };
    const mrr = meanWithInterval(ranks.map((rank) => 1 / rank));
    return [method, { recall1: recall(1), recall5: recall(5), recall20: recall(20), mrr }] as const;
  });
  return { queries: all.length, methods: Object.fromEntries(methods) };
}

function print(name: string, { queries, methods }: ReturnType<typeof measured>): void {
  console.log(`${name}, ${queries} queries`);
  for (const [method, { recall1, recall5, recall20, mrr }] of Object.entries(methods)) {
    const percent = (share: number) => (100 * share).toFixed(0).padStart(3);
    const [low, high] = recall5.interval;
    console.log(
      `    ${method.padEnd(8)} @1 ${percent(recall1.share)}  @5 ${percent(recall5.share)} [${percent(low)}, ${percent(high)}]` +
        `  @20 ${percent(recall20.share)}  MRR ${mrr.mean.toFixed(3)} ± ${mrr.interval.toFixed(3)}`,
    );
  }
}
