import { readdirSync } from 'node:fs';
import path from 'node:path';
import { documentsOf, linesOfXz } from './data.js';
import type { Chosen } from './overview-measures.js';

export type SentenceLabel = 'best' | 'good' | 'bad';

/** A section whose sentences were labelled by how they would serve in a summary. */
export interface LabelledSection {
  readonly id: string;
  readonly domain: string;
  /** The section's text; offsets are UTF-16 units of it. */
  readonly text: string;
  readonly labels: readonly { readonly start: number; readonly end: number; readonly label: SentenceLabel }[];
  /** Sentences labelled `best`. */
  readonly best: number;
}

interface Stored {
  readonly section: string;
  readonly set?: string;
  readonly doc: string;
  readonly domain: string;
  readonly start: number;
  readonly end: number;
  /** Ranges of code points. */
  readonly sentences: readonly (readonly [number, number])[];
  /** Numbers of sentences, from 1. */
  readonly best: readonly number[];
  readonly good: readonly number[];
  readonly bad: readonly number[];
}

interface Whole {
  readonly id: string;
  readonly document?: string;
  readonly text?: string;
}

/** `eval/sentences_dev`: sections of documents of the evaluation sets. */
export async function sectionsForEvaluation(folder: string): Promise<LabelledSection[]> {
  const stored: Stored[] = [];
  for await (const each of documentsOf<Stored>(folder, 'sentences_dev')) stored.push(each);
  const sets = new Set(stored.map(({ set }) => path.basename(set!, '.jsonl.xz')));
  const found = new Map<string, string>();
  for (const set of sets) {
    for await (const { id, document, text } of documentsOf<Whole>(folder, set)) {
      if (stored.some(({ doc }) => doc === id)) found.set(id, document ?? text!);
    }
  }
  return stored.map((each) => labelledSection(each, found.get(each.doc)));
}

/** `questions/sentences_train`: sections of documents of the corpus. */
export async function sectionsForTraining(folder: string): Promise<LabelledSection[]> {
  const stored: Stored[] = [];
  for await (const line of linesOfXz(path.join(folder, 'questions', 'sentences_train.jsonl.xz')))
    stored.push(JSON.parse(line) as Stored);
  const byDocument = new Map<string, Stored[]>();
  for (const each of stored) byDocument.set(each.doc, [...(byDocument.get(each.doc) ?? []), each]);
  const found: LabelledSection[] = [];
  const corpus = path.join(folder, 'corpus');
  for (const shard of readdirSync(corpus)
    .filter((name) => name.endsWith('.jsonl.xz'))
    .sort()) {
    for await (const line of linesOfXz(path.join(corpus, shard))) {
      const id = /^\{"id": ("(?:[^"\\]|\\.)*")/u.exec(line)?.[1];
      if (id !== undefined && !byDocument.has(JSON.parse(id) as string)) continue;
      const document = JSON.parse(line) as { id: string; text: string };
      for (const each of byDocument.get(document.id) ?? []) found.push(labelledSection(each, document.text));
    }
  }
  return found;
}

function labelledSection(stored: Stored, document: string | undefined): LabelledSection {
  if (document === undefined) throw new Error(`${stored.doc} of ${stored.section} is not in its set.`);
  const points = Array.from(document).slice(stored.start, stored.end);
  const units = new Int32Array(points.length + 1);
  for (const [i, point] of points.entries()) units[i + 1] = units[i]! + point.length;
  const labels = (['best', 'good', 'bad'] as const).flatMap((label) =>
    stored[label].map((number) => {
      const [start, end] = stored.sentences[number - 1]!;
      return { start: units[start - stored.start]!, end: units[end - stored.start]!, label };
    }),
  );
  const { section: id, domain } = stored;
  return { id, domain, text: points.join(''), labels, best: stored.best.length };
}

/** The label of the sentence that a chosen one overlaps most, by half of it at least. */
export function labelOf(
  { labels }: LabelledSection,
  chosen: Pick<Chosen, 'start' | 'end'>,
): SentenceLabel | undefined {
  let most = 0;
  let found: SentenceLabel | undefined;
  for (const { start, end, label } of labels) {
    const overlap = Math.min(end, chosen.end) - Math.max(start, chosen.start);
    if (2 * overlap >= end - start && overlap > most) [most, found] = [overlap, label];
  }
  return found;
}
