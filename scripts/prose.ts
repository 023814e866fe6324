/**
 * Checks that no sentence is longer than 40 words, in Markdown pages, in the texts of the manifest, and in the
 * doc comments of TypeScript and Python.
 *
 *   npx tsx scripts/prose.ts              every place
 *   npx tsx scripts/prose.ts docs models  what lies in these folders
 *
 * Tables and code are left out; code within a sentence is one word.
 */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import MarkdownIt from 'markdown-it';
import type Token from 'markdown-it/lib/token.mjs';
import ts from 'typescript';

const LONGEST = 40;
const repository = path.resolve(import.meta.dirname, '..');

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

/** A piece of prose as Markdown, and where it begins (lines from 1). */
interface Passage {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

interface Sentence {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly words: number;
}

const markdown = new MarkdownIt();

/** The words of a paragraph, with code as one word and pictures by what they show. */
function spoken(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'code_inline') return 'Code';
      if (token.type === 'softbreak' || token.type === 'hardbreak') return ' ';
      return token.content;
    })
    .join('');
}

/** A sentence ends at a full stop, question or exclamation mark that no small letter follows. */
function sentencesOf(paragraph: string): string[] {
  return paragraph.split(/(?<=[.!?…]["'”’)\]]*)\s+(?!\p{Ll})/u).filter((sentence) => sentence.trim() !== '');
}

/** Words are what stands between spaces and holds a letter or a digit. */
function countWords(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

function sentences({ file, line, text }: Passage): Sentence[] {
  const found: Sentence[] = [];
  let tables = 0;
  for (const token of markdown.parse(text, {})) {
    if (token.type === 'table_open') tables++;
    if (token.type === 'table_close') tables--;
    if (token.type !== 'inline' || tables > 0) continue;
    for (const sentence of sentencesOf(spoken(token.children ?? [])))
      found.push({ file, line: line + (token.map?.[0] ?? 0), text: sentence, words: countWords(sentence) });
  }
  return found;
}

/** The text of a doc comment without its frame; a tag opens a paragraph of its own. */
function unframed(comment: string): string {
  return comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/^[ \t]*\* ?/gm, '')
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/^@(\w+)/gm, '\n`@$1`')
    .trimStart();
}

function docComments(file: string, source: string): Passage[] {
  const found = new Map<number, Passage>();
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, false);
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(source, node.pos) ?? []) {
      const comment = source.slice(pos, end);
      if (!comment.startsWith('/**')) continue;
      const line = tree.getLineAndCharacterOfPosition(pos).line + 1;
      found.set(pos, { file, line, text: unframed(comment) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [...found.values()];
}

function manifestTexts(file: string, source: string): Passage[] {
  const lines = source.split('\n');
  return Object.entries(JSON.parse(source) as Record<string, string>).map(([key, text]) => ({
    file,
    line: lines.findIndex((line) => line.includes(`"${key}"`)) + 1,
    text,
  }));
}

function docstrings(files: readonly string[]): Passage[] {
  if (files.length === 0) return [];
  const script = path.join(import.meta.dirname, 'docstrings.py');
  const options = { cwd: repository, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  return JSON.parse(execFileSync('python3', [script, ...files], options)) as Passage[];
}

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
}

await main(process.argv.slice(2));
