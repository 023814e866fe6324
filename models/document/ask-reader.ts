import type { Answer } from '../answers/answer.js';
import { answerInFields, isStated, statementsFor } from '../answers/look-up.js';
import { NONE } from '../answers/no-answer.js';
import { inPieces } from '../scheduling/each-piece.js';
import { smallest } from '../text/lists.js';
import type { Span } from '../text/span.js';
import type { GivenText, Pointed, PointedAnswer } from '../answers/pointed.js';
import {
  pointedAnswer,
  sentencesAround,
  STATED,
  witnessIn,
  type Witness,
} from '../answers/pointed-answer.js';
import { askedOf } from '../answers/question.js';
import type { Layout } from '../reading/layout.js';
import type { Passage } from '../reading/passage.js';
import { rankedBy, type PassageSearch } from '../search/passage-search.js';

/** UTF-16 units of a text that the reader gets: a passage with its neighbours up to so many. */
const READ_UNITS = 900;
/** Passages from whose surroundings texts are taken. */
const MOST_READ = 40;
/** Passages shown with an answer. */
export const SHOWN = 5;

/** A range of passages that is read as one text. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** Where it begins in the decoded text. */
  readonly start: number;
  readonly given: GivenText;
}

/** What a question is asked of. */
export interface AskedDocument {
  readonly layout: Layout;
  readonly search: PassageSearch;
  readonly lineOf: (offset: number) => number;
  /** Weight of the reader's margin in the order of passages. */
  readonly marginWeight: number;
  /** Has the reader read texts, best first. */
  readonly pointAt: (
    texts: readonly GivenText[],
    recalled: string,
    onRead: ((pointed: Pointed) => void) | undefined,
  ) => Promise<Pointed>;
  /** What the memory says. */
  readonly recall: () => Promise<Answer>;
}

export interface AskReaderOptions {
  readonly question: string;
  readonly signal?: AbortSignal | undefined;
  /** Told what is known so far: first the passages, then the answer of what was read. */
  readonly onRefine?: ((answer: Answer) => void) | undefined;
}

/**
 * Finds passages, reads the best of them, joins in the places that the memory points at, and says what the answer is,
 * how probable it is, and what was read for it. The definitions are in `docs/definitions.md`, “Answers”.
 *
 * @throws the signal's reason
 */
export async function askReader(
  document: AskedDocument,
  { question, signal, onRefine }: AskReaderOptions,
): Promise<Answer> {
  const { layout, search } = document;
  const scores = await search.scores(question, signal);
  const windows = windowsOf(layout, scores);
  const passagesBy = (order: Float64Array) => search.show(rankedBy(order), question, SHOWN);
  onRefine?.({ answer: NONE, verified: false, evidence: [], passages: passagesBy(scores) });
  const remembered = await document.recall();
  signal?.throwIfAborted();
  const inField = answerInFields(question, { structure: layout, remembered, lineOf: document.lineOf });
  if (inField) return { ...inField, probability: STATED, passages: passagesBy(scores) };
  const witness = await witnessOf(document, remembered, { question, signal });
  const told = placesToldIn([...(witness?.evidence ?? []), ...remembered.evidence], layout, scores);
  const read = joined(told, windows);
  const resultOf = (pointed: Pointed): Answer => {
    const order = withMargins(scores, read, pointed, document.marginWeight);
    const evidence = (best: PointedAnswer) => evidenceOf(best, read[best.text]!, document);
    const answer = pointedAnswer(pointed, { remembered, witness }, evidence);
    return { ...answer, lookedUp: true, passages: passagesBy(order) };
  };
  const pointed = await document.pointAt(
    read.map(({ given }) => given),
    witness?.said ?? (remembered.answer === NONE ? '' : remembered.answer),
    onRefine && ((early) => onRefine(resultOf(early))),
  );
  const result = resultOf(pointed);
  if (result.verified) return result;
  const list = answerInFields(question, { structure: layout, remembered, lineOf: document.lineOf }, true);
  return list ? { ...result, ...list, probability: STATED } : result;
}

