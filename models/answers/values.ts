import type { Span } from '../text/span.js';
import { classOfValue, groupedNumbersIn, valueAround, type ValueClass } from '../text/values.js';
import type { ValueKind } from './question.js';

const MONTH =
  '(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\\.?';
/** A date in words or digits, or a year; a date goes before the year in it. */
const DATE = new RegExp(
  `(?<![\\p{L}\\p{N}_-])(?:\\d{1,2}(?:st|nd|rd|th)?(?: of)?\\s${MONTH},?\\s\\d{4}|${MONTH}\\s\\d{1,2}(?:st|nd|rd|th)?,?\\s\\d{4}|` +
    `\\d{4}-\\d{2}-\\d{2}|\\d{1,2}[./]\\d{1,2}[./]\\d{2,4}|${MONTH}\\s\\d{4}|1\\d{3}|20\\d{2})(?![\\p{L}\\p{N}_-])`,
  'gu',
);
const UNIT =
  '(?:%|°[CF]?|(?:per ?cent|dollars|euros|pounds|francs|crowns|guineas|shillings|florins|thalers|ducats|marks|roubles|rubles|rupees|yen|USD|EUR|GBP|CHF|miles|yards|feet|foot|inch(?:es)?|met(?:re|er)s?|kilomet(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|km|cm|mm|m|ft|grams?|kilograms?|kilos?|ounces|tons|tonnes|mg|kg|g|lbs?|lit(?:re|er)s?|ml|seconds?|minutes?|hours?|days?|weeks?|months?|years?|ms|s|min|h|[kMGT]i?B|bytes|degrees|knots|fathoms|acres|hectares)\\b)';
