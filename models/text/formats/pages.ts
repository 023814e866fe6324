import { lineFrom, type TextLine } from '../lines.js';
import type { Span } from '../span.js';

/** Lines of a page's border that are looked at, empty ones not counted. */
const NEAR = 3;
/** How often a line stands at borders to be a running header or footer. */
const REPEATED = 2;
/** Lines of a page, at least. */
const SHORTEST_PAGE = 6;
const NUMBERED = /\[Page \d+\]$/u;

export interface Pages {
  /** The lines without running headers, footers and what is empty around them. */
  readonly lines: readonly TextLine[];
  /** What is left out within running text, which goes on behind it. */
  readonly gaps: readonly Span[];
}

/**
 * Leaves out what a page repeats: lines around form feeds that stand at another border, too, but for their numbers. A
 * sentence that goes on over the border is one.
 */
export function withoutPageLines(lines: readonly TextLine[]): Pages {
  const borders = lines.flatMap((line, i) =>
    line.text.includes('\f') || NUMBERED.test(line.trimmed) ? [i] : [],
  );
  // A page has more lines; form feeds all over are none.
  if (borders.length === 0 || borders.length * SHORTEST_PAGE > lines.length) return { lines, gaps: [] };
  // The first page has a header above it, and the last one a footer below.
  const near = new Set([0, ...borders, lines.length].flatMap((border) => nearBorder(lines, border)));
  const first = new Set(nearBorder(lines, 0));
  const counts = new Map<string, number>();
  for (const i of near) counts.set(formOf(lines[i]!), (counts.get(formOf(lines[i]!)) ?? 0) + 1);
  const left = new Set<number>();
  for (const i of near) {
    const form = formOf(lines[i]!);
    const isNumber = NUMBERED.test(lines[i]!.trimmed) || /^[-–\s]*#[-–\s]*$/u.test(form);
    // A title that every page repeats stays where it stands first.
    const isTitle = first.has(i) && !/\d/u.test(lines[i]!.trimmed);
    if (isNumber || (counts.get(form)! >= REPEATED && !isTitle)) left.add(i);
  }
  return joinedLines(lines, left);
}

/** A line but for its numbers; the page's own may stand at either side. */
function formOf({ trimmed }: TextLine): string {
  const form = trimmed
    .replace(/\f/gu, '')
    .replace(/\d+|\b[ivxlc]{1,7}\b/gu, '#')
    .replace(/\s+/gu, ' ')
    .trim();
  return form.replace(/^# (?=\S)|(?<=\S) #$/gu, '');
}

/** Lines with text before and behind a border. */
function nearBorder(lines: readonly TextLine[], border: number): number[] {
  const found: number[] = [];
  for (const step of [-1, 1]) {
    let count = 0;
    let i = step < 0 ? border - 1 : border;
    // No paragraph is longer than what is left between two borders.
    for (; i >= 0 && i < lines.length && count < NEAR && Math.abs(i - border) < 20; i += step) {
      if (formOf(lines[i]!) === '') continue;
      count++;
      found.push(i);
    }
  }
  return found;
}

function joinedLines(lines: readonly TextLine[], left: ReadonlySet<number>): Pages {
  const kept: TextLine[] = [];
  const gaps: Span[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (!left.has(i)) {
      kept.push(lines[i]!);
      continue;
    }
    let next = i;
    while (next < lines.length && (left.has(next) || formOf(lines[next]!) === '')) next++;
    while (kept.at(-1)?.trimmed === '') kept.pop();
    const before = kept.at(-1);
    const behind = lines[next];
    const goesOn =
      before && behind && !/[.!?:;]["”’)]*$/u.test(before.trimmed) && /^["“‘(]?\p{Ll}/u.test(behind.trimmed);
    if (before && behind) {
      const start = before.start + before.text.length;
      if (goesOn) gaps.push({ start, end: behind.start });
      else kept.push(lineFrom('', start));
    }
    i = next - 1;
  }
  return { lines: kept, gaps };
}
