/** Where prose stands in source files: doc comments, docstrings, and the texts of the manifest. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import ts from 'typescript';
import { repository } from '../hosts/repository.js';
import type { Passage } from './sentences.js';

/** Indented lines in columns are a table without a frame. */
function withoutColumns(comment: string): string {
  return comment.replace(/^[ \t]+\S.*?\S {2,}\S.*$/gm, '');
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

/** Doc comments of TypeScript or JavaScript. */
export function docComments(file: string, source: string): Passage[] {
  const found = new Map<number, Passage>();
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, false);
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(source, node.pos) ?? []) {
      const comment = source.slice(pos, end);
      if (!comment.startsWith('/**')) continue;
      const line = tree.getLineAndCharacterOfPosition(pos).line + 1;
      found.set(pos, { file, line, text: withoutColumns(unframed(comment)) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [...found.values()];
}

/** Texts of `package.nls.json`, which are Markdown. */
export function manifestTexts(file: string, source: string): Passage[] {
  const lines = source.split('\n');
  return Object.entries(JSON.parse(source) as Record<string, string>).map(([key, text]) => ({
    file,
    line: lines.findIndex((line) => line.includes(`"${key}"`)) + 1,
    text,
  }));
}

/** Docstrings of Python files, by Python's own parser. */
export function docstrings(files: readonly string[]): Passage[] {
  if (files.length === 0) return [];
  const script = path.join(import.meta.dirname, 'docstrings.py');
  const options = { cwd: repository, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const found = JSON.parse(execFileSync('python3', [script, ...files], options)) as Passage[];
  return found.map((passage) => ({ ...passage, text: withoutColumns(passage.text) }));
}
