import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Random } from '../kernels/support/random.js';

/** A number in [0, count). */
export function below(random: Random, count: number): number {
  return Math.floor(count * random.next());
}

/** Sentences of this project's documentation: text that every checkout has at hand. */
export async function documentationSentences(): Promise<string[]> {
  const files = (await readdir('docs')).filter((name) => name.endsWith('.md')).sort();
  const texts = await Promise.all(files.map((name) => readFile(path.join('docs', name), 'utf8')));
  return texts.flatMap((text) => text.match(/[A-Z][^\n.|`]{30,300}\./gu) ?? []);
}

/** Sections of paragraphs of sentences from `pool` in random order, until there are so many UTF-16 units. */
export function* madeText(pool: readonly string[], units: number, random: Random): Generator<string> {
  for (let made = 0, section = 1; made < units; section++) {
    let piece = `\n\n# Section ${section}\n`;
    for (let paragraph = 0; paragraph < 12; paragraph++) {
      const picked = Array.from({ length: 5 }, () => pool[below(random, pool.length)]!);
      piece += `\n${picked.join(' ')} Record ${below(random, 1e6)} was kept there.\n`;
    }
    made += piece.length;
    yield piece;
  }
}

/** The first words of a sentence of `pool`, as a query. */
export function madeQuery(pool: readonly string[], random: Random): string {
  return pool[below(random, pool.length)]!.split(' ').slice(0, 6).join(' ');
}
