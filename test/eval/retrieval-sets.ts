import path from 'node:path';
import { blocksOf } from '../../models/text/formats/parse-document.js';
import type { Block } from '../../models/text/block.js';
import { sentencesOf } from '../../models/text/sentences.js';
import type { Span } from '../../models/text/span.js';
import { wordsOf } from '../../models/text/words.js';
import { isStopWord } from '../../models/text/stop-words.js';
import { documentsOf, linesOfXz } from './data.js';
import type { Paraphraser } from './paraphrase.js';
import { drawn, generator } from './statistics.js';

/** A query, and where its answer stands: a passage that overlaps one of the spans is found. */
export interface Query {
  readonly query: string;
  /** How the query was made. */
  readonly form: 'question' | 'heading' | 'sentence';
  readonly paraphrased: boolean;
  readonly gold: readonly Span[];
}

export interface RetrievalDocument {
  readonly set: string;
  readonly text: string;
  readonly queries: readonly Query[];
}

/** UTF-16 units of a thousand tokens, about. */
const UNITS = 4000;
/** Queries of each form a piece. */
const QUERIES = 8;
/** A withheld heading answers for so much of its section. */
const SECTION_UNITS = 2400;

interface Meeting {
  readonly turns: readonly string[];
  readonly specific: readonly {
    readonly query: string;
    readonly relevant_text_span: readonly (readonly [string, string])[];
  }[];
}

/** QMSum: questions about meetings; the turns that people marked as relevant. */
export async function meetings(folder: string): Promise<RetrievalDocument[]> {
  const documents: RetrievalDocument[] = [];
  for await (const { turns, specific } of documentsOf<Meeting>(folder, 'qmsum_val')) {
    const starts: number[] = [];
    let text = '';
    for (const turn of turns) {
      starts.push(text.length);
      text += `${turn}\n`;
    }
    const span = ([from, to]: readonly [string, string]): Span => ({
      start: starts[Number(from)]!,
      end: starts[Number(to)]! + turns[Number(to)]!.length,
    });
    const queries = specific
      .filter((each) => each.relevant_text_span.every(([, to]) => Number(to) < turns.length))
      .map(({ query, relevant_text_span: spans }): Query => {
        return { query, form: 'question', paraphrased: false, gold: spans.map(span) };
      });
    documents.push({ set: 'qmsum_val', text, queries });
  }
  return documents;
}

/** Of the validation split, what has headings and paragraphs. */
export const DOMAINS = ['books', 'docs', 'textbooks'];

/** Pieces of long documents, so many of each length in thousands of tokens, whose headings and sentences are withheld
 * and asked for. `domains`: of the validation split. */
export async function withheld(
  folder: string,
  set: 'docs_dev' | 'pg19_dev' | 'val-0',
  perLength: number,
  lengths: readonly number[],
  seed: number,
  paraphraser: Paraphraser,
  domains: readonly string[],
): Promise<RetrievalDocument[]> {
  const texts: string[] = [];
  if (set === 'val-0') {
    for await (const line of linesOfXz(path.join(folder, 'corpus', 'val-0.jsonl.xz'))) {
      const { text, domain } = JSON.parse(line) as { text: string; domain: string };
      if (domains.includes(domain)) texts.push(text);
    }
  } else {
    for await (const each of documentsOf<{ text?: string; document?: string }>(folder, set)) {
      texts.push(each.text ?? each.document!);
    }
  }
  const random = generator(seed);
  return lengths.flatMap((tokens) => withheldFromPieces(set, texts, perLength, tokens, random, paraphraser));
}

/** Of so many pieces of about so many thousand tokens. */
export function withheldFromPieces(
  set: string,
  texts: readonly string[],
  count: number,
  tokens: number,
  random: () => number,
  paraphraser: Paraphraser,
): RetrievalDocument[] {
  const units = UNITS * tokens;
  const pieces = texts.flatMap((text) => {
    const starts = Array.from({ length: Math.floor(text.length / units) }, (_, i) => i * units);
    // A piece starts with a paragraph.
    return starts.map((start) =>
      text.slice(start === 0 ? 0 : text.indexOf('\n\n', start) + 2, start + units),
    );
  });
  return drawn(pieces, count, Math.floor(random() * 2 ** 31)).map((piece) =>
    withheldFrom(set, piece, random, paraphraser),
  );
}

/** What is taken out of a piece, and what remains of its surroundings. */
interface Withheld {
  readonly query: string;
  readonly form: 'heading' | 'sentence';
  /** Taken out. */
  readonly out: Span;
  /** What should be found instead, before anything was taken out. */
  readonly gold: Span;
}

function withheldFrom(
  set: string,
  text: string,
  random: () => number,
  paraphraser: Paraphraser,
): RetrievalDocument {
  const blocks = blocksOf(text);
  const take = (all: readonly Withheld[]) => drawn(all, QUERIES, Math.floor(random() * 2 ** 31));
  const taken = [...take(headingsOf(blocks)), ...take(sentencesIn(text, blocks, random))];
  taken.sort((a, b) => a.out.start - b.out.start);
  let rest = '';
  let from = 0;
  for (const { out } of taken) {
    rest += text.slice(from, out.start);
    from = out.end;
  }
  rest += text.slice(from);
  const moved = (offset: number) =>
    offset - taken.reduce((sum, { out }) => sum + Math.max(0, Math.min(offset, out.end) - out.start), 0);
  const queries = taken.flatMap(({ query, form, gold }): Query[] => {
    const spans = [{ start: moved(gold.start), end: moved(gold.end) }];
    return [
      { query, form, paraphrased: false, gold: spans },
      { query: paraphraser.paraphrase(query), form, paraphrased: true, gold: spans },
    ];
  });
  return { set, text: rest, queries };
}

/** Headings of at least two words with a meaning, and the text below them. */
function headingsOf(blocks: readonly Block[]): Withheld[] {
  return blocks.flatMap(({ kind, title, start, end }, b): Withheld[] => {
    if (kind !== 'heading' || !isTelling(title!, 2)) return [];
    const next = blocks.findIndex((block, i) => i > b && block.kind === 'heading');
    const last = blocks[(next < 0 ? blocks.length : next) - 1]!;
    const goldEnd = Math.min(last.end, end + SECTION_UNITS);
    if (goldEnd - end < 200) return [];
    return [{ query: title!, form: 'heading', out: { start, end }, gold: { start: end, end: goldEnd } }];
  });
}

/** One sentence of every paragraph that has three or more. */
function sentencesIn(text: string, blocks: readonly Block[], random: () => number): Withheld[] {
  return blocks.flatMap(({ kind, start, end }): Withheld[] => {
    if (kind !== 'prose') return [];
    const sentences = sentencesOf(text.slice(start, end), start);
    const out = sentences[Math.floor(random() * sentences.length)]!;
    const query = text.slice(out.start, out.end).replace(/\s+/gu, ' ');
    const words = query.split(' ').length;
    if (sentences.length < 3 || words < 8 || words > 40 || !isTelling(query, 4)) return [];
    return [{ query, form: 'sentence', out, gold: { start, end } }];
  });
}

function isTelling(text: string, words: number): boolean {
  let telling = 0;
  for (const { key } of wordsOf(text)) if (isTellingWord(key)) telling++;
  return telling >= words;
}

/** Of a word's key: no stop word, and three letters or more at its beginning. */
export function isTellingWord(key: string): boolean {
  return !isStopWord(key) && /^\p{L}{3}/u.test(key);
}
