/**
 * Does fidelity predict recall? Keys are planted in books that were never trained on and asked for; of those
 * found and those missed, the retention of the key's tokens at the end of the document is compared, as the area
 * under the ROC curve. Only lengths where 20 to 80 % are found say anything.
 *
 *   npm run eval -- recall DATA [--lengths 300,600] [--n 60] [--model tiny] [--engine cpu] [--pool off] [--seed 1]
 *
 * With `--pool off` the state alone must remember, and retention is that of the state. With the pool on, a
 * token whose note is in a layer's pool has retention 1 there, and both ways of counting are given.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Answer, TokenRetention } from '../../models/document/types.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { documentsOf } from './data.js';
import { haystack, plant } from './haystack.js';
import { Runner, RUNNER_OPTIONS } from './runner.js';
import { areaUnderCurve, generator, percent } from './statistics.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lengths: { type: 'string', default: '300,600' },
    n: { type: 'string', default: '60' },
    ...RUNNER_OPTIONS,
    pool: { type: 'string', default: 'off' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- recall DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}

const books: string[] = [];
for await (const { text } of documentsOf<{ text: string }>(folder, 'pg19_dev')) books.push(text);
const tokenizer = new Tokenizer(JSON.parse(readFileSync('models/artifacts/tiny/tokenizer.json', 'utf8')));
const runner = new Runner(values);
const random = generator(Number(values.seed));
const n = Number(values.n);
const results = [];

/** Mean over the key's tokens and the layers; `counted`: 1 in layers whose pool holds the token's note. */
function ofKey(tokens: readonly TokenRetention[], start: number, end: number, counted: boolean): number {
  const held = tokens.filter((token) => token.start < end && token.end > start);
  const shares = held.flatMap(({ layers, pool }) =>
    layers.map((share, layer) =>
      counted && pool.some((stay) => stay.layer === layer && stay.leftAt === null) ? 1 : share,
    ),
  );
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

for (const length of values.lengths.split(',').map(Number)) {
  const trials: { found: boolean; state: number; counted: number }[] = [];
  for (let trial = 0; trial < n; trial++) {
    const key = String(10_000 + Math.floor(random() * 90_000));
    const text = plant(
      haystack(books, tokenizer, length, random),
      `The pass key is ${key}. Remember it. ${key} is the pass key.`,
      random(),
    );
    const answer = await runner.request<Answer>({ command: 'ask', text, question: 'What is the pass key?' });
    const { tokens } = await runner.request<{ tokens: TokenRetention[] }>({ command: 'retention', text });
    // The second mention is the one that is further on.
    const start = text.lastIndexOf(key);
    trials.push({
      // Of the memory, not of the search for the question's words.
      found: (answer.remembered ?? answer.answer) === key,
      state: ofKey(tokens, start, start + key.length, false),
      counted: ofKey(tokens, start, start + key.length, true),
    });
  }
  const [found, missed] = [true, false].map((which) => trials.filter((trial) => trial.found === which));
  const area = (how: 'state' | 'counted') =>
    areaUnderCurve(
      found!.map((trial) => trial[how]),
      missed!.map((trial) => trial[how]),
    );
  const result = {
    length,
    n,
    found: found!.length,
    state: area('state'),
    // With the pool off no note counts.
    ...(values.pool === 'on' && { counted: area('counted') }),
  };
  results.push(result);
  if (values.json) continue;
  const shown = ({ area: value, interval: [low, high] }: ReturnType<typeof areaUnderCurve>) =>
    `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  console.log(
    `${String(length).padStart(8)} tokens  found ${percent(result.found / n)}  area: state ${shown(result.state)}` +
      (result.counted ? `  pool counted ${shown(result.counted)}` : ''),
  );
}
if (values.json) console.log(JSON.stringify({ ...values, results }));
runner.close();
