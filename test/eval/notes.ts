/**
 * What a model noted: of a document of each of three kinds, the words whose notes are in the pools at its end.
 *
 *   npm run eval -- notes DATA [--tokens 3000] [--layers 10,22] [--document 0] [--model tiny] [--engine cpu]
 *
 * Prints Markdown. Of each set the document with the given number is read, from its beginning.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { TokenRetention } from '../../models/document/types.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { documentsOf } from './data.js';
import { Runner, RUNNER_OPTIONS } from './runner.js';

const SETS = ['pg19_dev', 'peps_abstract_dev', 'qmsum_val'];

/** A set calls its text one or the other. */
interface Entry {
  readonly text?: string;
  readonly document?: string;
  readonly title?: string;
  readonly id?: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: 'string', default: '3000' },
    layers: { type: 'string', default: '2,6' },
    document: { type: 'string', default: '0' },
    ...RUNNER_OPTIONS,
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- notes DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}
const tokenizer = new Tokenizer(JSON.parse(readFileSync('models/artifacts/tiny/tokenizer.json', 'utf8')));
const runner = new Runner(values);

/** The whole word that a token is part of; a mark or a line break as itself. */
function wordAt(text: string, start: number, end: number): string {
  const letter = /[\p{L}\p{N}'’_-]/u;
  let from = start;
  while (from < end && /\s/u.test(text[from]!)) from++;
  if (from === end) return '␣';
  let to = end;
  while (from > 0 && letter.test(text[from]!) && letter.test(text[from - 1]!)) from--;
  while (to < text.length && letter.test(text[to - 1]!) && letter.test(text[to]!)) to++;
  return text.slice(from, to);
}

for (const set of SETS) {
  let skipped = 0;
  for await (const document of documentsOf<Entry>(folder, set)) {
    if (skipped++ < Number(values.document)) continue;
    const wanted = Number(values.tokens);
    const whole = document.text ?? document.document ?? '';
    const { ends } = tokenizer.encode(whole.slice(0, wanted * 8));
    const text = whole.slice(0, ends[Math.min(wanted, ends.length) - 1]);
    const { tokens } = await runner.request<{ tokens: TokenRetention[] }>({ command: 'retention', text });
    console.log(`\n**${document.title ?? document.id ?? set}** (\`${set}\`, ${tokens.length} tokens)\n`);
    console.log('| layer | words |\n| --- | --- |');
    for (const layer of values.layers.split(',').map(Number)) {
      const held = tokens.filter(({ pool }) =>
        pool.some((stay) => stay.layer === layer && stay.leftAt === null),
      );
      const words = new Set(held.map(({ start, end }) => wordAt(text, start, end)));
      console.log(`| ${layer} | ${[...words].join(' · ').replaceAll('\n', '⏎').replaceAll('|', '\\|')} |`);
    }
    break;
  }
}
runner.close();
