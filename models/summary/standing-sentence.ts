import { jointLength, pointsBack } from './sentence-openings.js';
import { MOST_WORDS } from './sentence-wording.js';

/** A part of a sentence that stands by itself: [start, end) of its text, and that part with “…” where it was cut. */
export interface Standing {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Fewest words of a part. */
const FEWEST = 8;
/** Where a clause ends that stands by itself. */
const CLAUSE =
  /;\s|\s[—–]\s|--|:\s|,\s(?=(?:and|but|so|yet|while|whereas|although|because|which|where|who|unless|except)\b)/gu;
const LETTERED = /[\p{L}\p{N}]/u;

/**
 * What of a sentence can stand in a summary by itself: without a word that joins it to the one before (“However,”), and
 * up to the end of a clause where it has more than {@link MOST_WORDS} words.
 *
 * @returns undefined where nothing of it can
 */
export function standingOf(text: string): Standing | undefined {
  const words = (part: string) => part.split(/\s+/u).filter((run) => LETTERED.test(run)).length;
  let start = jointLength(text);
  // “So that …” and “And because” are no sentences without their joint.
  if (
    start > 0 &&
    (/^(?:that|because|if|then)\b/iu.test(text.slice(start)) || words(text.slice(start)) < FEWEST)
  )
    start = 0;
  let end = text.length;
  if (words(text.slice(start)) > MOST_WORDS) {
    const ends = Array.from(text.matchAll(CLAUSE), ({ index }) => index).filter((at) => {
      const part = text.slice(start, at);
      const count = words(part);
      return at > start && count >= FEWEST && count <= MOST_WORDS && isBalanced(part);
    });
    if (ends.length === 0) return undefined;
    end = ends.at(-1)!;
  }
  const head = start > 0 ? '… ' : '';
  const tail = end < text.length ? ' …' : '';
  return { start, end, text: `${head}${text.slice(start, end).trimEnd()}${tail}` };
}

/** True if it points to nothing that stands before it once its joint is cut off. */
export function standsAlone(text: string, { start }: Standing): boolean {
  return start > 0 || jointLength(text) === 0 ? !pointsBack(text) : false;
}

/** True if every bracket and quotation mark that opens closes as well. */
function isBalanced(part: string): boolean {
  const count = (pattern: RegExp) => part.match(pattern)?.length ?? 0;
  return count(/[([{]/gu) === count(/[)\]}]/gu) && count(/“/gu) === count(/”/gu) && count(/"/gu) % 2 === 0;
}
