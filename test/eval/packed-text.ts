/**
 * Compares the text that is read from PDF and EPUB files with that of other tools: `pdftotext` of Poppler and `pandoc`.
 *
 *   npm run eval -- packed-text /usr/share/doc/debian-policy /usr/share/doc/debmake-doc
 *
 * Takes files and folders (of these, every PDF and EPUB, also with `.gz`). Needs both tools on the path. Prints a table:
 * the longest common subsequence of words as a share of ours and of theirs, in per cent. Running headers, footers and
 * page numbers are left out by us and kept by pdftotext, so the second share is lower.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { PackedDocument } from '../../models/packed/types.js';
import { unpack } from '../../models/packed/unpack/unpack.js';
import { commonWords, wordsOf } from './word-order.js';

const maps = path.join(
  path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')),
  'cmaps',
);
const characterMaps = (name: string) => Promise.resolve(new Uint8Array(readFileSync(path.join(maps, name))));
const LARGEST = 2 ** 28;

function filesOf(argument: string): string[] {
  if (!statSync(argument).isDirectory()) return [argument];
  return readdirSync(argument)
    .filter((name) => /\.(?:pdf|epub)(?:\.gz)?$/u.test(name))
    .sort()
    .map((name) => path.join(argument, name));
}

/** The same file read by the other tool. */
function reference(bytes: Uint8Array, format: PackedDocument['format']): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'memmamba-documents-'));
  const file = path.join(folder, `document.${format}`);
  try {
    writeFileSync(file, bytes);
    return format === 'pdf'
      ? execFileSync('pdftotext', ['-nopgbrk', file, '-'], { encoding: 'utf8', maxBuffer: LARGEST })
      : execFileSync('pandoc', ['--to=plain', '--wrap=none', file], { encoding: 'utf8', maxBuffer: LARGEST });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const percent = (share: number) => (100 * share).toFixed(1);

const rows: string[][] = [
  ['file', 'pages or chapters', 'words', '% of ours', '% of theirs', 'headings', 's'],
];
for (const file of process.argv.slice(2).flatMap(filesOf)) {
  const raw = readFileSync(file);
  const bytes = new Uint8Array(file.endsWith('.gz') ? gunzipSync(raw) : raw);
  const before = performance.now();
  const unpacked = await unpack(new Uint8Array(raw), { characterMaps });
  const seconds = (performance.now() - before) / 1000;
  if (unpacked.kind !== 'document') throw new Error(`${file}: read as text`);
  const { text, format, parts, blocks } = unpacked.document;
  const ours = wordsOf(text);
  const theirs = wordsOf(reference(bytes, format));
  const common = commonWords(ours, theirs);
  rows.push([
    path.basename(file),
    `${parts.read} of ${parts.total}`,
    String(ours.length),
    percent(common / ours.length),
    percent(common / theirs.length),
    String(blocks.filter(({ kind }) => kind === 'heading').length),
    seconds.toFixed(1),
  ]);
}
rows.splice(
  1,
  0,
  rows[0]!.map(() => '---'),
);
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
