import type { Asked } from './question.js';
import type { Place } from './place-finder.js';
import type { Value } from './values.js';

/** A value in the text that answers a question. */
export interface Found {
  readonly place: Place;
  readonly value: Pick<Value, 'text' | 'start' | 'end'>;
}

/** What the places found say together. */
export interface Decision {
  /** The answer, where the text gives it in so many words. */
  readonly certain: Found | undefined;
  /** Places that the model is to read, best first, where it is not certain. */
  readonly toRead: readonly Place[];
}

/** By how much the score of a statement must be above that of one with another value. */
const MARGIN = 0.15;
/** Places that the model reads at most. */
const READ = 3;
/** Telling words with which a value needs nothing else to be an answer. */
const ENOUGH = 3;
/** UTF-16 units between a value and the word that it belongs to, where there are fewer. */
const CLOSE = 60;

export function decide(places: readonly Place[], asked: Asked): Decision {
  const fitting = places.filter(
    ({ judgement }) => !judgement.isOfAnother && judgement.missingAround.length === 0,
  );
  const whole = fitting.filter(({ judgement }) => judgement.missing.length === 0);
  const toRead = [...whole, ...fitting.filter((place) => !whole.includes(place))].slice(0, READ);
  const valued = whole.filter(({ judgement }) => judgement.value !== undefined);
  const [best] = valued;
  if (!best) return { certain: undefined, toRead };
  const rivals = valued.filter(
    ({ judgement }) =>
      judgement.value!.text !== best.judgement.value!.text && judgement.score > best.judgement.score - MARGIN,
  );
  // The question does not say which.
  if (rivals.length > 0) return { certain: undefined, toRead: [] };
  const value = best.judgement.value!;
  return { certain: isEnough(best, value, asked) ? { place: best, value } : undefined, toRead };
}

function isEnough({ judgement, statement }: Place, value: Value, { kind, terms }: Asked): boolean {
  const { matched, matchedInAll, isTogether, isOfOther } = judgement;
  if (isOfOther) return false;
  if (matched >= ENOUGH) return true;
  if (matched > 1 && matchedInAll > ENOUGH && value.link !== 'none') return true;
  const near = statement.slice(Math.max(0, value.start - CLOSE), value.end + CLOSE).toLowerCase();
  const isClose = terms.some(
    ({ isTelling, beginnings }) => isTelling && beginnings.some((beginning) => near.includes(beginning)),
  );
  if (!isClose || !isTogether) return false;
  if (value.link === 'strong') return true;
  if (matchedInAll === 1) return false;
  const isFree = matched > 1 && (kind === 'date' || (kind === 'amount' && /\p{L}/u.test(value.text)));
  return value.link === 'beside' || (value.link === 'weak' && value.isMixed) || isFree;
}
