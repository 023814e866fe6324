/**
 * Keys, identifiers, dates and amounts hidden in books, in logs and in source code, asked for in words that no model
 * was trained on. They are asked for the way the application asks: documents longer than the model may read are read in
 * stages, the memory answers, and every answer is looked up in the text. Three facts a document, each asked for; of a
 * fact with an owner the same is said of three others. The same document without the facts, but with what is said of
 * the others, is asked the same. There every answer that is said to be verified is a false hit.
 *
 *   npm run eval -- passkeys DATA [--lengths 1000,4000] [--n 4] [--read 16000] [--wordings fresh]
 *                            [--misses] [--model tiny] [--seed 1] [--out FILE]
 *
 * `--wordings development` and `lookup` are those that the rules were made with, in documents that the rules were made
 * with; `lookup` has near misses to every fact. `--n` documents of each haystack at every length; `--read` tokens that
 * the model may read of one. Precision is the share of verified answers that are right, recall the share of the facts
 * that such an answer gives. `--misses` prints what went wrong.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createDocumentMemory } from '../../models/document/index.js';
import type { Readable } from '../../models/staged/readable.js';
import { readWithin } from '../../models/staged/read-within.js';
import type { Answer } from '../../models/document/types.js';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import { openModel } from '../../models/cli/model-folder.js';
import { documentsOf, linesOfXz } from './data.js';
import { assertUnseen, logOf, plant, plantedFacts, WORDINGS, type Planted } from './planted.js';
import type { Haystack } from './planted-values.js';
import { generator, wilson } from './statistics.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lengths: { type: 'string', default: '1000,4000' },
    n: { type: 'string', default: '4' },
    read: { type: 'string', default: '16000' },
    wordings: { type: 'string', default: 'fresh' },
    model: { type: 'string', default: 'tiny' },
    seed: { type: 'string', default: '1' },
    misses: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined || !(values.wordings in WORDINGS)) {
  console.error('usage: npm run eval -- passkeys DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}

const HAYSTACKS: readonly Haystack[] = ['prose', 'log', 'code'];
/** Facts planted in one document. */
const FACTS = 3;
/** Characters to a token, about. */
const UNITS: Readonly<Record<Haystack, number>> = { prose: 4.2, log: 2.2, code: 3.2 };
/** UTF-16 units handed over at once, as files are read. */
const PIECE = 1 << 16;

interface Asked {
  readonly tokens: number;
  readonly haystack: Haystack;
  readonly kind: string;
  readonly isPlanted: boolean;
  readonly isRight: boolean;
  readonly isVerified: boolean;
}

assertUnseen();
const { model, tokenizer } = await openModel(values.model);
const engine = await CpuEngine.create(model);
const sources = values.wordings === 'fresh' ? await evaluated() : await validation();

const asked: Asked[] = [];
/** What each answer took. */
const seconds: number[] = [];
for (const tokens of values.lengths.split(',').map(Number)) {
  for (const haystack of HAYSTACKS) {
    const random = generator(Number(values.seed) * 1_000_003 + tokens);
    for (let n = 0; n < Number(values.n); n++) asked.push(...(await document(tokens, haystack, random)));
  }
  print(
    `${tokens} tokens`,
    asked.filter((each) => each.tokens === tokens),
  );
}
seconds.sort((a, b) => a - b);
console.log(
  `an answer takes ${seconds[seconds.length >> 1]!.toFixed(2)} s in the median, ${seconds[Math.floor(0.95 * seconds.length)]!.toFixed(2)} s at 95 %`,
);
for (const kind of new Set(asked.map((each) => each.kind))) {
  print(
    kind,
    asked.filter((each) => each.kind === kind),
  );
}
await engine.dispose();
if (values.out !== undefined) {
  const { seed, n, read, wordings, model: name } = values;
  const groups = [...new Set(asked.map(({ tokens }) => tokens))].map((tokens) => {
    const all = asked.filter((each) => each.tokens === tokens);
    const byHaystack = HAYSTACKS.map((haystack) => ({
      haystack,
      ...measured(all.filter((each) => each.haystack === haystack)),
    }));
    return { tokens, ...measured(all), byHaystack };
  });
  const settings = { seed: Number(seed), n: Number(n), read: Number(read), wordings, model: name };
  writeFileSync(values.out, `${JSON.stringify({ ...settings, groups }, null, 2)}\n`);
}

