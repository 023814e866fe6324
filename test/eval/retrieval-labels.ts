/**
 * What a retrieval head is chosen by: the withheld headings and sentences of `val-0`, as `retrieval --sets val-0`
 * asks for them, in token ids.
 *
 *   npm run eval -- retrieval-labels DATA --out FILE.jsonl [--pieces 12] [--tokens 2,8,32] [--seed 1]
 *                                    [--synonyms FILE.json] [--shards docs-0,textbooks-0,books-0]
 *
 * A line a document: its id, set and length, `tokens` (ids), `passages` ([first, last) tokens, where the first
 * character of a token says which passage it is of), and `queries`: form, paraphrased, `tokens` of the query as the
 * application feeds it, and `right`, the numbers of the passages that count.
 *
 * `--synonyms` writes an object from the words of the shards, in lower case, to what the rule of paraphrases puts in
 * their place.
 */
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DocumentText } from '../../models/analysis/document-text.js';
import { layoutOf } from '../../models/analysis/layout.js';
import { findPrompt } from '../../models/analysis/note-search.js';
import { passagesOfNotes } from '../../models/analysis/passages.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { linesOfXz } from './data.js';
import { Paraphraser } from './paraphrase.js';
import { withheld, type RetrievalDocument } from './retrieval-sets.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    pieces: { type: 'string', default: '12' },
    tokens: { type: 'string', default: '2,8,32' },
    seed: { type: 'string', default: '1' },
    synonyms: { type: 'string' },
    shards: { type: 'string', default: 'docs-0,textbooks-0,books-0' },
  },
});
const [folder] = positionals;
if (folder === undefined || values.out === undefined) {
  console.error('usage: npm run eval -- retrieval-labels DATA --out FILE.jsonl; DATA holds corpus/');
  process.exit(2);
}

/** Seen less often in the shards, a word is not worth its line. */
const SEEN = 3;

const tokenizer = new Tokenizer(
  JSON.parse(readFileSync('models/artifacts/tiny/tokenizer.json', 'utf8')) as unknown,
);
const paraphraser = new Paraphraser();
const out = createWriteStream(values.out);
const documents = await withheld(
  folder,
  'val-0',
  Number(values.pieces),
  values.tokens.split(',').map(Number),
  Number(values.seed),
  paraphraser,
);
for (const [number, document] of documents.entries())
  out.write(`${JSON.stringify(lineOf(document, number))}\n`);
out.end();
const queries = documents.reduce((sum, document) => sum + document.queries.length, 0);
console.log(`${documents.length} documents, ${queries} queries`);
if (values.synonyms !== undefined) {
  const synonyms = await synonymsOf(values.shards.split(','));
  writeFileSync(values.synonyms, `${JSON.stringify(synonyms)}\n`);
  console.log(`${Object.keys(synonyms).length} words with a synonym`);
}

function lineOf({ set, text: source, queries }: RetrievalDocument, number: number) {
  const text = new DocumentText();
  text.append(source);
  const layout = layoutOf(text);
  const { ids, starts } = tokenizer.encode(source);
  // Every token taken for a note, so that each belongs where its note would.
  const everyToken = { count: ids.length, positions: Uint32Array.from(ids, (_, token) => token) };
  const unused = { scores: new Float32Array(0), notes: new Uint16Array(0) };
  const [numbers] = passagesOfNotes({ layers: [{ ...everyToken, ...unused }] }, layout, (at) => starts[at]!);
  const passages = layout.passages.map((): [number, number] => [0, 0]);
  for (const [token, passage] of numbers!.entries()) {
    const range = passages[passage];
    if (!range) continue;
    if (range[1] === 0) range[0] = token;
    range[1] = token + 1;
  }
  return {
    id: `${set}-${number}`,
    set,
    // As `retrieval` names it.
    length: `${2 ** Math.round(Math.log2(source.length / 4000))}k`,
    tokens: [...ids],
    passages,
    queries: queries.map(({ query, form, paraphrased, gold }) => ({
      form,
      paraphrased,
      tokens: [...tokenizer.encode(findPrompt(query)).ids],
      right: layout.passages.flatMap(({ start, end }, i) =>
        gold.some((span) => span.start < end && start < span.end) ? [i] : [],
      ),
    })),
  };
}

async function synonymsOf(shards: readonly string[]): Promise<Record<string, string>> {
  const seen = new Map<string, number>();
  for (const shard of shards) {
    for await (const line of linesOfXz(path.join(folder!, 'corpus', `${shard}.jsonl.xz`))) {
      const { text } = JSON.parse(line) as { text: string };
      for (const [word] of text.matchAll(/[A-Za-z]{2,}/gu)) {
        const key = word.toLowerCase();
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    }
  }
  const pairs = [...seen].flatMap(([word, count]): [string, string][] => {
    if (count < SEEN) return [];
    const other = paraphraser.paraphrase(word);
    return other === word ? [] : [[word, other]];
  });
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}
