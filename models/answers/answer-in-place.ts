import type { Span } from '../text/span.js';
import { isWholeValue, valueAround } from '../text/values.js';
import type { Asked } from './question.js';
import type { Found } from './choose-answer.js';
import { judge } from './judge.js';
import type { Place } from './place-finder.js';
import { contextOf, statementAround } from './statements.js';

/** Telling words that must stand beside an answer that is no key, number or date. */
const BESIDE_WORDS = 2;

/**
 * Where an answer of the model stands in the place that it read, as whole words, in a statement that speaks of all that
 * is asked and of no other; undefined if it stands in none.
 */
export function foundIn(place: Place, answer: string, asked: Asked): Found | undefined {
  const { window, statement } = place;
  if (answer === '' || asked.question.includes(answer)) return undefined;
  const isValue = /\p{N}/u.test(answer);
  if (!isValue && (asked.kind === 'date' || asked.kind === 'amount')) return undefined;
  const base = window.indexOf(statement);
  for (let at = window.indexOf(answer); at >= 0; at = window.indexOf(answer, at + 1)) {
    const whole = wholeAt(window, at, answer);
    if (!whole) continue;
    const span = statementAround(window, at);
    const judgement = judge(window.slice(span.start, span.end), () => contextOf(window, span), asked);
    if (judgement.isOfAnother || judgement.missingAround.length > 0) continue;
    if (!isValue && judgement.matched < BESIDE_WORDS) continue;
    const start = whole.start - span.start;
    return {
      place: {
        ...place,
        start: place.start + span.start - base,
        end: place.start + span.end - base,
        line: place.line + lines(window, base, span.start),
        statement: window.slice(span.start, span.end),
        judgement,
      },
      value: { text: window.slice(whole.start, whole.end), start, end: start + whole.end - whole.start },
    };
  }
  return undefined;
}

/** Line ends between two offsets, negative where the second comes first. */
function lines(text: string, from: number, to: number): number {
  const count = (a: number, b: number) => text.slice(a, b).split(/\r\n?|\n/u).length - 1;
  return from <= to ? count(from, to) : -count(to, from);
}

const WORD = /[\p{L}\p{N}_]/u;

/**
 * The whole value that an answer at `at` is in: where marks join it with more, all of it. Undefined where a word or number
 * goes on: then the answer is no part that was left short, but another one; and where words are in a longer word.
 */
export function wholeAt(text: string, at: number, answer: string): Span | undefined {
  const own = { start: at, end: at + answer.length };
  const goesOn = (inside: string | undefined, outside: string | undefined) =>
    inside !== undefined && outside !== undefined && WORD.test(inside) && WORD.test(outside);
  if (goesOn(answer[0], text[at - 1]) || goesOn(answer.at(-1), text[own.end])) return undefined;
  if (isWholeValue(text, own.start, own.end)) return own;
  return /\p{N}/u.test(answer) ? valueAround(text, own.start, own.end) : undefined;
}
