import type { Span } from './span.js';

/**
 * Values are whole tokens: what is answered, or called verified, is never a part of a longer value. A token is a run
 * without white space, less the quotation marks, brackets and full stops around it. Groups of digits with one space
 * between them (accounts, telephone numbers, IBANs) are one value. So are paths, addresses, versions and hashes,
 * whatever marks are in them.
 */

/** What ends a token wherever it stands, beside white space. */
const OUTSIDE = /[\s"“”„«»‹›`()[\]{}<>|。，、；：！？「」『』（）【】《》]/u;
/** What belongs to the sentence and not to the value, at its beginning and at its end. */
const LEADING = /^[,;:.!?…'’‘‚¿¡*_~=–—-]+(?=[\p{L}\p{N}\p{S}])/u;
const TRAILING = /(?:[,;:.!?…'’‘*_~–—]|(?<=[\p{L}\p{N}])-)+$/u;
/** Scripts that put no space between words: a letter of them is no part of a token in others. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
/** UTF-16 units to each side that may belong to a value. */
const REACH = 512;

/** Spaces that may stand within a number. */
const GAP = '[ \\u00a0\\u2007\\u2009\\u202f]';
/**
 * Numbers in groups: an IBAN; a telephone number with its sign; thousands; any three groups or more, as of an
 * account; degrees, minutes and seconds with their direction.
 */
const GROUPED = new RegExp(
  [
    `[A-Z]{2}\\d{2}(?:${GAP}[A-Z0-9]{4}){2,8}(?:${GAP}[A-Z0-9]{1,4})?(?![\\p{L}\\p{N}])`,
    `\\+\\d{1,4}(?:[ \\u00a0\\u202f./-]?\\(?\\d{1,5}\\)?){2,8}`,
    `\\(0?\\d{1,5}\\)(?:[ \\u00a0\\u202f./-]?\\d{2,5}){1,5}`,
    `\\d{1,3}(?:${GAP}\\d{3})+(?:,\\d+|\\.\\d+)?(?!${GAP}?\\d)`,
    `\\d{1,5}(?:${GAP}\\d{2,5}){2,7}`,
    `\\d{1,3}(?:[.,]\\d+)?°(?:${GAP}?\\d{1,2}(?:[.,]\\d+)?[′'’](?:${GAP}?\\d{1,2}(?:[.,]\\d+)?[″"”])?)?${GAP}?[NSEWO](?:,?${GAP}?\\d{1,3}(?:[.,]\\d+)?°(?:${GAP}?\\d{1,2}(?:[.,]\\d+)?[′'’](?:${GAP}?\\d{1,2}(?:[.,]\\d+)?[″"”])?)?${GAP}?[NSEWO])?`,
    `-?\\d{1,3}\\.\\d{3,},${GAP}?-?\\d{1,3}\\.\\d{3,}`,
  ]
    .map((pattern) => `(?<![\\p{L}\\p{N}_.,:/@-])(?:${pattern})(?![\\p{N}])`)
    .join('|'),
  'gu',
);

/** The whole value that the units [start, end) of a text are in. */
export function valueAround(text: string, start: number, end: number): Span {
  const base = Math.max(0, start - REACH);
  const around = text.slice(base, end + REACH);
  const own = { start: start - base, end: end - base };
  const token = widened(tokenAround(around, own), around, own);
  return { start: token.start + base, end: token.end + base };
}

/** True if the units [start, end) of a text are a whole value, and no part of a longer one. */
export function isWholeValue(text: string, start: number, end: number): boolean {
  if (end <= start) return false;
  const whole = valueAround(text, start, end);
  if (whole.start === start && whole.end === end) return true;
  // Words of a sentence are whole where letters do not go on, whatever marks stand there.
  const said = text.slice(start, end);
  return !/\p{N}/u.test(text.slice(whole.start, whole.end)) && isWord(said) && areWords(text, start, end);
}

function isWord(said: string): boolean {
  return /^[\p{L}\p{M}][\p{L}\p{M}\s'’.,-]*$/u.test(said);
}

/** Letters and what joins them do not go on at either end. */
function areWords(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  const behind = text.slice(end, end + 2);
  return (
    !/[\p{L}\p{N}\p{M}_]$|[\p{L}\p{N}][@/\\.+*#$%~^&=-]$/u.test(before) &&
    !/^[\p{L}\p{N}\p{M}_]|^[@/\\+*#$%~^&=.-][\p{L}\p{N}]/u.test(behind)
  );
}

/** Numbers in groups that a text has. */
export function groupedNumbersIn(text: string): Span[] {
  return Array.from(text.matchAll(GROUPED), ({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
  }));
}

function widened(token: Span, text: string, own: Span): Span {
  for (const group of groupedNumbersIn(text)) {
    if (group.start < own.end && group.end > own.start)
      return { start: Math.min(group.start, token.start), end: Math.max(group.end, token.end) };
  }
  return token;
}

/** A run without white space and without the marks around it; the whole of [start, end) is in it. */
function tokenAround(text: string, { start, end }: Span): Span {
  let from = start;
  let to = end;
  while (from > 0 && goesOn(text, from - 1, text[from])) from--;
  while (to < text.length && goesOn(text, to, text[to - 1])) to++;
  const leading = LEADING.exec(text.slice(from, start + 1))?.[0].length ?? 0;
  from = Math.min(start, from + leading);
  const trailing = TRAILING.exec(text.slice(end - 1, to))?.[0].length ?? 0;
  to = Math.max(end, to - trailing);
  return afterName(text, { start: from, end: to }, { start, end });
}

/** Whether the unit at an offset belongs to the token of its neighbour. */
function goesOn(text: string, at: number, neighbour: string | undefined): boolean {
  const unit = text[at]!;
  if (OUTSIDE.test(unit)) return false;
  if (UNSPACED.test(unit) !== UNSPACED.test(neighbour ?? unit) && /[\p{L}\p{N}]/u.test(unit)) return false;
  // A comma or semicolon joins digits only; dashes between words do not.
  if (unit === ',' || unit === ';') return isBetweenDigits(text, at) && unit === ',';
  if (neighbour === ',' || neighbour === ';') return /\d/u.test(unit);
  return !/[–—→]/u.test(unit);
}

function isBetweenDigits(text: string, at: number): boolean {
  return /\d/u.test(text[at - 1] ?? '') && /\d/u.test(text[at + 1] ?? '');
}

/** A name and the sign that sets it: `key=value`, `key:value`; a place on the net is no such pair. */
const NAME = /^[\p{L}_][\p{L}\p{N}_.-]*(?:=|:(?!\/\/|\\))(?=.)/u;

/** Of `name=value` the value, where what is looked for is in it. */
function afterName(text: string, token: Span, own: Span): Span {
  const name = NAME.exec(text.slice(token.start, token.end))?.[0];
  if (name === undefined || name.includes('@')) return token;
  const isHost = name.endsWith(':') && /[\d.]/u.test(name);
  const start = token.start + name.length;
  return !isHost && own.start >= start ? { start, end: token.end } : token;
}

/** What a value is, where its form says so. */
export type ValueClass = 'ip' | 'mac' | 'mail' | 'url' | 'path' | 'iban' | 'phone' | 'uuid' | 'coordinates';

const CLASSES: readonly (readonly [ValueClass, RegExp])[] = [
  ['uuid', /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/iu],
  ['mac', /^(?:[\da-f]{2}[:-]){5}[\da-f]{2}$/iu],
  ['ip', /^(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2}|:\d{1,5})?$/u],
  ['ip', /^(?=(?:[^:]*:){2,})[\da-f:]*(?:::|:[\da-f]{1,4}:)[\da-f:.]*(?:%\w+|\/\d{1,3})?$/iu],
  ['url', /^[a-z][a-z\d+.-]*:\/\/\S+$/iu],
  ['url', /^www\.\S+\.\S+$/iu],
  ['mail', /^(?:mailto:)?[^\s@]+@[^\s@]+\.[^\s@]+$/iu],
  ['iban', /^[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){2,8}(?:\s?[A-Z\d]{1,4})?$/u],
  ['coordinates', /^-?\d{1,3}(?:[.,]\d+)?°|^-?\d{1,3}\.\d{3,},\s?-?\d{1,3}\.\d{3,}$/u],
  ['phone', /^(?:\+|\(?0)[\d\s()./\u00a0\u202f-]{5,}\d$/u],
  ['path', /^(?:~|\.{1,2})?\/\S+$|^[A-Za-z]:\\\S+$|^\\\\\S+$/u],
];

/** The class of a value, or undefined where it may be anything. */
export function classOfValue(value: string): ValueClass | undefined {
  return CLASSES.find(([, pattern]) => pattern.test(value))?.[0];
}
