import type { KeptDocument } from '../reading/kept-document.js';
import { salienceOfRange } from './sentence-salience.js';
import type { NoteEvidence } from './summary.js';

/** Highest scores of a sentence that stand for it. */
const BEST_NOTES = 3;

/**
 * What the model thought of a range of text: its best notes, from the layers that follow the text and those that keep
 * facts alike, how many of them stay, and its salience.
 */
export function noteEvidenceOf(
  { tokens, text, life }: Pick<KeptDocument, 'tokens' | 'text' | 'life'>,
  start: number,
  end: number,
): NoteEvidence {
  const { from, to } = tokens.overlapping(start, end);
  /** The highest, falling. */
  const best: number[] = [];
  let kept = 0;
  for (let token = from; token < to; token++) {
    const score = tokens.textScore(token) + tokens.factScore(token);
    if (best.length < BEST_NOTES || score > best[BEST_NOTES - 1]!) {
      if (best.length === BEST_NOTES) best.pop();
      best.splice(best.findLastIndex((higher) => higher >= score) + 1, 0, score);
    }
    for (const { leftAt } of life.of(token)) if (leftAt === null) kept++;
  }
  const salience = salienceOfRange(tokens, text, start, end);
  return {
    notes: best.reduce((sum, score) => sum + score, 0) / Math.max(1, best.length),
    kept,
    ...(salience !== undefined && { salience }),
  };
}
