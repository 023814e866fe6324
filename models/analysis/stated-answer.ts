import type { DocumentText } from './document-text.js';
import { askedTerms, speaksOf, statementAt, subwords } from './literal-answer.js';
import type { Span } from './sentences.js';

/** Words of the question that a statement must have; fewer could meet by chance. */
const FEWEST_TERMS = 2;
/** With so few only what nothing else looks like is an answer: letters and digits mixed. */
const FEW_TERMS = 2;
const MIXED = /\p{L}.*\p{N}|\p{N}.*\p{L}/u;
/** From so many on one may be missing: an irregular verb, or another word for the same. */
const TERMS_TO_SPARE = 4;
/** Occurrences of the question's longest words looked at. */
const MOST = 20_000;

const MONTH =
  '(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\\.?';
/** A date in words or digits, or a year; a date goes before the year in it. */
const DATE = new RegExp(
  `\\b(?:\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${MONTH},? \\d{4}|${MONTH} \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}|` +
    `\\d{4}-\\d{2}-\\d{2}|\\d{1,2}[./]\\d{1,2}[./]\\d{2,4}|${MONTH} \\d{4}|1\\d{3}|20\\d{2})\\b`,
  'gu',
);
/** A number, maybe in groups of three and with decimals. */
const AMOUNT =
  /(?<![\p{L}\p{N}_.,-])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}_.,-])\d+(?:\.\d+)?(?![\p{L}\p{N}_-])/gu;
/** A key or identifier: at least four letters and digits, a digit among them. */
const IDENTIFIER =
  /(?<![\p{L}\p{N}_])(?=[\p{L}\p{N}._:/+-]*\p{N})(?=(?:[._:/+-]*[\p{L}\p{N}]){4})[\p{L}\p{N}](?:[\p{L}\p{N}._:/+-]*[\p{L}\p{N}]={0,2})?/gu;
/** What an identifier is not: a year, a time of day, a time stamp. */
const TIME = /^(?:1[5-9]\d\d|20\d\d|\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?|\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z?)?)$/u;

/**
 * The answer that one statement of the text gives: a sentence or line with the question's words, and with one value
 * of the kind that is asked for (a date after “when”, a number after “how many”, else a key or an identifier). Names
 * and numbers of the question must be there, and of four words and more all but one; two words are enough for an
 * identifier of letters and digits. Where statements with equally
 * many of the words differ, the text does not say which.
 */
export function statedAnswer(
  text: DocumentText,
  question: string,
): { answer: string; span: Span } | undefined {
  const terms = askedTerms(question);
  if (terms.length < FEWEST_TERMS) return undefined;
  const least = terms.length - (terms.length >= TERMS_TO_SPARE ? 1 : 0);
  // One of the two longest is in every statement with all words but one.
  const anchors = [...terms].sort((a, b) => b.length - a.length).slice(0, 2);
  const values = valuesAskedFor(question);
  const whole = text.toString();
  let best: { answer: string; span: Span } | undefined;
  let most = least - 1;
  let isAmbiguous = false;
  for (const { start, end } of statementsWith(whole, anchors)) {
    const statement = whole.slice(start, end);
    const words = new Set(subwords(statement));
    const shared = terms.filter((term) => words.has(term)).length;
    if (shared < least || shared < most || !speaksOf(statement, question)) continue;
    const found = [...statement.matchAll(values)].filter(
      ({ 0: value }) =>
        !question.includes(value) &&
        (values !== IDENTIFIER || !TIME.test(value)) &&
        (terms.length > FEW_TERMS || MIXED.test(value)),
    );
    const [first] = found;
    if (!first || found.some(({ 0: value }) => value !== first[0])) continue;
    if (shared === most) {
      if (first[0] !== best?.answer) isAmbiguous = true;
      continue;
    }
    most = shared;
    isAmbiguous = false;
    const from = start + first.index;
    best = { answer: first[0], span: { start: from, end: from + first[0].length } };
  }
  return isAmbiguous ? undefined : best;
}

function valuesAskedFor(question: string): RegExp {
  if (/\bwhen\b|\b(?:what|which) (?:date|day|year)\b/iu.test(question)) return DATE;
  return /\bhow (?:many|much)\b/iu.test(question) ? AMOUNT : IDENTIFIER;
}

/** The sentences and lines that hold one of the words, each once. */
function* statementsWith(whole: string, words: readonly string[]): Generator<Span, void, undefined> {
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&'));
  let reached = 0;
  let seen = 0;
  for (const { index } of whole.matchAll(new RegExp(escaped.join('|'), 'giu'))) {
    if (index < reached) continue;
    if (++seen > MOST) return;
    const statement = statementAt(whole, index);
    reached = Math.max(index + 1, statement.end);
    yield statement;
  }
}
