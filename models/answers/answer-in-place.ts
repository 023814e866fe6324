import type { Asked } from './question.js';
import type { Found } from './choose-answer.js';
import { judge } from './judge.js';
import type { Place } from './place-finder.js';
import { contextOf, statementAround } from './statements.js';

const WORD = /[\p{L}\p{N}_]/u;
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
    if (!isWhole(window, at, answer)) continue;
    const span = statementAround(window, at);
    const judgement = judge(window.slice(span.start, span.end), () => contextOf(window, span), asked);
    if (judgement.isOfAnother || judgement.missingAround.length > 0) continue;
    if (!isValue && judgement.matched < BESIDE_WORDS) continue;
    const start = at - span.start;
    return {
      place: {
        ...place,
        start: place.start + span.start - base,
        end: place.start + span.end - base,
        line: place.line + lines(window, base, span.start),
        statement: window.slice(span.start, span.end),
        judgement,
      },
      value: { text: answer, start, end: start + answer.length },
    };
  }
  return undefined;
}

/** Line ends between two offsets, negative where the second comes first. */
function lines(text: string, from: number, to: number): number {
  const count = (a: number, b: number) => text.slice(a, b).split(/\r\n?|\n/u).length - 1;
  return from <= to ? count(from, to) : -count(to, from);
}

function isWhole(text: string, at: number, answer: string): boolean {
  const before = text[at - 1] ?? '';
  const after = text[at + answer.length] ?? '';
  return !(WORD.test(before) && WORD.test(answer[0]!)) && !(WORD.test(after) && WORD.test(answer.at(-1)!));
}
