import { largest } from '../../text/lists.js';
import type { Span } from '../../text/span.js';
import { isWholeValue, valueAround } from '../../text/values.js';
import type { PassageReading } from './reader.js';

/** Tokens of an answer. */
const LONGEST = 40;
/** Spans of one passage that may be the answer. */
const SPANS = 4;
/** Marks of the sentence, not of the answer. */
const LEADING = /^[\s"'“”‘’«»([{,;:.!?…–—-]+/u;
const TRAILING = /[\s"'“”‘’«»)\]},;:.!?…–—-]+$/u;

/** A span of a passage that may be the answer. */
export interface PointedSpan extends Span {
  /** Start logit plus the log share of the end among all ends. */
  readonly score: number;
  /** It is a whole value or whole words. */
  readonly isWhole: boolean;
}

/** What a passage's reading comes to. */
export interface PassageSpans {
  /** Best first; they do not overlap. */
  readonly spans: readonly PointedSpan[];
  /** Log of the sum of the exponentials of all start logits: its part of the softmax over all passages. */
  readonly total: number;
  /** Best start logit. */
  readonly best: number;
}

/** The best spans of a passage, widened to whole values and words. */
export function spansOf(passage: string, { start, end, starts, ends }: PassageReading): PassageSpans {
  const endTotal = logSumExp(end);
  const found: { from: number; to: number; score: number }[] = [];
  for (let from = 0; from < start.length; from++) {
    // What stands before the passage has no place in it.
    if (ends[from] === starts[from]) continue;
    let to = from;
    for (let at = from; at < Math.min(start.length, from + LONGEST); at++) if (end[at]! > end[to]!) to = at;
    found.push({ from, to, score: start[from]! + end[to]! - endTotal });
  }
  found.sort((a, b) => b.score - a.score);
  const spans: PointedSpan[] = [];
  for (const { from, to, score } of found) {
    if (spans.length === SPANS) break;
    const span = wholeSpan(passage, { start: starts[from]!, end: ends[to]! });
    if (!span || spans.some((other) => other.start < span.end && span.start < other.end)) continue;
    spans.push({ ...span, score });
  }
  return {
    spans,
    total: logSumExp(start),
    best: largest(start),
  };
}

/** The span less the marks around it, up to whole words and values; undefined where only marks are in it. */
export function wholeSpan(
  text: string,
  { start, end }: Span,
): (Span & { readonly isWhole: boolean }) | undefined {
  const said = text.slice(start, end);
  const lead = LEADING.exec(said)?.[0].length ?? 0;
  if (lead === said.length) return undefined;
  const trail = TRAILING.exec(said)?.[0].length ?? 0;
  const own = { start: start + lead, end: end - trail };
  if (isWholeValue(text, own.start, own.end)) return { ...own, isWhole: true };
  const wide = {
    start: Math.min(own.start, valueAround(text, own.start, own.start + 1).start),
    end: Math.max(own.end, valueAround(text, own.end - 1, own.end).end),
  };
  // Words between two values are whole if both ends are.
  const isWhole = isWholeValue(text, wide.start, wide.end) || areEndsWhole(text, wide);
  return { ...wide, isWhole };
}

function areEndsWhole(text: string, { start, end }: Span): boolean {
  const first = valueAround(text, start, start + 1);
  const last = valueAround(text, end - 1, end);
  return first.start >= start && last.end <= end;
}

/** Log of the sum of the exponentials; -Infinity of nothing. */
export function logSumExp(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  if (most === -Infinity) return most;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - most);
  return most + Math.log(sum);
}
