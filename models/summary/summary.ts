import { byMarginalRelevance } from './marginal-relevance.js';
import type { DocumentText } from '../reading/document-text.js';
import type { Layout } from '../reading/layout.js';
import { templatesOfLines, type LineTemplate } from '../text/log-lines.js';
import { ownSummaryOf } from './author-summary.js';
import { standardized, tfIdf, type SparseVector } from './tf-idf.js';
import { featuresOf, scored, type NoteEvidence } from './sentence-score.js';
import { termsOfSentences } from './sentence-terms.js';
import type { SentenceWeights } from './sentence-weights.js';
import type { SummarySection } from './types.js';
import type { Passage } from '../reading/passage.js';

export type { NoteEvidence } from './sentence-score.js';

/** Sentences of an overview unless asked otherwise. */
export const OVERVIEW_SENTENCES = 8;
/** UTF-16 units of text for each sentence of a section, and the most a section gets. */
const SECTION_UNITS = 6000;
const SECTION_SENTENCES = 3;
/** UTF-16 units, about 60 pages, from which the overview takes sentences from every stretch of the document. */
const LONG = 200_000;
/** Share of the overview of such a document that the authors' own summary may fill, and of the rest that is spread. */
const SPREAD = 2 / 3;
/** How much of a log line's score is what it says, and how much what the model noted. */
const LOG = { salience: 1.4, notes: 0.3 };

/** The sentences of a document with what is needed to choose among them. */
export interface Scored {
  readonly layout: Layout;
  readonly texts: readonly string[];
  readonly vectors: readonly SparseVector[];
  readonly scores: Float64Array;
  /** Sentences of the authors' own summary, in order. */
  readonly own: readonly number[];
  /** Of a log: how many lines have the template of each of these, the first of their template. */
  readonly templates?: ReadonlyMap<number, number>;
}

export function scoreSentences(
  text: DocumentText,
  layout: Layout,
  evidence: (start: number, end: number) => NoteEvidence,
  weights: SentenceWeights,
): Scored {
  const texts = layout.sentences.map(({ start, end }) => layout.decoded.shown(start, end).trim());
  const terms = termsOfSentences(texts);
  const features = featuresOf(layout, texts, evidence, terms);
  const vectors = tfIdf(texts, terms);
  if (texts.length > 0 && layout.sentences.every(({ isLog }) => isLog)) {
    const templates = templatesOfLines(texts);
    const scores = scoredTemplates(templates, features.notes);
    return {
      layout,
      texts,
      vectors,
      scores,
      own: [],
      templates: new Map(templates.map(({ first, count }) => [first, count])),
    };
  }
  const own = ownSummaryOf(text, layout);
  const inOwn = own ? Array.from({ length: own.to - own.from }, (_, i) => own.from + i) : [];
  return { layout, texts, vectors, scores: scored(features, weights), own: inOwn };
}

/** Central is what a log repeats; it is read for what it does not. Only the first line of a template has a score. */
function scoredTemplates(templates: readonly LineTemplate[], notes: Float64Array): Float64Array {
  const scores = new Float64Array(notes.length).fill(-Infinity);
  const salience = standardized(templates.map((template) => template.salience));
  for (const [t, { first }] of templates.entries()) {
    scores[first] = LOG.salience * salience[t]! + LOG.notes * notes[first]!;
  }
  return scores;
}

/**
 * An extractive summary: sentences of the document, verbatim, in its order. What the authors say in their own
 * summary comes first; the other sentences are scored (see {@link SentenceWeights}) and chosen one by one
 * so that none repeats another. The overview of a long document takes from its whole length.
 */
export function summaryOf(
  text: DocumentText,
  layout: Layout,
  evidence: (start: number, end: number) => NoteEvidence,
  weights: SentenceWeights,
  count: number = OVERVIEW_SENTENCES,
): { overview: Passage[]; sections: SummarySection[] } {
  const document = scoreSentences(text, layout, evidence, weights);
  const { scores, texts, vectors, templates } = document;
  const passage = (i: number): Passage => {
    const { start, end } = layout.sentences[i]!;
    const count = templates?.get(i) ?? 1;
    return {
      start,
      end,
      line: text.lines.lineOf(start),
      text: texts[i]!,
      score: logistic(scores[i]!),
      ...(count > 1 && { count }),
    };
  };
  const inOrder = (indices: readonly number[]) => [...indices].sort((a, b) => a - b).map(passage);

  const bySection: number[][] = layout.sections.map(() => []);
  for (const [i, { section }] of layout.sentences.entries()) {
    if (!templates || templates.has(i)) bySection[section]?.push(i);
  }
  return {
    overview: inOrder(take(overviewOrder(document, count), count)),
    sections: layout.sections.flatMap((section, s): SummarySection[] => {
      const { start, end } = section;
      const wanted = Math.max(1, Math.min(SECTION_SENTENCES, Math.round((end - start) / SECTION_UNITS)));
      const best = take(byMarginalRelevance(bySection[s]!, scores, vectors), wanted);
      const lines = { first: text.lines.lineOf(start), last: text.lines.lineOf(Math.max(start, end - 1)) };
      return best.length > 0 ? [{ ...section, lines, sentences: inOrder(best) }] : [];
    }),
  };
}

/**
 * Sentences in the order in which an overview of about `count` takes them. A log is not read for its course, so what
 * stands out most comes first wherever it stands; its sections show the rest.
 */
export function* overviewOrder(
  { layout: { sentences }, scores, vectors, own, templates }: Scored,
  count: number,
): Generator<number, void, undefined> {
  const first = sentences[0]?.start ?? 0;
  const length = (sentences.at(-1)?.end ?? 0) - first;
  const isSpread = length >= LONG && !templates;
  const taken = isSpread ? own.slice(0, Math.ceil(count * SPREAD)) : [...own];
  yield* taken;
  if (isSpread) {
    const stretches = Math.ceil((count - taken.length) * SPREAD);
    const within: number[][] = Array.from({ length: stretches }, () => []);
    for (const [i, { start }] of sentences.entries()) {
      within[Math.floor(((start - first) / length) * stretches)]!.push(i);
    }
    for (const candidates of within) {
      for (const i of take(byMarginalRelevance(candidates, scores, vectors, taken), 1)) {
        taken.push(i);
        yield i;
      }
    }
  }
  yield* byMarginalRelevance(templates?.keys() ?? sentences.keys(), scores, vectors, taken);
}

function take(order: Iterable<number>, count: number): number[] {
  const indices: number[] = [];
  if (count <= 0) return indices;
  for (const i of order) if (indices.push(i) >= count) break;
  return indices;
}

/** Maps a score to (0, 1) for display. */
function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
