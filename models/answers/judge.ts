import { askedOf, subwordsOf, type Asked, type AskedTerm } from './question.js';
import { areSame, dimensionOf, isEmptyWord, isLight } from './lexicon.js';
import { lemmaOf } from '../text/lemmas.js';
import { valuesIn, type Value } from './values.js';
import { largest } from '../text/lists.js';

/** How well a word of the text stands for one of the question. */
const EXACT = 1;
const SAME = 0.8;
const ALIKE = 0.7;
/** Letters that two words must begin with alike, where they are not forms of one for the stemmer. */
const ALIKE_LETTERS = 6;
/** What a light word that is there too, a link and a word that nobody asked for add to a score. */
const LIGHT = 0.2;
const STRONG_LINK = 0.2;
const WEAK_LINK = 0.1;
const OTHER_WORD = 0.01;

/** What a statement says of what is asked. */
export interface Judgement {
  /** Telling words of the question that the statement lacks. */
  readonly missing: readonly AskedTerm[];
  /** Of those, the ones that the sentence before it lacks too, or that it may not borrow from there. */
  readonly missingAround: readonly AskedTerm[];
  /** Telling words that it has, and all of the question's words. */
  readonly matched: number;
  readonly matchedInAll: number;
  /** The higher the better, among statements that miss equally many. */
  readonly score: number;
  readonly values: readonly Value[];
  /** The one value that the statement gives, if it gives one. */
  readonly value: Value | undefined;
  /** Words that are one name in the question stand together here, too: “pass key”. */
  readonly isTogether: boolean;
  /** The value is that of another thing that the question names: “the key of client 4711”. */
  readonly isOfOther: boolean;
  /** It says of another owner what is asked, or speaks of its width where its height is asked for. */
  readonly isOfAnother: boolean;
}

/** True if a text speaks of what is asked at all: it has every name and number of the question, and a telling word. */
export function speaksOf(text: string, question: string): boolean {
  const telling = askedOf(question).terms.filter(({ isTelling }) => isTelling);
  const words = wordsIn(text);
  const has = (term: AskedTerm) => strengthIn(term, words) > 0;
  return telling.length === 0 || (telling.every((term) => !term.isName || has(term)) && telling.some(has));
}

/** A word of a text that may stand for one of the question. */
export interface FoundWord {
  readonly lemma: string;
  readonly key: string;
  readonly start: number;
}

/** @param before gives what stands before the statement, which it may speak of */
export function judge(statement: string, before: () => string, asked: Asked): Judgement {
  const words = wordsIn(statement);
  const telling = asked.terms.filter(({ isTelling }) => isTelling);
  const strengths = new Map(asked.terms.map((term) => [term, strengthIn(term, words)]));
  const missing = telling.filter((term) => strengths.get(term) === 0);
  let missingAround = missing;
  if (missing.length > 0 && mayBorrow(statement, asked)) {
    const near = wordsIn(before());
    missingAround = missing.filter((term) => strengthIn(term, near) === 0);
  }
  const values = valuesIn(statement, asked.kind, asked.question).map((value) =>
    value.link !== 'strong' && isBeside(value, statement, words, asked.terms)
      ? { ...value, link: 'beside' as const }
      : value,
  );
  const value = valueOf(values, statement, telling);
  const lights = asked.terms.filter((term) => !term.isTelling);
  const lightShare = lights.filter((term) => strengths.get(term)! > 0).length / Math.max(1, lights.length);
  const others = words.filter(
    ({ lemma, key }) =>
      !isEmptyWord(key) &&
      !isLight(lemma) &&
      !/\p{N}/u.test(key) &&
      !asked.terms.some((t) => areSame(t.lemma, lemma)),
  ).length;
  const link =
    value?.link === 'strong'
      ? STRONG_LINK
      : value?.link === 'weak' || value?.link === 'beside'
        ? WEAK_LINK
        : 0;
  return {
    missing,
    missingAround,
    matched: telling.length - missing.length,
    matchedInAll: [...strengths.values()].filter((strength) => strength > 0).length,
    score:
      telling.reduce((sum, term) => sum + strengths.get(term)!, 0) +
      LIGHT * lightShare +
      link -
      OTHER_WORD * Math.min(others, 15),
    values,
    value,
    isTogether: isTogether(words, asked),
    isOfOther: value !== undefined && isOfOther(value, statement, words, asked),
    isOfAnother: isOfAnother(statement, asked) || isOfAnotherDimension(words, asked),
  };
}

