/**
 * What `memmamba_training.train.retrieval_head` trains the retrieval heads on. Headings and sentences are taken out of
 * pieces of documents of the corpus. Of each piece there are the gists as a document's archive holds them. Of each
 * query there is what the note blocks read at its last token, run from the piece's end. Queries are the headings and
 * sentences, and questions about what is left, as they are and paraphrased.
 *
 *   npm run eval -- retrieval-features DATA --out FOLDER [--shards docs-0,books-0] [--documents 40]
 *                             [--pieces 150,120,50] [--tokens 2,8,32] [--questions 8] [--seed 1] [--model tiny] [--engine cpu]
 *                             [--part 1/2]
 *
 * Of every shard `--documents` are drawn, of at most 600,000 characters each, and of these all `--pieces` of each of
 * `--tokens` thousands. `--part` does its share of the pieces, so that several processes can. FOLDER gets a file of f32
 * numbers a piece, all gists layer by layer and all queries (layers, dModel) one after another, and beside it what they
 * are: of every gist the characters, of every query those of its answer.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { NoteArchive } from '../../models/reading/note-archive.js';
import { FROM_FLOAT16 } from '../../models/reading/float16.js';
import { streamsOfQuery } from '../../models/search/note-search.js';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import { startEngine } from '../../models/cli/engine.js';
import { openModel } from '../../models/cli/model-folder.js';
import { withQuestions } from './corpus-questions.js';
import { linesOfXz } from './data.js';
import { Paraphraser } from './paraphrase.js';
import { withheldFromPieces, type RetrievalDocument } from './retrieval-sets.js';
import { drawn, generator } from './statistics.js';

/** Characters of one document that pieces are taken from, so that one long book is not most of them. */
const LONGEST = 600_000;
const SHORTEST = 9_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    shards: {
      type: 'string',
      default: 'docs-0,docs-1,docs-2,docs-3,textbooks-0,books-0,books-1,books-2,books-3',
    },
    documents: { type: 'string', default: '40' },
    pieces: { type: 'string', default: '150,120,50' },
    tokens: { type: 'string', default: '2,8,32' },
    questions: { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'tiny' },
    engine: { type: 'string', default: 'cpu' },
    part: { type: 'string', default: '1/1' },
  },
});
const [folder] = positionals;
if (folder === undefined || values.out === undefined) {
  console.error('usage: npm run eval -- retrieval-features DATA --out FOLDER [options]');
  process.exit(2);
}
const [part, parts] = values.part.split('/').map(Number) as [number, number];
const random = generator(Number(values.seed));
const loaded = await openModel(values.model);
const { tokenizer } = loaded;
const { engine } = await startEngine(values.engine as EngineChoice, loaded);
const { noteDim } = engine.config;
mkdirSync(values.out, { recursive: true });

const texts: string[] = [];
for (const shard of values.shards.split(',')) {
  const long: string[] = [];
  for await (const line of linesOfXz(path.join(folder, 'corpus', `${shard}.jsonl.xz`))) {
    const { text } = JSON.parse(line) as { text: string };
    if (text.length >= SHORTEST) long.push(text);
  }
  for (const text of drawn(long, Number(values.documents), Math.floor(random() * 2 ** 31))) {
    const start = Math.floor(random() * Math.max(1, text.length - LONGEST));
    texts.push(text.slice(start, start + LONGEST));
  }
}
const counts = values.pieces.split(',').map(Number);
const paraphraser = new Paraphraser();
const documents = values.tokens
  .split(',')
  .flatMap((tokens, i) =>
    withheldFromPieces('corpus', texts, counts[i]!, Number(tokens), random, paraphraser),
  )
  .map((document) => withQuestions(document, Number(values.questions), random, paraphraser));
let tokens = 0;
for (const [number, document] of documents.entries()) {
  if (number % parts === part - 1 && document.queries.length > 0) tokens += await write(number, document);
}
console.log(`${documents.length} pieces, ${tokens} tokens of this part`);
await engine.dispose();

async function write(number: number, { text, queries }: RetrievalDocument): Promise<number> {
  const { ids, starts, ends } = tokenizer.encode(text);
  const archive = new NoteArchive(engine.config, Infinity);
  const state = engine.createState();
  for (let at = 0; at < ids.length; at += engine.segmentLength) {
    const { trace } = await engine.forward(state, ids.subarray(at, at + engine.segmentLength), {
      trace: true,
    });
    archive.record(at, trace!);
  }
  archive.finish();
  const { count, positions } = archive.layers[0]!;
  const gists = archive.layers.map(({ notes }) =>
    Float32Array.from({ length: count * noteDim }, (_, i) => FROM_FLOAT16[notes[i]!]!),
  );
  const streams: Float32Array[] = [];
  for (const { query } of queries) {
    const copy = engine.cloneState(state);
    streams.push(await streamsOfQuery(engine, copy, tokenizer, query, { pool: 'on' }));
    copy.dispose();
  }
  state.dispose();
  const file = path.join(values.out!, String(number).padStart(4, '0'));
  const numbers = [...gists, ...streams].map(({ buffer }) => Buffer.from(buffer));
  writeFileSync(`${file}.f32`, Buffer.concat(numbers));
  const what = {
    gists: Array.from({ length: count }, (_, j) => [starts[positions[j]!], ends[positions[j + 1]! - 1]]),
    queries: queries.map(({ form, paraphrased, gold }) => ({
      form,
      paraphrased,
      gold: gold.map(({ start, end }) => [start, end]),
    })),
  };
  writeFileSync(`${file}.json`, JSON.stringify(what));
  return ids.length;
}
