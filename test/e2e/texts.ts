import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { repository } from '../hosts/install.js';

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
