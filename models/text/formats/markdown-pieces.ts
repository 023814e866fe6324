import type { Span } from '../span.js';

/** Units that are parsed at once: the tree of a longer text takes fifty times its room. */
export const PIECE = 1 << 20;

/** What goes on over empty lines, by what opens it and what closes it. */
const LASTING: readonly (readonly [open: RegExp, close: (opening: string) => RegExp])[] = [
  [
    /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/u,
    (fence) => new RegExp(`^ {0,3}${fence[0]!}{${fence.length},}\\s*$`, 'u'),
  ],
  [/^ {0,3}(\$\$)(?!.*\$\$\s*$)/u, () => /\$\$\s*$/u],
  [/^ {0,3}(<!--)(?!.*-->)/u, () => /-->/u],
  [/^ {0,3}<(pre|script|style|textarea)\b(?!.*<\/\1)/iu, (name) => new RegExp(`</${name}`, 'iu')],
];

/**
 * The parts in which a Markdown text is parsed: the whole, or pieces. They are cut before a heading, or behind an empty
 * line before text at the margin, but never within a listing, a formula, a comment or an element of HTML that is open.
 * Where no such place is, they are cut at the last line's end.
 *
 * @param from where the text begins, behind its front matter
 * @param size units of a piece, at most
 */
export function* markdownPieces(text: string, from: number, size = PIECE): Generator<Span, void, undefined> {
  while (text.length - from > size) {
    const to = lastSafe(text, from, from + size);
    yield { start: from, end: to };
    from = to;
  }
  if (from < text.length) yield { start: from, end: text.length };
}

function lastSafe(text: string, from: number, limit: number): number {
  let heading = 0;
  let empty = 0;
  let line = 0;
  let close: RegExp | undefined;
  let isBehindEmpty = false;
  for (let at = from; at < limit;) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 || feed >= limit ? limit : feed + 1;
    const said = text.slice(at, Math.min(end, at + 1000));
    if (close) {
      if (close.test(said)) close = undefined;
    } else {
      if (at > from && /^#{1,6}\s/u.test(said)) heading = at;
      else if (at > from && isBehindEmpty && /^[^\s]/u.test(said)) empty = at;
      close = closeOf(said);
    }
    isBehindEmpty = said.trim() === '';
    if (feed >= 0 && end < limit) line = end;
    at = end;
  }
  const half = from + (limit - from) / 2;
  if (heading > half) return heading;
  return Math.max(heading, empty) || line || limit;
}

function closeOf(line: string): RegExp | undefined {
  for (const [open, closed] of LASTING) {
    const opening = open.exec(line)?.[1];
    if (opening !== undefined) return closed(opening);
  }
  return undefined;
}