/** A number, maybe in groups of three and with decimals, a currency before it or a unit behind it. */
const AMOUNT = new RegExp(
  `(?<![\\p{L}\\p{N}_.,:/-])(?:(?:USD|EUR|GBP|CHF)\\s|[$€£¥])?(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?(?![\\p{N}_:/])(?:-?[  ]?${UNIT})?(?![\\p{L}_])`,
  'gu',
);
const NUMBER = /(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?/u;
const EMAIL = '[\\p{L}\\p{N}_.+-]+@[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+';
const PATH =
  '(?<![\\p{L}\\p{N}_.:/\\\\])(?:[A-Za-z]:|~|\\.{1,2})?[/\\\\](?:[\\p{L}\\p{N}_.@-]+[/\\\\])*[\\p{L}\\p{N}_.@-]*[\\p{L}\\p{N}]';
/** A key or identifier: at least four letters and digits, a digit among them; an address of mail or a path. */
const KEY = new RegExp(
  `${EMAIL}|${PATH}|(?<![\\p{L}\\p{N}_])(?=[\\p{L}\\p{N}._:/+-]*\\p{N})(?=(?:[._:/+-]*[\\p{L}\\p{N}_]){4})[\\p{L}\\p{N}](?:[\\p{L}\\p{N}._:/+-]*[\\p{L}\\p{N}]={0,2})?|(?<![\\p{L}\\p{N}_-])\\p{Lu}{2,}(?:-\\p{Lu}{2,})+(?![\\p{L}\\p{N}_-])`,
  'gu',
);
/** What no key is: a time of day, a time stamp. */
const TIME = /^(?:\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?|\d{4}[-/]\d{2}[-/]\d{2}(?:[T_]?[\d:.,+]+Z?)?)$/u;
/** What is a key only where nothing else is: a year, an address of the net. */
const WEAK = /^(?:1[5-9]\d\d|20\d\d|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?)$/u;
/** Letters and digits mixed: nothing else looks like it. */
const MIXED = /\p{L}.*\p{N}|\p{N}.*\p{L}|\p{Lu}-\p{Lu}|@|^\P{L}*[/\\]/u;

/** Names of types, formats and standards: `uint256`, `base64`, `ERC-20`. */
const TYPE = /^(?:\p{Ll}{3,}\d{1,3}|(?:ERC|EIP|RFC|ISO|IEEE|PEP|BIP|HTTP|UTF|SHA)-?\d+)$/u;

/** What joins a name with its value, with nothing but a few words between. */
const STRONG_LINK =
  /(?:\b(?:is|was|are|were|be|been|reads?|equals?|value|(?:set|chang(?:ed?|ing)|reset|updated?|switched|fixed|equal|amount(?:s|ed)?) (?:to|at)|(?:called|named|namely|says?|said))\b|['’]s|[=:→]|->)\s*(?:(?:the|a|now|still|set|to|also|number|code|following)\s+){0,3}["'`“‘(<[]?$/iu;
/** What may join them. */
const WEAK_LINK = /\b(?:to|under|as|with|by|at|number|code)\s+(?:(?:the|a)\s+)?["'`“‘(<[]?$/iu;
/** What follows a value that stands before its name. */
const BACK_LINK =
  /^["'`”’)>\]]?[,:]?(?:\s+--)?\s+(?:(?:this|that|which|it|and that)\s+)?(?:is|was|are|were)\b/u;

/** `beside`: nothing but marks stands between it and a word that is asked for. */
export type Link = 'none' | 'weak' | 'beside' | 'strong';

/** A value of the kind that is asked for. */
export interface Value extends Span {
  readonly text: string;
  readonly link: Link;
  /** It stands before what it is the value of. */
  readonly isBefore: boolean;
  /** Cannot be mistaken for a number or a word of the running text. */
  readonly isMixed: boolean;
}

/** What asks for a file or a place on the net. */
const FILE = /\b(?:file|path|folder|directory|located|stored|url|link|route|endpoint|where)\b/iu;

/** Kinds of values that a question names, and whether nothing else can be meant. */
const NAMED: readonly (readonly [ValueClass, RegExp, boolean])[] = [
  ['ip', /\bIP(?:v[46])?\b/u, true],
  ['mac', /\bMAC\b/u, true],
  ['mail', /\be-?mail\b/iu, true],
  ['iban', /\bIBAN\b/iu, true],
  ['uuid', /\b(?:UUID|GUID)\b/iu, true],
  ['url', /\b(?:URL|website|web ?page|homepage|hyperlink)\b/iu, false],
  ['phone', /\b(?:phone|telephone|fax|mobile|cell)\b/iu, false],
  ['coordinates', /\bcoordinates\b/iu, false],
];

/** The values of a kind in a statement, each whole. */
export function valuesIn(statement: string, kind: ValueKind, question: string): Value[] {
  const values: Value[] = [];
  const isCounted = /\bhow (?:many|much)\b/iu.test(question);
  for (const span of spansOf(statement, kind)) {
    let { start: index } = span;
    let text = statement.slice(span.start, span.end);
    if (kind === 'amount' && isCounted) {
      // The question has the unit.
      const number = NUMBER.exec(text)!;
      index += number.index;
      text = number[0];
    }
    if (question.includes(text) || (kind === 'key' && TIME.test(text))) continue;
    if (kind === 'key' && /^\P{L}*[/\\]|^\p{L}:?[/\\]/u.test(text) && !FILE.test(question)) continue;
    values.push(valueAt(statement, index, text));
  }
  return kind === 'key' ? likelyOf(values, question) : values;
}

function valueAt(statement: string, start: number, text: string): Value {
  const end = start + text.length;
  const before = statement.slice(Math.max(0, start - 60), start);
  const isBehind = STRONG_LINK.test(before);
  const isBefore = !isBehind && BACK_LINK.test(statement.slice(end, end + 20));
  const link = isBehind || isBefore ? 'strong' : WEAK_LINK.test(before) ? 'weak' : 'none';
  return { start, end, text, link, isBefore, isMixed: MIXED.test(text) && !TYPE.test(text) };
}

/** Of keys those of the class that the question names, if it names one; else what is most like a key. */
function likelyOf(values: readonly Value[], question: string): Value[] {
  const [wanted, , isOnly] = NAMED.find(([, pattern]) => pattern.test(question)) ?? [];
  if (wanted !== undefined) {
    const named = values.filter(({ text }) => classOfValue(text) === wanted);
    if (named.length > 0 || isOnly) return named;
  }
  const likely = values.filter(({ text }) => !WEAK.test(text) && !TYPE.test(text));
  return likely.length > 0 ? likely : values.filter(({ link }) => link === 'strong');
}

/** Where values of a kind stand: what looks like one, and all that belongs to it. */
function spansOf(statement: string, kind: ValueKind): Span[] {
  const found = Array.from(statement.matchAll(patternOf(kind)), ({ index, 0: text }) => ({
    start: index,
    end: index + text.length,
  }));
  const grouped = groupedNumbersIn(statement);
  if (kind !== 'key') {
    // A number that is a part of a longer value is no amount.
    const isPart = (span: Span) =>
      kind === 'amount' && grouped.some(({ start, end }) => start <= span.start && end > span.end);
    const whole = grouped.filter(
      ({ start, end }) => kind === 'amount' && found.some((span) => start <= span.start && end > span.end),
    );
    return [...found.filter((span) => !isPart(span)), ...whole].sort((a, b) => a.start - b.start);
  }
  const values: Span[] = [];
  for (const { start, end } of [...found, ...grouped].sort((a, b) => a.start - b.start)) {
    const whole = valueAround(statement, start, end);
    if (whole.start >= (values.at(-1)?.end ?? 0)) values.push(whole);
  }
  return values;
}

/** True if a text has a value of the kind, or the kind is not known. */
export function hasValue(text: string, kind: ValueKind): boolean {
  return kind === 'any' || text.search(patternOf(kind)) >= 0;
}

function patternOf(kind: ValueKind): RegExp {
  return kind === 'date' ? DATE : kind === 'amount' ? AMOUNT : KEY;
}