/** What is only measured with. */
async function evaluated(): Promise<Readonly<Record<Haystack, string>>> {
  const books: string[] = [];
  for await (const { text } of documentsOf<{ text: string }>(folder!, 'pg19_dev')) books.push(text);
  return {
    prose: books.join('\n\n').replace(/(?<!\n)\n(?!\n)/gu, ' '),
    log: logOf(8_000_000, Number(values.seed)),
    // The largest source text that every checkout has.
    code: readFileSync('node_modules/typescript/lib/typescript.js', 'utf8'),
  };
}

/** What the rules were made with: the documents that training keeps for validation; lines stay as they are wrapped. */
async function validation(): Promise<Readonly<Record<Haystack, string>>> {
  const texts: Record<Haystack, string> = { prose: '', log: '', code: '' };
  for await (const line of linesOfXz(path.join(folder!, 'corpus', 'val-0.jsonl.xz'))) {
    const { domain, text } = JSON.parse(line) as { domain: string; text: string };
    texts[domain === 'logs' ? 'log' : domain === 'code' ? 'code' : 'prose'] += `${text}\n\n`;
  }
  return texts;
}

/** One document with facts and the same without. */
async function document(tokens: number, haystack: Haystack, random: () => number): Promise<Asked[]> {
  const source = sources[haystack];
  const units = Math.round(tokens * UNITS[haystack]);
  if (units > source.length) throw new Error(`There is no ${haystack} of ${tokens} tokens.`);
  const from = Math.floor(random() * (source.length - units));
  const border = haystack === 'prose' ? '. ' : '\n';
  const start = source.indexOf(border, from) + border.length;
  const bare = source.slice(start, start + units);
  const facts = plantedFacts(values.wordings as keyof typeof WORDINGS, haystack, FACTS, random);
  const statements = facts.map(({ statement }) => statement);
  const others = facts.flatMap((fact) => fact.others);
  const results: Asked[] = [];
  for (const isPlanted of [true, false]) {
    const memory = await read(plant(bare, haystack, isPlanted ? [...statements, ...others] : others, random));
    for (const { question, value, kind, statement } of facts) {
      const begin = performance.now();
      const { answer, verified } = await memory.ask({ question });
      seconds.push((performance.now() - begin) / 1000);
      // With its unit, where the text has one, a value is as right as without.
      const bareAnswer = answer.replace(/^["'“]|["'”.,;]$/gu, '');
      const isRight =
        bareAnswer === value ||
        (/^[^ ]+ \p{L}+$/u.test(answer) && bareAnswer.startsWith(`${value} `) && statement.includes(answer));
      results.push({ tokens, haystack, kind, isPlanted, isRight, isVerified: verified });
      if (values.misses && (isPlanted ? !(isRight && verified) : verified))
        tell(isPlanted, facts, question, answer, verified);
    }
    memory.dispose();
  }
  return results;
}

/** Reads a text as the application does: whole, or in stages. */
async function read(text: string): Promise<Readable> {
  const pieces = async function* () {
    for (let at = 0; at < text.length; at += PIECE) yield await Promise.resolve(text.slice(at, at + PIECE));
  };
  const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
  const tokens = Number(values.read);
  const source = { totalBytes: Buffer.byteLength(text), open: pieces };
  return (await readWithin(memory, source, { whole: tokens, tokens })).document;
}

function tell(
  isPlanted: boolean,
  facts: readonly Planted[],
  question: string,
  answer: Answer['answer'],
  verified: boolean,
): void {
  const fact = facts.find((each) => each.question === question)!;
  console.log(
    `    ${isPlanted ? fact.statement : 'not there'} | ${question} -> ${answer}${verified ? ', verified' : ''}`,
  );
}

function measured(all: readonly Asked[]) {
  const planted = all.filter(({ isPlanted }) => isPlanted);
  const verified = all.filter(({ isVerified }) => isVerified);
  const hits = planted.filter(({ isRight, isVerified }) => isRight && isVerified).length;
  return {
    questions: planted.length,
    recall: { hits, share: hits / planted.length, interval: wilson(hits, planted.length) },
    precision: {
      verified: verified.length,
      share: hits / Math.max(1, verified.length),
      interval: wilson(hits, verified.length),
    },
    falseHits: all.filter(({ isPlanted, isVerified }) => !isPlanted && isVerified).length,
  };
}

function print(name: string, all: readonly Asked[]): void {
  const { questions, recall, precision, falseHits } = measured(all);
  const share = (value: number, [low, high]: readonly [number, number]) =>
    `${(100 * value).toFixed(0)} % [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)}]`;
  console.log(
    `${name.padEnd(16)} recall ${share(recall.share, recall.interval)}  precision ${share(precision.share, precision.interval)}` +
      `  of ${questions} questions; false hits ${falseHits} of ${questions} where it is not there`,
  );
}