/** True if nothing but marks stands between a word that is asked for and a value behind it. */
function isBeside(
  value: Value,
  statement: string,
  words: readonly FoundWord[],
  terms: readonly AskedTerm[],
): boolean {
  const last = words.findLast(({ start }) => start < value.start);
  if (!last || !terms.some((term) => strengthIn(term, [last]) > 0)) return false;
  return /^[\s\p{P}\p{S}]*$/u.test(statement.slice(last.start + last.key.length, value.start));
}

function isOfOther(
  value: Value,
  statement: string,
  words: readonly FoundWord[],
  { head, terms, counted }: Asked,
): boolean {
  if (counted) {
    const behind = words.filter(({ start }) => start >= value.end).slice(0, COUNTED_WITHIN);
    const before = words.filter(({ start }) => start < value.start).slice(-1);
    return strengthIn(counted, [...before, ...behind]) === 0;
  }
  const last = words.findLast(({ start }) => start < value.start);
  const things = head.filter(({ isTelling }) => isTelling);
  if (!last || things.length === 0 || value.link === 'strong') return false;
  if (!/^\s*$/u.test(statement.slice(last.start + last.key.length, value.start))) return false;
  const isAsked = terms.some((term) => term.isTelling && strengthIn(term, [last]) > 0);
  return isAsked && things.every((term) => strengthIn(term, [last]) === 0);
}
/** Words behind a number among which what is counted stands. */
const COUNTED_WITHIN = 3;

/** Words that may stand between two that are one name in the question. */
const BETWEEN = 1;
const BETWEEN_OTHERS = 3;

function isTogether(words: readonly FoundWord[], { kind, pairs }: Asked): boolean {
  const most = kind === 'key' ? BETWEEN : BETWEEN_OTHERS;
  return pairs.every(([term, next]) =>
    words.some((word, at) => {
      if (strengthIn(term, [word]) === 0) return false;
      // “licensekey”, or one word of the text that stands for both.
      if (strengthIn(next, [word]) > 0) return true;
      const behind = words
        .slice(at + 1, at + 2 + most)
        .filter((_, j, all) => !all.slice(0, j).some(({ key }) => ARTICLE.has(key)));
      // “the key of the tower” for “the tower key”
      const before = words.slice(Math.max(0, at - 3), at);
      return (
        behind.some((other) => strengthIn(next, [other]) > 0) ||
        before.some(
          (other, j) => strengthIn(next, [other]) > 0 && before.slice(j + 1).some(({ key }) => OF.has(key)),
        )
      );
    }),
  );
}
const ARTICLE = new Set(['the', 'a', 'an']);
const OF = new Set(['of', 'for', 'from']);

/** The words of a text, identifiers cut into theirs. */
export function wordsIn(text: string): FoundWord[] {
  return [...subwordsOf(text)].map(({ text: word, start }) => {
    const key = word.toLowerCase();
    return { key, lemma: lemmaOf(key), start };
  });
}

/** How well the best of some words stands for one of the question: 0 where none does, 1 where it is the same. */
export function strengthIn(term: AskedTerm, words: readonly FoundWord[]): number {
  let best = 0;
  for (const [i, { key, lemma }] of words.entries()) {
    if (key === term.key || (!term.isName && lemma === term.lemma)) return EXACT;
    if (term.isName) continue;
    // Two words for one: “pass key” and “passkey”.
    if (key + (words[i + 1]?.key ?? '') === term.key) return EXACT;
    if (areSame(lemma, term.lemma)) best = Math.max(best, SAME);
    else if (areAlike(key, term.key)) best = Math.max(best, ALIKE);
  }
  return best;
}

/** “registered” and “registration”. */
function areAlike(a: string, b: string): boolean {
  let common = 0;
  while (common < a.length && a[common] === b[common]) common++;
  return common >= ALIKE_LETTERS && 2 * common >= Math.max(a.length, b.length);
}

/**
 * True if a statement speaks of something named before, and names nobody else. It is a value alone, or begins with a
 * pronoun and goes on with the value, or with “its” or “the” and a word of the question.
 */
