import { byMarginalRelevance } from './marginal-relevance.js';
import type { DocumentText } from '../reading/document-text.js';
import type { Layout } from '../reading/layout.js';
import type { NoteEvidence } from './sentence-score.js';
import type { SentenceWeights } from './sentence-weights.js';
import type { SummarySection } from './types.js';
import type { Passage } from '../reading/passage.js';
import { overviewOrder } from './overview-order.js';
import { scoreSentences, shownOf } from './scored-sentences.js';

export type { NoteEvidence } from './sentence-score.js';
export { overviewOrder } from './overview-order.js';
export { scoreSentences, type Scored } from './scored-sentences.js';

/** Sentences of an overview unless asked otherwise. */
export const OVERVIEW_SENTENCES = 8;
/** UTF-16 units of text for each sentence of a section, and the most a section gets. */
const SECTION_UNITS = 6000;
const SECTION_SENTENCES = 3;

/**
 * An extractive summary: sentences of the document, verbatim, in its order. What the authors say in their own
 * summary comes first; the other sentences are scored (see {@link SentenceWeights}) and chosen one by one
 * so that none repeats another, from the whole length of the document. What was cut off a sentence is marked “…”.
 */
export function summaryOf(
  text: DocumentText,
  layout: Layout,
  evidence: (start: number, end: number) => NoteEvidence,
  weights: SentenceWeights,
  count: number = OVERVIEW_SENTENCES,
): { overview: Passage[]; sections: SummarySection[] } {
  const document = scoreSentences(text, layout, evidence, weights);
  const { scores, vectors, templates, fitness } = document;
  const passage = (i: number): Passage => {
    const shown = shownOf(document, i);
    const count = templates?.get(i) ?? 1;
    return {
      ...shown,
      line: text.lines.lineOf(shown.start),
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
      const fit = bySection[s]!.filter((i) => fitness[i] === 0);
      const candidates = fit.length > 0 ? fit : bySection[s]!;
      const best = take(byMarginalRelevance(candidates, scores, vectors), wanted);
      const lines = { first: text.lines.lineOf(start), last: text.lines.lineOf(Math.max(start, end - 1)) };
      return best.length > 0 ? [{ ...section, lines, sentences: inOrder(best) }] : [];
    }),
  };
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
