import type { DocumentText } from './document-text.js';
import type { Layout } from './layout.js';
import { logSalience } from './log-lines.js';
import { centrality, mmr, standardized, tfIdf, type SparseVector } from './salience.js';
import type { Passage, SummarySection } from './types.js';

/** What the model thought of a range of text. */
export interface NoteEvidence {
  /** Mean of the range's highest note scores s, before the sigmoid. */
  readonly notes: number;
  /** Notes of the range that are in a state pool at the end, over all layers. */
  readonly kept: number;
}

/** Weights of the standardized features of a sentence; centrality is position-free. */
const CENTRALITY = 0.5;
const NOTES = 0.3;
const KEPT = 0.2;
/** Words a sentence needs to say something, and beyond which it is long. */
const FEW_WORDS = 8;
const MANY_WORDS = 45;

/** Sentences of an overview unless asked otherwise. */
export const OVERVIEW_SENTENCES = 8;
/** UTF-16 units of text for each sentence of a section, and the most a section gets. */
const SECTION_UNITS = 6000;
const SECTION_SENTENCES = 3;
/** Candidates looked at for each sentence wanted. */
const CANDIDATES = 30;

/**
 * An extractive summary: sentences of the document, verbatim, in its order. Sentences are scored by
 * centrality (cosine with the tf-idf centroid of the document and of the section), by the notes that the
 * model took of them, and by what of them is in the state pools at the end; chosen with maximal marginal
 * relevance. The overview is spread over the document, so that it covers the whole length.
 */
export function summaryOf(
  text: DocumentText,
  layout: Layout,
  evidence: (start: number, end: number) => NoteEvidence,
  count: number = OVERVIEW_SENTENCES,
): { overview: Passage[]; sections: SummarySection[] } {
  const { sentences, sections } = layout;
  const texts = sentences.map(({ start, end }) => text.slice(start, end));
  const vectors = tfIdf(texts);
  const scores = scoresOf(layout, texts, vectors, evidence);
  const passage = (i: number): Passage => {
    const { start, end } = sentences[i]!;
    return { start, end, line: text.lines.lineOf(start), text: texts[i]!, score: logistic(scores[i]!) };
  };
  const inOrder = (indices: readonly number[]) => [...indices].sort((a, b) => a - b).map(passage);

  const bySection: number[][] = sections.map(() => []);
  for (const [i, { section }] of sentences.entries()) bySection[section]?.push(i);
  return {
    overview: inOrder(overviewOf(layout, scores, vectors, count)),
    sections: sections.flatMap(({ title, start, end }, s): SummarySection[] => {
      const wanted = Math.max(1, Math.min(SECTION_SENTENCES, Math.round((end - start) / SECTION_UNITS)));
      const chosen = pick(bySection[s]!, scores, vectors, wanted);
      return chosen.length > 0 ? [{ title, start, end, sentences: inOrder(chosen) }] : [];
    }),
  };
}

function scoresOf(
  { sentences, sections }: Layout,
  texts: readonly string[],
  vectors: readonly SparseVector[],
  evidence: (start: number, end: number) => NoteEvidence,
): Float64Array {
  const inDocument = standardized(centrality(vectors));
  const inSection = new Float64Array(sentences.length);
  for (let from = 0; from < sentences.length;) {
    let to = from;
    while (to < sentences.length && sentences[to]!.section === sentences[from]!.section) to++;
    inSection.set(sections.length > 1 ? standardized(centrality(vectors.slice(from, to))) : inDocument, from);
    from = to;
  }
  const seen = sentences.map(({ start, end }) => evidence(start, end));
  const notes = standardized(seen.map((e) => e.notes));
  const kept = standardized(seen.map((e) => Math.log1p(e.kept)));
  if (sentences.every(({ isLog }) => isLog)) {
    // Central is what a log repeats; it is read for what it does not.
    const salience = standardized(logSalience(texts));
    return Float64Array.from(texts, (_, i) => (CENTRALITY + KEPT) * 2 * salience[i]! + NOTES * notes[i]!);
  }
  return Float64Array.from(texts, (text, i) => {
    const words = text.split(/\s+/u).length;
    const brevity = Math.max(0, FEW_WORDS - words) / FEW_WORDS + Math.max(0, words - MANY_WORDS) / MANY_WORDS;
    return (
      CENTRALITY * (inDocument[i]! + inSection[i]!) * 0.5 + NOTES * notes[i]! + KEPT * kept[i]! - brevity
    );
  });
}

/**
 * Two thirds of the sentences come one from each of as many equal stretches; the rest from anywhere, but no
 * more than one from a stretch.
 */
function overviewOf(
  { sentences }: Layout,
  scores: Float64Array,
  vectors: readonly SparseVector[],
  count: number,
): number[] {
  const first = sentences[0]?.start ?? 0;
  const length = (sentences.at(-1)?.end ?? 0) - first;
  const stretches = Math.ceil((count * 2) / 3);
  const within: number[][] = Array.from({ length: stretches }, () => []);
  for (const [i, { start }] of sentences.entries()) {
    within[Math.min(stretches - 1, Math.floor(((start - first) / length) * stretches))]!.push(i);
  }
  const chosen: number[] = [];
  for (const candidates of within) chosen.push(...pick(candidates, scores, vectors, 1, chosen));
  const seconds = within.flatMap((candidates) =>
    pick(
      candidates.filter((i) => !chosen.includes(i)),
      scores,
      vectors,
      1,
      chosen,
    ),
  );
  chosen.push(...pick(seconds, scores, vectors, count - chosen.length, chosen));
  // A short text may have fewer stretches with something in them than sentences asked for.
  const rest = sentences.flatMap((_, i) => (chosen.includes(i) ? [] : [i]));
  return [...chosen, ...pick(rest, scores, vectors, count - chosen.length, chosen)];
}

/** The `count` best of the candidates that repeat neither each other nor those already taken. */
function pick(
  candidates: readonly number[],
  scores: Float64Array,
  vectors: readonly SparseVector[],
  count: number,
  taken: readonly number[] = [],
): number[] {
  const best = [...candidates]
    .sort((a, b) => scores[b]! - scores[a]!)
    .slice(0, Math.max(0, count) * CANDIDATES);
  const order = mmr(
    best.map((i) => logistic(scores[i]!)),
    best.map((i) => vectors[i]!),
    count,
    undefined,
    taken.map((i) => vectors[i]!),
  );
  return order.map((i) => best[i]!);
}

/** Maps a score to (0, 1) for display and for comparison with cosines. */
function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
