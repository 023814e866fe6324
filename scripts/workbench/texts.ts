import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { repository } from '../hosts/repository.js';

const book = path.join(repository, 'test/fixtures/books/the-warden.md');

/** The whole book, about 400 kB. */
export const wholeBook = (): Promise<string> => readFile(book, 'utf8');

/** The beginning of the first chapter up to the end of a paragraph, at most `length` characters. */
export async function beginning(length: number): Promise<string> {
  const text = await wholeBook();
  const start = text.indexOf('### Chapter I ');
  const end = text.lastIndexOf('\n\n', start + length);
  return `${text.slice(start, end)}\n`;
}

/** Book text of `length` characters with a key hidden at `depth` (0 the beginning, 1 the end). */
export async function haystack(length: number, depth: number, key: string): Promise<string> {
  const book = await wholeBook();
  let text = book;
  while (text.length < length) text += `\n${book}`;
  const end = text.lastIndexOf('\n\n', length);
  const at = text.lastIndexOf('\n\n', Math.max(1_000, Math.round(end * depth)));
  const fact = `The pass key is ${key}. Remember it. ${key} is the pass key.`;
  return `${text.slice(0, at)}\n\n${fact}${text.slice(at, end)}\n`;
}

/** A log of `bytes` bytes, no two lines alike, with one line of its own at `depth` (0 to 1). */
export function serverLog(bytes: number, depth: number, line: string): Uint8Array {
  let state = 1;
  const next = (n: number) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % n;
  const hex = () => next(0xffffffff).toString(16);
  const templates = [
    () => `INFO http request ${hex()} GET /api/items/${next(1e6)} 200 ${next(900)}ms`,
    () => `DEBUG cache hit for key ${hex()}${hex()} ttl=${next(3600)}`,
    () => `WARN db slow query took ${next(9000)} ms: select * from orders where id = ${next(1e7)}`,
    () => `ERROR upstream 10.0.${next(255)}.${next(255)} connection refused (errno ${next(120)})`,
    () => `INFO scheduler job ${hex()}-${hex()} finished in ${next(100_000)} ms with status ${next(3)}`,
  ];
  const log = Buffer.alloc(bytes, '\n');
  let at = 0;
  let isPlanted = false;
  for (let time = 1_700_000_000_000; ; time += next(400)) {
    const isHere: boolean = !isPlanted && at >= depth * bytes;
    const text = isHere ? line : `${new Date(time).toISOString()} ${templates[next(templates.length)]!()}`;
    isPlanted ||= isHere;
    if (at + text.length + 1 > bytes) return log;
    at += log.write(`${text}\n`, at, 'latin1');
  }
}