function mayBorrow(statement: string, { question, terms }: Asked): boolean {
  // The value alone, as in an answer.
  if (!/[\s=:]/u.test(statement.trim())) return true;
  const [, first = '', next = '', rest = ''] =
    /^["“‘]?(\p{L}+)(?:\s+(\S+))?(?:\s+(.*))?/su.exec(statement) ?? [];
  const isAsked =
    /^the$/iu.test(first) && terms.some((term) => areSame(term.lemma, lemmaOf(next.toLowerCase())));
  const isIts = /^(?:its|his|her|their|the)$/iu.test(first) && (isAsked || !/^the$/iu.test(first));
  // “It is 4711”, but not “It was agreed that …”.
  const isIt =
    /^(?:it|this|that|he|she|they)$/iu.test(first) && /^(?:\S+\s+){0,2}["“‘'`]?[^\s]*\p{N}/u.test(rest);
  if (!isIts && !isIt) return false;
  const names = [...statement.matchAll(/(?<!^["“‘]?)\b\p{Lu}\p{Ll}+/gu)].map(([name]) => name);
  return names.every((name) => question.includes(name));
}

/** The one value that a statement gives. */
function valueOf(
  values: readonly Value[],
  statement: string,
  telling: readonly AskedTerm[],
): Value | undefined {
  const [first] = values;
  if (!first || values.every(({ text }) => text === first.text)) return first;
  // “A or B”, “A, B and C”: the question does not say which.
  const isList = values.some((value, i) => {
    const next = values[i + 1];
    return (
      next &&
      next.text !== value.text &&
      /^[\s,;/&"'`]*(?:or|and)?[\s,;/&"'`]*$/u.test(statement.slice(value.end, next.start))
    );
  });
  if (isList) return undefined;
  // Of several the one beside which most of what is asked for stands, names counting most.
  const weights = values.map((value, i) => {
    const beside = value.isBefore
      ? statement.slice(value.end, values[i + 1]?.start)
      : statement.slice(values[i - 1]?.end ?? 0, value.start);
    const words = wordsIn(beside);
    return telling.reduce((sum, term) => sum + (strengthIn(term, words) > 0 ? (term.isName ? 3 : 1) : 0), 0);
  });
  const most = largest(weights);
  const best = values.filter((_, i) => weights[i] === most);
  const linked = values.filter((value, i) => value.link === 'strong' && weights[i]! > 0);
  if (most > 0 && best.every(({ text }) => text === best[0]!.text)) {
    if (linked.length === 0 || linked.includes(best[0]!)) return best[0];
  }
  return linked.length === 1 && linked[0] && weights[values.indexOf(linked[0])] === most
    ? linked[0]
    : undefined;
}

/** Owners by what they own: “the code of Clara”, “Clara's code”. */
function ownersIn(text: string): { head: string; owner: string }[] {
  const pairs: { head: string; owner: string }[] = [];
  for (const [, head, owner] of text.matchAll(
    /(\p{L}+)\s+(?:of|for|from)\s+(?:(?:the|a|an|his|her|their|our|my|this|that)\s+)?(\p{L}[\p{L}\p{N}]*)/giu,
  ))
    pairs.push({ head: lemmaOf(head!.toLowerCase()), owner: owner!.toLowerCase() });
  for (const [, owner, heads] of text.matchAll(/(\p{L}+)['’]s\s+(\p{L}+(?:\s+\p{L}+)?)/gu)) {
    for (const head of heads!.split(/\s+/u))
      pairs.push({ head: lemmaOf(head.toLowerCase()), owner: owner!.toLowerCase() });
  }
  return pairs;
}

function isOfAnotherDimension(words: readonly FoundWord[], { kind, terms }: Asked): boolean {
  if (kind !== 'amount') return false;
  const wanted = terms.map(({ lemma }) => dimensionOf(lemma)).filter((group) => group !== undefined);
  const told = words.map(({ lemma }) => dimensionOf(lemma)).filter((group) => group !== undefined);
  return wanted.length > 0 && told.length > 0 && !wanted.some((group) => told.includes(group));
}

/** True if a statement says of another what the question asks of someone or something. */
function isOfAnother(statement: string, { question, terms }: Asked): boolean {
  const wanted = ownersIn(question);
  if (wanted.length === 0) return false;
  const told = ownersIn(statement);
  return wanted.some(({ head, owner }) => {
    const same = told.filter((pair) => areSame(pair.head, head));
    return (
      same.length > 0 &&
      !same.some((pair) => lemmaOf(pair.owner) === lemmaOf(owner)) &&
      same.every(
        (pair) => !terms.some((term) => term.key === pair.owner || term.lemma === lemmaOf(pair.owner)),
      )
    );
  });
}
