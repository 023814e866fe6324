import type { Answer } from '../answers/answer.js';
import { isStated, statementsFor } from '../answers/look-up.js';
import { pointedAnswer, sentencesAround, witnessIn } from '../answers/pointed-answer.js';
import type { Pointed, PointedAnswer } from '../answers/pointed.js';
import { askedOf } from '../answers/question.js';
import type { Place } from '../answers/place-finder.js';
import type { Passage } from '../reading/passage.js';
import type { AskOptions, Readable } from './readable.js';

/**
 * What the search score of a place counts that was found by words in the whole file: as much as a good passage of a
 * document that was read whole, and less with every rank.
 */
const BEST_SCORE = 4;

/** What a question is asked of that was read in parts. */
export interface StagedQuestion {
  readonly memory: Pick<Readable, 'pointAt'>;
  /** What the memory of the parts says, and the passages of them, with the document's offsets. */
  readonly remembered: Answer;
  readonly passages: readonly Passage[];
  /** The whole document, which is searched by words. */
  readonly text: AsyncIterable<string>;
  readonly onProgress: (units: number) => void;
}

/**
 * Answers a question about a document of which the model read parts: the places come from the whole of it, by words, and
 * the reader reads them.
 *
 * @returns undefined where the model has no reader
 * @throws the signal's reason
 */
export async function askStaged(
  { memory, remembered, passages, text, onProgress }: StagedQuestion,
  { question, signal, onRefine }: AskOptions,
): Promise<Answer | undefined> {
  const confirmed = await confirmedRecall({ memory, remembered }, { question, signal });
  if (confirmed) return { ...confirmed, passages };
  const { places, certain } = await statementsFor(askedOf(question), { text, signal, onProgress });
  const witness = certain && witnessIn(certain);
  const evidenceOf = (best: PointedAnswer) => evidenceIn(places[best.text]!, best);
  const answerOf = (pointed: Pointed) => ({
    ...pointedAnswer(pointed, { remembered, witness }, evidenceOf),
    passages,
  });
  const pointed = await memory.pointAt({
    question,
    texts: places.map(({ window }, i) => ({ text: window, score: BEST_SCORE - Math.log(1 + i) })),
    recalled: witness?.said ?? remembered.answer,
    signal,
    onRead: onRefine && ((early) => onRefine(answerOf(early))),
  });
  return pointed && { ...answerOf(pointed), lookedUp: true };
}

/** What the memory recalls, where the reader finds the same in the sentences around it: then nothing is searched. */
async function confirmedRecall(
  { memory, remembered }: Pick<StagedQuestion, 'memory' | 'remembered'>,
  { question, signal }: Pick<AskOptions, 'question' | 'signal'>,
): Promise<Answer | undefined> {
  if (!isStated(remembered, question)) return undefined;
  const witness = { said: remembered.answer, evidence: remembered.evidence };
  const texts = remembered.evidence.slice(0, 1).map(({ text }) => ({ text, score: BEST_SCORE }));
  const pointed = await memory.pointAt({ question, texts, recalled: remembered.answer, signal });
  const found = pointed && pointedAnswer(pointed, { remembered, witness }, () => remembered.evidence[0]!);
  return found?.verified ? found : undefined;
}

/** The sentences around an answer in the window of a place; a place has the offsets of the document. */
function evidenceIn(place: Place, { start, end, probability }: PointedAnswer): Passage {
  const { window, statement } = place;
  const base = place.start - window.indexOf(statement);
  const around = sentencesAround(window, { start, end });
  const lines = (from: number, to: number) => window.slice(from, to).split(/\r\n?|\n/u).length - 1;
  const own = window.indexOf(statement);
  const line =
    around.start < own ? place.line - lines(around.start, own) : place.line + lines(own, around.start);
  return {
    start: base + around.start,
    end: base + around.end,
    line,
    text: window.slice(around.start, around.end),
    score: probability,
  };
}
