/** Words of a question; people ask in far fewer. */
const MOST_WORDS = 300;

/**
 * A question as it is asked: without control characters, and with single spaces.
 *
 * @throws {Error} in words to show, if it is empty or too long
 */
export function cleanQuestion(question: string): string {
  const clean = question.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\s]+/gu, ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(clean)) throw new Error('The question is empty.');
  const words = clean.split(' ').length;
  if (words > MOST_WORDS || clean.length > 20 * MOST_WORDS) {
    throw new Error(`The question is too long: ${words} words; ask in at most ${MOST_WORDS}.`);
  }
  return clean;
}
