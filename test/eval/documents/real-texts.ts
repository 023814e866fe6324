/** Texts that lie on a development machine, one at a time. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeText, TextError } from '../../../models/text/decode-text.js';
import { linesOfXz } from '../data.js';

/** A text, and what its name says that it is. */
export interface RealText {
  readonly name: string;
  readonly text: string;
  readonly kind: 'markdown' | 'html' | 'roff' | 'other';
}

/** UTF-8 bytes; longer files are read in stages, and never laid out whole. */
const LARGEST = 20e6;
/** Files that another reader takes apart. */
const PACKED =
  /\.(?:pdf|epub|zip|docx|odt|xlsx|pptx|png|jpe?g|gif|svgz|woff2?|ttf|so|node|xz|bz2|inv|mo|pyc)(?:\.gz)?$/iu;

/**
 * @param every takes every so-manieth
 * @param onRefused told the name of what is no text
 */
export async function* textsOfFolder(
  folder: string,
  every: number,
  onRefused: (name: string) => void,
): AsyncGenerator<RealText, void, undefined> {
  const isModules = path.basename(path.resolve(folder)) === 'node_modules';
  let count = 0;
  for (const file of filesOf(folder)) {
    const name = file.replace(/\.gz$/u, '');
    if (PACKED.test(file) || (isModules && !/\.md$/iu.test(name))) continue;
    if (statSync(file).size === 0 || statSync(file).size > LARGEST) continue;
    if (Math.floor(++count / every) === Math.floor((count - 1) / every)) continue;
    try {
      yield { name: file, text: await textOf(file), kind: kindOf(name) };
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      onRefused(file);
    }
  }
}

function* filesOf(folder: string): Generator<string, void, undefined> {
  if (!lstatSync(folder).isDirectory()) {
    yield folder;
    return;
  }
  for (const name of readdirSync(folder).sort()) {
    const file = path.join(folder, name);
    const stats = lstatSync(file);
    if (stats.isDirectory()) yield* filesOf(file);
    else if (stats.isFile()) yield file;
  }
}

async function textOf(file: string): Promise<string> {
  const raw = readFileSync(file);
  const bytes = file.endsWith('.gz') ? gunzipSync(raw) : raw;
  const pieces: string[] = [];
  for await (const piece of decodeText([new Uint8Array(bytes)])) pieces.push(piece);
  return pieces.join('');
}

function kindOf(name: string): RealText['kind'] {
  if (/\.(?:md|markdown)$/iu.test(name)) return 'markdown';
  if (/\.x?html?$/iu.test(name)) return 'html';
  return /\.[1-9][a-z]*$/u.test(name) ? 'roff' : 'other';
}

/** Texts of the training corpus and of the evaluation sets: every string field that is a text. */
export async function* textsOfSets(data: string, every: number): AsyncGenerator<RealText, void, undefined> {
  let count = 0;
  for (const set of ['eval', 'corpus']) {
    for (const name of readdirSync(path.join(data, set)).sort()) {
      if (!name.endsWith('.jsonl.xz')) continue;
      for await (const line of linesOfXz(path.join(data, set, name))) {
        if (Math.floor(++count / every) === Math.floor((count - 1) / every)) continue;
        const record = JSON.parse(line) as Readonly<Record<string, unknown>>;
        const text = record.text ?? record.document;
        if (typeof text === 'string' && text !== '')
          yield { name: `${name}:${String(record.id)}`, text, kind: 'other' };
      }
    }
  }
}
