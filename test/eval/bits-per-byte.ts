/**
 * Bits per byte by context length on the books of pg19_dev: the same target tokens with every length.
 *
 *   npm run eval -- bits-per-byte DATA [--lengths 1000,2000] [--windows 2] [--books 14] [--model tiny] [--engine cpu] [--pool on]
 *
 * It is not the PG-19 test set; figures are not comparable with published ones to the digit.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { LengthPerplexity } from '../../models/document/types.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { documentsOf } from './data.js';
import { Runner, RUNNER_OPTIONS } from './runner.js';

/** Targets of one window of the runner's `perplexity`. */
const TARGETS = 256;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lengths: { type: 'string', default: '1000,2000' },
    windows: { type: 'string', default: '2' },
    books: { type: 'string', default: '14' },
    ...RUNNER_OPTIONS,
    json: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- bits-per-byte DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}
const lengths = values.lengths.split(',').map(Number);
const tokenizer = new Tokenizer(JSON.parse(readFileSync('models/artifacts/tiny/tokenizer.json', 'utf8')));
const runner = new Runner(values);

/** By length: bits per byte of each book, in the same order. */
const perBook = lengths.map((): number[] => []);
let read = 0;
for await (const { text, title } of documentsOf<{ text: string; title: string }>(folder, 'pg19_dev')) {
  if (read++ === Number(values.books)) break;
  // The longest context and all windows, from the middle of the book.
  const wanted = Math.max(...lengths) + TARGETS * Number(values.windows);
  const from = Math.max(0, Math.floor(text.length / 2 - wanted * 3));
  const { ends } = tokenizer.encode(text.slice(from, from + wanted * 8));
  if (ends.length < wanted) continue;
  const part = text.slice(from, from + ends[wanted - 1]!);
  const { lengths: results } = await runner.request<{ lengths: LengthPerplexity[] }>({
    command: 'perplexity',
    text: part,
    lengths,
  });
  for (const [i, { bitsPerByte }] of results.entries())
    if (bitsPerByte !== null) perBook[i]!.push(bitsPerByte);
  if (!values.json) {
    console.log(`${results.map((r) => r.bitsPerByte?.toFixed(4) ?? '      ').join('  ')}  ${title}`);
  }
}
const results = lengths.map((length, i) => {
  const list = perBook[i]!;
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const deviation = Math.sqrt(
    list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, list.length - 1),
  );
  return {
    length,
    books: list.length,
    bitsPerByte: mean,
    interval: (1.96 * deviation) / Math.sqrt(list.length),
  };
});
if (values.json) {
  console.log(JSON.stringify({ ...values, results }));
} else {
  for (const { length, books, bitsPerByte, interval } of results) {
    console.log(
      `${String(length).padStart(8)}  ${bitsPerByte.toFixed(4)} ± ${interval.toFixed(4)} bits a byte, ${books} books`,
    );
  }
}
runner.close();
