import type { Passage } from '../reading/passage.js';
import { sentencesOf } from '../text/sentences.js';
import type { Span } from '../text/span.js';
import type { Answer } from './answer.js';
import type { Found } from './choose-answer.js';
import { NONE } from './no-answer.js';
import { sameWords } from './same-words.js';
import type { Pointed, PointedAnswer } from './pointed.js';

/**
 * Probability of an answer that is read off a field, and of one that two witnesses give who know nothing of each other:
 * the reader, and the memory or a statement that gives the value in the question's own words.
 */
export const STATED = 0.99;
/** Of a value that such a statement gives and the reader does not: about half of them are right (17 of 32). */
const STATED_ALONE = 0.5;

/** A value that the memory recalls, or that a statement gives, in words of the question. */
export interface Witness {
  readonly said: string;
  readonly evidence: readonly Passage[];
}

/** The value that a statement gives, and the statement. */
export function witnessIn({ place, value }: Found): Witness {
  const { start, end, line, statement } = place;
  return { said: value.text, evidence: [{ start, end, line, text: statement, score: 1 }] };
}

/** How far an answer can be relied on. */
export type Standing = 'verified' | 'likely' | 'none';

/**
 * Verified: it stands there as a whole value or whole words, and its probability is above the point where nine of ten
 * are right. Likely: above the point from which on an answer is shown.
 */
export function standingOf(
  { isWhole, probability }: Pick<PointedAnswer, 'isWhole' | 'probability'>,
  { verified, likely }: Pick<Pointed, 'verified' | 'likely'>,
): Standing {
  if (isWhole && probability >= verified) return 'verified';
  return probability >= likely ? 'likely' : 'none';
}

/**
 * What the reader pointed at, as an answer.
 *
 * @param told what the memory said (`remembered`), and a value that something else gives (`witness`)
 * @param evidenceOf where an answer stands
 */
export function pointedAnswer(
  pointed: Pointed,
  told: { readonly remembered: Answer; readonly witness: Witness | undefined },
  evidenceOf: (answer: PointedAnswer) => Passage,
): Answer {
  const { remembered, witness } = told;
  const read = { passages: pointed.texts, tokens: pointed.tokens };
  const recalled = remembered.answer === NONE ? {} : { remembered: remembered.answer };
  const [best] = pointed.answers;
  const standing = best ? standingOf(best, pointed) : 'none';
  if (witness && standing !== 'verified') {
    const { said: answer, evidence } = witness;
    const verified = best !== undefined && agree(best.said, answer);
    if (verified || !best || best.probability < STATED_ALONE) {
      return { answer, verified, probability: verified ? STATED : STATED_ALONE, ...recalled, read, evidence };
    }
  }
  if (!best || standing === 'none') {
    return {
      answer: NONE,
      verified: false,
      probability: best?.probability ?? 0,
      ...recalled,
      read,
      evidence: [],
    };
  }
  const { said: answer, probability } = best;
  const verified = standing === 'verified';
  return { answer, verified, probability, ...recalled, read, evidence: [evidenceOf(best)] };
}

/** The same words, or one is in the other as a whole: “7 April” and “7 April 1893”. */
function agree(a: string, b: string): boolean {
  const [one, other] = [` ${sameWords(a)} `, ` ${sameWords(b)} `];
  return one.trim() !== '' && other.trim() !== '' && (one.includes(other) || other.includes(one));
}

/** The sentences of a text that a span touches. */
export function sentencesAround(text: string, { start, end }: Span): Span {
  const touched = sentencesOf(text).filter((sentence) => sentence.end > start && sentence.start < end);
  return {
    start: Math.min(start, touched[0]?.start ?? start),
    end: Math.max(end, touched.at(-1)?.end ?? end),
  };
}