/** A value that the memory recalls in words that the text bears out, or that a statement of the text gives. */
async function witnessOf(
  { layout, lineOf }: AskedDocument,
  remembered: Answer,
  { question, signal }: Pick<AskReaderOptions, 'question' | 'signal'>,
): Promise<Witness | undefined> {
  if (isStated(remembered, question)) return { said: remembered.answer, evidence: remembered.evidence };
  const { decoded } = layout;
  const locate = ({ start, end }: Span) => {
    const place = decoded.toSource(start, end);
    return { ...place, line: lineOf(place.start) };
  };
  const look = { text: inPieces(decoded.text), structure: layout, locate, signal };
  const { certain } = await statementsFor(askedOf(question), look);
  return certain && witnessIn(certain);
}

/** The best passages with their neighbours, best first; a passage that stands in a text before has no text of its own. */
export function windowsOf(layout: Layout, scores: Float64Array): Window[] {
  const windows: Window[] = [];
  for (const { passage } of rankedBy(scores).slice(0, MOST_READ)) {
    if (windows.some(({ from, to }) => from <= passage && passage <= to)) continue;
    windows.push(windowAround(layout, passage, scores[passage]!));
  }
  return windows;
}

function windowAround({ passages, decoded }: Layout, passage: number, score: number): Window {
  let [from, to] = [passage, passage];
  const units = () => passages[to]!.end - passages[from]!.start;
  for (let side = 0; side < 2 && units() < READ_UNITS; side++) {
    const goesOn = to + 1 < passages.length && passages[to + 1]!.isApart !== true;
    if (side === 0 && goesOn) to++;
    if (side === 1 && from > 0 && passages[from]!.isApart !== true) from--;
  }
  const { start, end } = decoded.fromSource(passages[from]!.start, passages[to]!.end);
  return { from, to, start, given: { text: decoded.text.slice(start, end), score } };
}

/** The places that something points at, as texts. */
export function placesToldIn(evidence: readonly Span[], layout: Layout, scores: Float64Array): Window[] {
  const windows: Window[] = [];
  for (const { start } of evidence) {
    const passage = layout.passages.findIndex(({ end }) => end > start);
    if (passage < 0 || windows.some(({ from, to }) => from <= passage && passage <= to)) continue;
    windows.push(windowAround(layout, passage, scores[passage]!));
  }
  return windows;
}

/** The places that the memory points at first, then the others that are not in them. */
export function joined(told: readonly Window[], windows: readonly Window[]): Window[] {
  return [...told, ...windows.filter((window) => !told.some((other) => holds(other, window)))];
}

function holds(a: Window, b: Window): boolean {
  return a.from <= b.from && b.to <= a.to;
}

/** The order of passages by the search and the reader: the margin of a text is that of the passages in it. */
export function withMargins(
  scores: Float64Array,
  windows: readonly Pick<Window, 'from' | 'to'>[],
  { margins }: Pick<Pointed, 'margins'>,
  weight: number,
): Float64Array {
  if (weight === 0 || margins.length === 0) return scores;
  const order = scores.slice();
  // What was not read counts as the worst that was.
  const least = smallest(margins);
  for (const [i, margin] of margins.entries()) {
    const { from, to } = windows[i]!;
    const best = bestOf(scores, from, to);
    order[best] = Math.max(order[best]!, scores[best]! + weight * (margin - least));
  }
  return order;
}

function bestOf(scores: Float64Array, from: number, to: number): number {
  let best = from;
  for (let passage = from; passage <= to; passage++) if (scores[passage]! > scores[best]!) best = passage;
  return best;
}

/** The sentences of a text in which an answer stands. */
function evidenceOf(
  { start, end, probability }: PointedAnswer,
  window: Window,
  { layout, lineOf }: AskedDocument,
): Passage {
  const { decoded } = layout;
  const { text } = window.given;
  const around = sentencesAround(text, { start, end });
  const own = decoded.toSource(window.start + around.start, window.start + around.end);
  return { ...own, line: lineOf(own.start), text: text.slice(around.start, around.end), score: probability };
}
