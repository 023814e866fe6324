import { bareHeading } from '../headings.js';
import type { TextLine } from '../lines.js';

/** Lines looked at. */
const HEAD = 20_000;
const HEADING = /^(#{1,6}) \S/u;
const FENCE = /^ {0,3}(?:```[\w+#.-]* *$|~~~+ *[\w+#.-]* *$)/u;
const RULE = /^ {0,3}\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-+:?\s*)?$/u;
const LINK = /(?<!!)\[[^\]\n]{1,80}\]\((?:https?:|\.{0,2}\/|#|[\w-]+\.\w+)[^)\n]*\)/u;
const FOOTNOTE = /^\[\^[^\]\s]{1,40}\]:\s/u;
/** Lines of scripts and settings, in which `#` begins a remark. */
const SCRIPT =
  /^(?:if |fi$|then$|else\b|elif |done$|for |while |esac|case |export |def |class |import |from \S+ import|return\b|set |local |[\w.-]+ ?\+?=|\$)|[{};]$/u;
/** Shares of such lines, and bare headings, against which one mark of Markdown says nothing. */
const SCRIPTED = 0.35;
const CHAPTERS = 3;

/**
 * Whether a text is Markdown: it has headings or fences, or tables, links and footnotes with nothing that speaks against
 * them. A remark in a script is no heading, and a rule in a book's table does not make it Markdown.
 */
export function isMarkdown(
  lines: readonly TextLine[],
  share: (pattern: RegExp) => number,
  isCode: boolean,
): boolean {
  const head = lines.slice(0, HEAD);
  const fences = head.filter(({ text }, i) => FENCE.test(text) && isOpen(head, i)).length;
  const headings = [...head.keys()].filter((i) => isMarkedHeading(head, i));
  const apart = headings.filter((i) => isApart(head, i)).length;
  if (fences === 0 && (isCode || scripted(head) > SCRIPTED)) {
    // A manual may have a page of code; a program has a remark or two that look like headings.
    return apart >= 3 && HEADING.test(head.find(({ trimmed }) => trimmed !== '')?.text ?? '');
  }
  if (fences > 0 || (apart > 0 && share(/^#/u) < 0.6)) return true;
  if (headings.length > 0 && share(/^#/u) < 0.5 && !head[0]!.text.startsWith('#!') && hasList(head))
    return true;
  const isLinked = head.some(({ text }) => LINK.test(text) || FOOTNOTE.test(text));
  const hasTable = head.some(({ text }, i) => RULE.test(text) && isBelowHeader(head, i));
  return (isLinked || hasTable) && chapters(head) < CHAPTERS;
}

/** A `~~~` below a line of text underlines it. */
function isOpen(lines: readonly TextLine[], i: number): boolean {
  return !lines[i]!.trimmed.startsWith('~') || (lines[i - 1]?.trimmed ?? '') === '';
}

/** A line with the marks of a heading, and no remark of several lines. */
function isMarkedHeading(lines: readonly TextLine[], i: number): boolean {
  const marks = marksOf(lines[i]);
  return marks !== undefined && marksOf(lines[i - 1]) !== marks && marksOf(lines[i + 1]) !== marks;
}

function marksOf(line: TextLine | undefined): string | undefined {
  return line && HEADING.exec(line.text)?.[1];
}

/** Stands between empty lines, or below another heading. */
function isApart(lines: readonly TextLine[], i: number): boolean {
  const above = lines[i - 1];
  const below = lines[i + 1];
  return (
    (!above || above.trimmed === '' || HEADING.test(above.text)) &&
    (!below || below.trimmed === '' || HEADING.test(below.text))
  );
}

function scripted(lines: readonly TextLine[]): number {
  const said = lines.filter(({ trimmed }) => trimmed !== '' && !trimmed.startsWith('#'));
  return said.filter(({ trimmed }) => SCRIPT.test(trimmed)).length / Math.max(1, said.length);
}

/** The rule of a table stands below one line with as many bars, and no other rule. */
function isBelowHeader(lines: readonly TextLine[], i: number): boolean {
  const header = lines[i - 1]?.trimmed ?? '';
  const above = lines[i - 2]?.trimmed ?? '';
  const bars = (text: string) => text.replace(/^\||\|$/gu, '').split('|').length;
  return (
    header !== '' && !RULE.test(header) && !above.includes('|') && bars(header) === bars(lines[i]!.trimmed)
  );
}

/** Headings of books: between empty lines, told by their words. */
function chapters(lines: readonly TextLine[]): number {
  return lines.filter(
    ({ trimmed }, i) =>
      trimmed !== '' &&
      (lines[i - 1]?.trimmed ?? '') === '' &&
      (lines[i + 1]?.trimmed ?? '') === '' &&
      bareHeading(trimmed) !== undefined,
  ).length;
}

function hasList(lines: readonly TextLine[]): boolean {
  return lines.some(({ text }) => /^ {0,3}[-*+] \S|^> /u.test(text));
}
