import type { DocumentText } from './document-text.js';
import type { Span } from './sentences.js';
import { eachWord, isStopWord, wordsOf } from './words.js';

/** A key, number, date or identifier: it has a digit, and four or more letters and digits. */
const LITERAL =
  /(?<![\p{L}\p{N}_])(?=[\p{L}\p{N}._:/+-]*\p{N})[\p{L}\p{N}](?:[\p{L}\p{N}._:/+-]*[\p{L}\p{N}]={0,2})?/gu;
const SHORTEST = 4;
/** What joins a name with its value, with nothing but a few words between. */
const LINK =
  /(?:\b(?:is|was|are|were|be|reads?|equals?|value)\b|[=:→]|->)\s*(?:(?:the|a|now|still|set|to|also|number|code|following)\s+){0,3}["'`“‘(<[]?$/u;
/** What follows a value that stands before its name. */
const BACK_LINK = /^["'`”’)>\]]?,?\s+(?:is|was|are|were)\b/u;
/** UTF-16 units of a statement to each side of the name that is looked for. */
const AROUND = 300;
/** Occurrences of the rarest word looked at. */
const MOST = 20_000;
/** Words of a question that ask, and name nothing. */
const ASKING = new Set(
  'tell give find show value mention state text document file set stor call written'.split(' '),
);

/** The words that a question is about, as stems; identifiers are cut into their words. */
export function askedTerms(question: string): string[] {
  return [...new Set(subwords(question))].filter((term) => !ASKING.has(term));
}

/** True if a statement speaks of what is asked: every name and number of the question, and one of its words. */
export function speaksOf(statement: string, question: string): boolean {
  const terms = askedTerms(question);
  if (terms.length === 0) return true;
  const found = new Set(subwords(statement));
  const lower = statement.toLowerCase();
  const names = [...wordsOf(question)].filter(
    ({ text, key, start }) => start > 0 && /^\p{Lu}|\p{N}/u.test(text) && !isStopWord(key),
  );
  return (
    names.every(({ key }) => lower.includes(key)) &&
    terms.some((term) => found.has(term) || lower.includes(term))
  );
}

/**
 * The answer that stands in the text in the question's own words: a line or sentence with every word that the
 * question is about, joined with one literal by “is”, `=`, `:` or the like. It is given only if the whole text
 * has one such literal; where there are several, the question does not say which.
 */
export function literalAnswer(
  text: DocumentText,
  question: string,
): { answer: string; span: Span } | undefined {
  const terms = askedTerms(question);
  if (terms.length === 0) return undefined;
  const whole = text.toString();
  const longest = terms.reduce((a, b) => (b.length > a.length ? b : a));
  const pattern = new RegExp(longest.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&'), 'giu');
  let found: { answer: string; span: Span } | undefined;
  let seen = 0;
  let reached = 0;
  for (let match = pattern.exec(whole); match; match = pattern.exec(whole)) {
    if (++seen > MOST) return undefined;
    const { start, end } = statementAt(whole, match.index);
    if (start < reached) continue;
    reached = end;
    const statement = whole.slice(start, end);
    const words = new Set(subwords(statement));
    if (!terms.every((term) => words.has(term))) continue;
    for (const literal of linkedLiterals(statement, terms)) {
      const span = { start: start + literal.start, end: start + literal.end };
      const answer = whole.slice(span.start, span.end);
      if (found && found.answer !== answer) return undefined;
      found ??= { answer, span };
    }
  }
  return found;
}

/** Literals of a statement that a link joins with what is said before or behind them. */
function linkedLiterals(statement: string, terms: readonly string[]): Span[] {
  return [...statement.matchAll(LITERAL)].flatMap(({ index, 0: literal }): Span[] => {
    const isKey =
      literal.replace(/[^\p{L}\p{N}]/gu, '').length >= SHORTEST && !terms.includes(literal.toLowerCase());
    if (!isKey) return [];
    const before = statement.slice(0, index);
    const behind = statement.slice(index + literal.length);
    const named = (part: string) => {
      const words = new Set(subwords(part));
      return terms.some((term) => words.has(term));
    };
    const isLinked = (LINK.test(before) && named(before)) || (BACK_LINK.test(behind) && named(behind));
    return isLinked ? [{ start: index, end: index + literal.length }] : [];
  });
}

/** The line around an offset, or the sentence in it where the line is a paragraph. */
export function statementAt(text: string, at: number): Span {
  let start = Math.max(0, at - AROUND);
  let end = Math.min(text.length, at + AROUND);
  const before = text.slice(start, at);
  const behind = text.slice(at, end);
  start += Math.max(
    ...[...before.matchAll(/[.!?。！？]["”’)]?\s+|\n/gu)].map((m) => m.index + m[0].length),
    0,
  );
  const stop = /[.!?。！？](?=["”’)]?(?:\s|$))|\n/u.exec(behind);
  if (stop) end = at + stop.index;
  return { start, end };
}

/** Stems of words and of the words in identifiers: `API_KEY`, `apiKey` and `passkeys` alike. */
export function subwords(text: string): string[] {
  const parted = text.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ').replace(/[_-]/gu, ' ');
  const terms: string[] = [];
  eachWord(parted.replace(/passkey/giu, 'pass key'), ({ term }) => {
    if (term !== undefined) terms.push(term);
  });
  return terms;
}
