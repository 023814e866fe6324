import { readTexts } from '../../models/answers/reader/point-at.js';
import type { ReadText } from '../../models/answers/reader/features.js';
import { askMemory } from '../../models/answers/recall/ask-memory.js';
import { joined, placesToldIn, windowsOf } from '../../models/document/ask-reader.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { DocumentReading } from '../../models/reading/document-reading.js';
import { layoutOf } from '../../models/reading/layout.js';
import { PassageSearch } from '../../models/search/passage-search.js';
import { weighted } from '../../models/search/passage-vectors.js';
import type { Tokenizer } from '../../models/tokenizer/index.js';
import type { AskedText, WrittenQuestion } from './asked-texts.js';
import { holdsHalf, overlaps } from './answer-scores.js';
import type { Span } from '../../models/text/span.js';

/** All that a fit needs to know of a question, so that nothing is read twice. */
export interface QuestionRecord {
  /** Questions of one text share it. */
  readonly document: number;
  readonly kind: WrittenQuestion['kind'];
  readonly question: string;
  readonly answer: string;
  readonly recalled: string;
  readonly none: number;
  /** What was read, best first, each with where it stands, and its passages. */
  readonly read: readonly (ReadText & Span & { readonly from: number; readonly to: number })[];
  /** (passages) normed scores. */
  readonly words: readonly number[];
  readonly vectors: readonly number[];
  /** Passages that hold what is asked for. */
  readonly gold: readonly number[];
  readonly spans: readonly Span[];
}

/** Reads a text and, for each of its questions, the best passages. */
export async function recordsOf(
  { text, questions }: AskedText,
  document: number,
  {
    engine,
    tokenizer,
    vectorsWeight,
  }: { readonly engine: Engine; readonly tokenizer: Tokenizer; readonly vectorsWeight: number },
): Promise<QuestionRecord[]> {
  const reading = new DocumentReading({ engine: () => Promise.resolve(engine), tokenizer }, () => undefined);
  await reading.read(inOnePiece(text), {});
  const kept = reading.use();
  const layout = layoutOf(kept.text);
  const search = new PassageSearch(kept, layout, tokenizer);
  const reader = await engine.openReader();
  const records: QuestionRecord[] = [];
  for (const { kind, question, answer, spans, passage } of questions) {
    const { words, vectors = new Float64Array(words.length) } = await search.parts(question);
    const scores = weighted(words, vectors, vectorsWeight);
    const remembered = await askMemory(kept, tokenizer, question, undefined);
    const windows = joined(placesToldIn(remembered.evidence, layout, scores), windowsOf(layout, scores));
    // Of the others only the passages count.
    const given = kind !== 'fact' && kind !== 'none' ? [] : windows.map((window) => window.given);
    const result =
      given.length > 0
        ? await readTexts({ reader, tokenizer }, question, given, {})
        : { read: [], none: 0, tokens: 0 };
    const wanted = spans.length > 0 ? spans : [passage];
    records.push({
      ...{ document, kind, question, answer, none: result.none, spans },
      recalled: remembered.answer === 'none' ? '' : remembered.answer,
      read: result.read.map((own, i) => {
        const { from, to, start } = windows[i]!;
        return { ...own, start, end: start + own.text.length, from, to };
      }),
      words: rounded(words),
      vectors: rounded(vectors),
      gold: layout.passages.flatMap((own, i) => (holdsHalf(own, wanted) ? [i] : [])),
    });
  }
  reading.dispose();
  return records;
}

/** Whether a range of a text that was read is where the answer stands. */
export function isAtPlace(record: QuestionRecord, text: number, { start, end }: Span): boolean {
  const base = record.read[text]!.start;
  return record.spans.some((span) => overlaps({ start: base + start, end: base + end }, span));
}

function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Number(value.toFixed(4)));
}

async function* inOnePiece(text: string): AsyncGenerator<string, void, undefined> {
  yield await Promise.resolve(text);
}
