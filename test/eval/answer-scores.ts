import type { Span } from '../../models/text/span.js';

/** Words as SQuAD compares them: lower case, no punctuation, no articles. */
export function normedAnswer(text: string): string {
  return text
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~“”‘’—–…]/gu, '')
    .replace(/\b(?:a|an|the)\b/gu, ' ')
    .split(/\s+/u)
    .filter(Boolean)
    .join(' ');
}

/** The same words. */
export function isExact(said: string, answer: string): boolean {
  return normedAnswer(said) === normedAnswer(answer);
}

/** F1 of the words. */
export function f1(said: string, answer: string): number {
  const [a, b] = [said, answer].map((text) => normedAnswer(text).split(' ').filter(Boolean));
  const left = new Map<string, number>();
  for (const word of b!) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of a!) {
    const count = left.get(word) ?? 0;
    if (count > 0) common++;
    left.set(word, count - 1);
  }
  return common === 0 ? 0 : (2 * common) / (a!.length + b!.length);
}

export function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** A passage holds a range if they overlap by half of the shorter. */
export function holdsHalf(passage: Span, gold: readonly Span[]): boolean {
  return gold.some(({ start, end }) => {
    const common = Math.min(passage.end, end) - Math.max(passage.start, start);
    return common > 0 && common >= Math.min(passage.end - passage.start, end - start) / 2;
  });
}
