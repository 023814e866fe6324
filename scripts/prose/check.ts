/**
 * Checks that no sentence is longer than 40 words, in Markdown pages, in the texts of the manifest, and in the
 * doc comments of TypeScript and Python. Checks that the files and headings are there that pages lead to.
 *
 *   npx tsx scripts/prose/check.ts              every place
 *   npx tsx scripts/prose/check.ts docs models  what lies in these folders
 *
 * Tables and code are left out, and so are lines of comments in aligned columns. Code within a sentence is one word.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { repository } from '../hosts/repository.js';
import { docComments, docstrings, manifestTexts } from './comments.js';
import { deadLinks, headingAnchors } from './links.js';
import { sentences, type Passage, type Sentence } from './sentences.js';

const LONGEST = 40;

/** Which tracked files hold prose, as patterns of git. Decision records and sample texts are none of it. */
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ':(glob)docs/*.md',
  ':(glob)extension/**/README.md',
  ':(glob)kernels/**/README.md',
  ':(glob)models/**/README.md',
  ':(glob)scripts/**/README.md',
  ':(glob)test/**/README.md',
  ':(glob)webview/**/README.md',
];

/** Tracked files that match one of git's patterns and lie in one of the folders, if any is named. */
function tracked(folders: readonly string[], ...patterns: readonly string[]): string[] {
  const output = execFileSync('git', ['ls-files', '-z', ...patterns], { cwd: repository, encoding: 'utf8' });
  const inside = (file: string) => folders.some((folder) => file === folder || file.startsWith(`${folder}/`));
  return output.split('\0').filter((file) => file !== '' && (folders.length === 0 || inside(file)));
}

async function passages(
  files: readonly string[],
  read: (file: string, source: string) => Passage[],
): Promise<Passage[]> {
  const each = files.map(async (file) => read(file, await readFile(path.join(repository, file), 'utf8')));
  return (await Promise.all(each)).flat();
}

function summary(name: string, all: readonly Sentence[]): string {
  const words = all.map((sentence) => sentence.words);
  const mean = words.reduce((a, b) => a + b, 0) / Math.max(1, words.length);
  const long = words.filter((count) => count > LONGEST).length;
  const share = ((100 * long) / Math.max(1, words.length)).toFixed(1);
  const longest = words.reduce((a, b) => Math.max(a, b), 0);
  return `${name}: ${all.length} sentences, mean ${mean.toFixed(1)} words, longest ${longest}, ${long} (${share} %) above ${LONGEST}`;
}

/** Lists links of pages, decision records among them, that lead nowhere. */
function checkLinks(folders: readonly string[]): void {
  const read = (file: string) => readFileSync(path.join(repository, file), 'utf8');
  for (const file of tracked(folders, ...PAGES, ':(glob)docs/decisions/*.md')) {
    for (const { line, to } of deadLinks(repository, file, read(file), (page) =>
      headingAnchors(read(page)),
    )) {
      console.log(`${file}:${line}: nothing is at ${to}`);
      process.exitCode = 1;
    }
  }
}

async function main(folders: readonly string[]): Promise<void> {
  const prose: readonly (readonly [string, readonly Passage[]])[] = [
    ['Markdown', await passages(tracked(folders, ...PAGES), (file, text) => [{ file, line: 1, text }])],
    ['package.nls.json', await passages(tracked(folders, 'package.nls.json'), manifestTexts)],
    ['TypeScript', await passages(tracked(folders, '*.ts', '*.mjs'), docComments)],
    ['Python', docstrings(tracked(folders, '*.py'))],
  ];
  for (const [name, found] of prose) {
    const all = found.flatMap(sentences);
    for (const { file, line, text, words } of all.filter((sentence) => sentence.words > LONGEST)) {
      console.log(`${file}:${line}: ${words} words: ${text.replace(/\s+/g, ' ')}`);
      process.exitCode = 1;
    }
    console.log(summary(name, all));
  }
  checkLinks(folders);
}

await main(process.argv.slice(2));
