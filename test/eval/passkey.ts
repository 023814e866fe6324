/**
 * Passkey retrieval through the terminal runner: text of books that were never trained on, a key
 * planted at a depth, one question. Follows DeciMamba's protocol: `The pass key is X. Remember it. X is the
 * pass key.` A control without a key counts false hits.
 *
 *   npm run eval -- passkey DATA [--lengths 1000,2000] [--n 10] [--model tiny] [--engine cpu] [--pool on] [--seed 1]
 *
 * Prints a table for people and, with --json, one JSON object.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Answer } from '../../models/document/types.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { documentsOf } from './data.js';
import { haystack, plant } from './haystack.js';
import { Runner, RUNNER_OPTIONS } from './runner.js';
import { generator, percent, wilson } from './statistics.js';

const DEPTHS = [0, 0.25, 0.5, 0.75, 1];
const QUESTION = 'What is the pass key?';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lengths: { type: 'string', default: '1000,2000' },
    n: { type: 'string', default: '10' },
    ...RUNNER_OPTIONS,
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- passkey DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}

const books: string[] = [];
for await (const { text } of documentsOf<{ text: string }>(folder, 'pg19_dev')) books.push(text);
const tokenizer = new Tokenizer(JSON.parse(readFileSync('models/artifacts/tiny/tokenizer.json', 'utf8')));
const runner = new Runner(values);
const ask = (text: string) => runner.request<Answer>({ command: 'ask', text, question: QUESTION });
const random = generator(Number(values.seed));
const n = Number(values.n);
const results = [];
for (const length of values.lengths.split(',').map(Number)) {
  const cells = DEPTHS.map((depth) => ({ depth, exact: 0, verified: 0, trials: 0 }));
  let falseHits = 0;
  for (let trial = 0; trial < n; trial++) {
    const cell = cells[trial % cells.length]!;
    const key = String(10_000 + Math.floor(random() * 90_000));
    const text = haystack(books, tokenizer, length, random);
    const fact = `The pass key is ${key}. Remember it. ${key} is the pass key.`;
    const { answer: found, remembered, verified } = await ask(plant(text, fact, cell.depth));
    // Of the memory, not of the search for the question's words.
    const answer = remembered ?? found;
    cell.trials++;
    if (answer === key) cell.exact++;
    if (found === key && verified) cell.verified++;
    if ((await ask(text)).verified) falseHits++;
  }
  const exact = cells.reduce((sum, cell) => sum + cell.exact, 0);
  const verified = cells.reduce((sum, cell) => sum + cell.verified, 0);
  results.push({ length, n, exact, interval: wilson(exact, n), verified, falseHits, cells });
  if (!values.json) {
    const [low, high] = wilson(exact, n);
    const depths = cells.map((cell) => `${cell.depth}: ${cell.exact}/${cell.trials}`).join('  ');
    console.log(
      `${String(length).padStart(8)} tokens  exact ${percent(exact / n)} (${percent(low)} to ${percent(high)})  ` +
        `verified ${percent(verified / n)}  false hits ${falseHits}/${n}  by depth ${depths}`,
    );
  }
}
if (values.json) console.log(JSON.stringify({ ...values, results }));
runner.close();
