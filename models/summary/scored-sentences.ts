import type { DocumentText } from '../reading/document-text.js';
import type { Layout } from '../reading/layout.js';
import { templatesOfLines, type LineTemplate } from '../text/log-lines.js';
import type { Span } from '../text/span.js';
import { ownSummaryOf } from './author-summary.js';
import { featuresOf, scored, type NoteEvidence, type SentenceFeatures } from './sentence-score.js';
import { termsOfSentences } from './sentence-terms.js';
import type { SentenceWeights } from './sentence-weights.js';
import { standingOf, standsAlone, type Standing } from './standing-sentence.js';
import { standardized, tfIdf, type SparseVector } from './tf-idf.js';

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
  /** By sentence: what of it can stand by itself; undefined where it is given whole. */
  readonly standing: readonly (Standing | undefined)[];
  /**
   * By sentence: 0 where it may stand in a summary, 1 where only with the sentence before it, 2 where rather not (bare
   * dialogue, a question, a fragment, more than 60 words that cannot be cut).
   */
  readonly fitness: Uint8Array;
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
    return {
      layout,
      texts,
      vectors,
      scores: scoredTemplates(templates, features.notes),
      own: [],
      standing: texts.map(() => undefined),
      fitness: new Uint8Array(texts.length),
      templates: new Map(templates.map(({ first, count }) => [first, count])),
    };
  }
  const own = ownSummaryOf(text, layout);
  const inOwn = own ? Array.from({ length: own.to - own.from }, (_, i) => own.from + i) : [];
  const standing = texts.map(standingOf);
  const fitness = fitnessOf(layout, texts, standing, features);
  return { layout, texts, vectors, scores: scored(features, weights), own: inOwn, standing, fitness };
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

function fitnessOf(
  layout: Layout,
  texts: readonly string[],
  standing: readonly (Standing | undefined)[],
  { dialogue, question, fragment, code, colon }: SentenceFeatures,
): Uint8Array {
  const fitness = new Uint8Array(texts.length);
  for (const [i, part] of standing.entries()) {
    const isPart = fragment[i] === 1 && part?.start === 0;
    const isUnfit = isPart || [dialogue, question, code, colon].some((flags) => flags[i] === 1);
    fitness[i] = isUnfit || !part ? 2 : standsAlone(texts[i]!, part) ? 0 : 1;
  }
  // Whoever points back needs a sentence right before that stands by itself.
  for (let i = 0; i < texts.length; i++) {
    if (fitness[i] === 1 && !(i > 0 && fitness[i - 1] === 0 && isNext(layout, i))) fitness[i] = 2;
  }
  return fitness;
}

/** True if nothing but white space stands between a sentence and the one before it. */
export function isNext({ sentences, decoded }: Layout, i: number): boolean {
  const [before, own] = [sentences[i - 1], sentences[i]!];
  return before !== undefined && decoded.shown(before.end, own.start).trim() === '';
}

/** A sentence as it is shown, cut where it was, and its place in the source. */
export function shownOf({ layout, texts, standing, fitness }: Scored, i: number): Span & { text: string } {
  const { start, end } = layout.sentences[i]!;
  const part = standing[i];
  const text = texts[i]!;
  // With the sentence before it, its joint says how the two belong together.
  const from = part && fitness[i] === 0 ? part.start : 0;
  const to = part?.end ?? text.length;
  if (from === 0 && to === text.length) return { start, end, text };
  const place = layout.decoded.fromSource(start, end);
  const shown = layout.decoded.text.slice(place.start, place.end);
  const at = place.start + shown.length - shown.trimStart().length;
  const words = text.slice(from, to).trimEnd();
  return {
    ...layout.decoded.toSource(at + from, at + from + words.length),
    text: `${from > 0 ? '… ' : ''}${words}${to < text.length ? ' …' : ''}`,
  };
}
