import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { crc32 } from '../../models/packed/crc32.js';
import type { Span } from '../../models/text/span.js';
import { linesOfXz } from './data.js';

/** A question that somebody wrote about a passage. Offsets are UTF-16 units of the text it is asked of. */
export interface WrittenQuestion {
  readonly kind: 'fact' | 'sentence' | 'keywords' | 'none';
  readonly question: string;
  readonly answer: string;
  /** Where the answer stands; none where it is not said word for word. */
  readonly spans: readonly Span[];
  readonly passage: Span;
}

/** A text and what is asked of it. */
export interface AskedText {
  readonly id: string;
  readonly text: string;
  readonly questions: readonly WrittenQuestion[];
}

interface Row {
  readonly doc: string;
  readonly set?: string;
  readonly kind: WrittenQuestion['kind'];
  readonly question: string;
  readonly answer?: string;
  /** Code points of the document. */
  readonly passage: readonly [number, number];
  readonly spans: readonly (readonly [number, number])[];
}

/** One document in so many is kept out of training: `held` in `memmamba_training.corpus.written_questions`. */
const HELD = 25;

/** Questions of an evaluation file, by the set and the document that they are about. */
export async function evaluationTexts(folder: string, file: string, around: number): Promise<AskedText[]> {
  const rows: Row[] = [];
  for await (const line of linesOf(file)) {
    const given = JSON.parse(line) as Omit<Row, 'passage' | 'spans'> & {
      start: number;
      end: number;
      answerStart?: number;
      answerEnd?: number;
    };
    const { answerStart, answerEnd } = given;
    const spans = answerStart === undefined ? [] : [[answerStart, answerEnd!] as const];
    rows.push({ ...given, passage: [given.start, given.end], spans });
  }
  const texts: AskedText[] = [];
  for (const set of new Set(rows.map((row) => row.set!))) {
    const own = rows.filter((row) => row.set === set);
    texts.push(...(await textsOf(path.join(folder, set), own, around)));
  }
  return texts;
}

/** Questions of training documents that training left out. */
export async function heldTexts(
  corpus: readonly string[],
  file: string,
  around: number,
): Promise<AskedText[]> {
  const rows: Row[] = [];
  for await (const line of linesOf(file)) {
    const row = JSON.parse(line) as Row;
    if (crc32(new TextEncoder().encode(row.doc)) % HELD === 0) rows.push(row);
  }
  const texts: AskedText[] = [];
  for (const shard of corpus) texts.push(...(await textsOf(shard, rows, around)));
  return texts;
}

async function textsOf(shard: string, rows: readonly Row[], around: number): Promise<AskedText[]> {
  const byDocument = grouped(rows, ({ doc }) => doc);
  const texts: AskedText[] = [];
  for await (const line of linesOf(shard)) {
    const id = /"id": ?"((?:[^"\\]|\\.)*)"/u.exec(line.slice(0, 400))?.[1];
    const own = id === undefined ? undefined : byDocument.get(id);
    if (!own) continue;
    const document = JSON.parse(line) as { id: string; text?: string; document?: string };
    const whole = Array.from(document.text ?? document.document ?? '');
    for (const [key, asked] of grouped(own, ({ passage }) => passage.join('-')))
      texts.push(textAround(`${document.id} ${key}`, whole, asked, around));
  }
  return texts;
}

/** The part of a document around the passage that its questions are about; the same part without them is not. */
function textAround(id: string, whole: readonly string[], rows: readonly Row[], around: number): AskedText {
  const [low, high] = rows[0]!.passage;
  const from = Math.max(0, low - around);
  const points = whole.slice(from, high + around);
  const text = points.join('');
  const unitsBefore = (point: number) => points.slice(0, point - from).join('').length;
  const spanOf = ([start, end]: readonly [number, number]) => ({
    start: unitsBefore(start),
    end: unitsBefore(end),
  });
  const questions = rows.map(({ kind, question, answer = '', passage, spans }) => ({
    ...{ kind, question, answer },
    spans: spans.map(spanOf),
    passage: spanOf(passage),
  }));
  return { id, text, questions };
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  if (file.endsWith('.xz')) yield* linesOfXz(file);
  else if (existsSync(file)) yield* createInterface({ input: createReadStream(file) });
  else throw new Error(`There is no file ${file}.`);
}
