import { sentencesOf } from '../text/sentences.js';
import type { Span } from '../text/span.js';

/** UTF-16 units of a statement to each side of the word that is looked for. */
export const REACH = 500;
/** A line of running text that was wrapped is at least so long, and so much of it is letters and spaces. */
const WRAPPED = 45;
const LETTERS = 0.88;
/** Of a line that goes on, unless it is so short, a value may be a larger part. */
const LETTERS_BEHIND = 0.7;
const SHORT = 12;
/** Words after which no sentence ends. */
const GOES_ON =
  /(?:^|\s)(?:a|an|and|are|as|at|be|been|by|for|from|had|has|have|her|his|in|into|is|its|my|number|of|on|or|our|that|the|their|to|under|was|were|with|your)$/iu;

/**
 * The statement around an offset: a line, or where it is running text the sentence in it, which may go on over the
 * ends of wrapped lines.
 *
 * @param text a part of the document with some hundred units to each side of `at`
 */
export function statementAround(text: string, at: number): Span {
  const { start, end } = paragraphAround(text, at);
  // Most lines of logs and code are one statement; the platform's segmenter takes its time.
  if (!/[.!?…。！？]["”’)\]]*\s/u.test(text.slice(start, end).trimEnd())) return trimmed(text, start, end);
  const sentences = sentencesOf(text.slice(start, end), start);
  return sentences.find((sentence) => sentence.end > at) ?? { start, end };
}

function trimmed(text: string, start: number, end: number): Span {
  const statement = text.slice(start, end);
  const lead = statement.length - statement.trimStart().length;
  return { start: start + lead, end: start + lead + statement.trim().length };
}

/** The sentence before a statement in the same paragraph, or the line before it. */
export function contextOf(text: string, { start }: Span): string {
  const paragraph = text
    .slice(Math.max(0, start - REACH), start)
    .split(/\n\s*\n/u)
    .at(-1)!;
  const sentence = sentencesOf(paragraph).at(-1);
  return sentence ? paragraph.slice(sentence.start) : '';
}

function paragraphAround(text: string, at: number): Span {
  let start = at;
  while (start > 0 && at - start < REACH) {
    const feed = text.lastIndexOf('\n', start - 1);
    if (feed < 0 || at - feed > REACH) {
      start = Math.max(0, at - REACH);
      break;
    }
    start = feed + 1;
    if (!isSoft(text, feed)) break;
    start = feed;
  }
  let end = at;
  for (;;) {
    const feed = text.indexOf('\n', end);
    if (feed < 0 || feed - at > REACH) {
      end = Math.min(text.length, at + REACH);
      break;
    }
    end = feed;
    if (!isSoft(text, feed)) break;
    end = feed + 1;
  }
  return { start, end };
}

/** True if the line break at `feed` only wraps running text. */
function isSoft(text: string, feed: number): boolean {
  const lineStart = text.lastIndexOf('\n', feed - 1) + 1;
  const line = text.slice(lineStart, feed).trimEnd();
  const next = /^[ \t]*(\S{0,12})/u.exec(text.slice(feed + 1, feed + 60))?.[1] ?? '';
  if (next === '') return false;
  // A name, and its value in the line below.
  if (line.length < WRAPPED && /[\p{L}\p{N}]:$/u.test(line)) return true;
  if (line.length < WRAPPED) return false;
  if (lettersIn(line) < LETTERS || /[.!?:;{}=>]$/u.test(line)) return false;
  // Lines that begin alike are entries of a log or a list.
  const behind = text
    .slice(feed + 1, feed + 1 + WRAPPED)
    .split('\n')[0]!
    .trim();
  if (/^\S+/u.exec(line.trimStart())?.[0] === /^\S+/u.exec(behind)?.[0]) return false;
  if (behind.length > SHORT && lettersIn(behind) < LETTERS_BEHIND) return false;
  if (/^["“‘(]?\p{Ll}/u.test(next)) return true;
  const isTime = /^\d{4}-|^\d{1,2}:\d|^\[/u.test(next);
  return (
    !isTime &&
    (GOES_ON.test(line) || /^\d/u.test(next) || (/[,-]$/u.test(line) && /^["“‘(]?\p{L}/u.test(next)))
  );
}

/** The share of a line that is letters and spaces. */
function lettersIn(line: string): number {
  return line.replace(/[^\p{L}\s]/gu, '').length / Math.max(1, line.length);
}
