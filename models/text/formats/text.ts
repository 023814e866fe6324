import { blockOf, type Block, type BlockKind } from '../block.js';
import {
  bareHeading,
  isManualPage,
  ITEM,
  LEADERS,
  manualHeading,
  markedHeading,
  stoppedHeading,
  titleBelow,
} from '../headings.js';
import { areRest, directiveOf } from './rest-directives.js';
import { indentOf, lineFrom, type TextLine } from '../lines.js';

/** An option of a command, with what it does behind it or below it. */
const OPTION = /^-{1,2}[\p{L}\p{N}][\w-]*(?:[ =]\S{1,30})?(?:,\s+-.*)?(?:\s{2,}\S|$)/u;
const UNDERLINE = /^([=\-~^"'`#*+.:_])\1{2,}$/u;
/** A field of a list such as `:Author: Name`, or of a head such as `Author: Name` in a Python proposal. */
const FIELD = /^:[\w -]{1,30}:(?:\s|$)/u;
/** The rule of a simple table. */
const TABLE_RULE = /^=+(?: +=+)+$/u;

/** The opening of a fenced code block: three marks or more, and behind backticks no further backtick. */
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})/u;

/** A fence is closed by at least as many of its marks and nothing else, so not by the opening of another one. */
function closes(fence: string, line: string): boolean {
  return line.length >= fence.length && line === fence[0]!.repeat(line.length);
}

/** Blocks of what has paragraphs: plain text, Markdown, reStructuredText. */
export function textBlocks(lines: readonly TextLine[]): Block[] {
  const blocks: Block[] = [];
  /** Characters of underlined headings in the order of their first use: reStructuredText's levels. */
  const underlines: string[] = [];
  const isRest = areRest(lines);
  const isManual = isManualPage(lines);
  let paragraph: TextLine[] = [];
  let fence: string | undefined;

  const flush = (kind: BlockKind = paragraphKind(paragraph)) => {
    const block = blockOf(paragraph, kind);
    if (block) blocks.push(block);
    paragraph = [];
  };
  const heading = (from: TextLine, to: TextLine, level: number, title: string) => {
    flush();
    const span = blockOf([from, to], 'heading');
    if (span && title.length > 0) blocks.push({ ...span, level, title });
  };
  /** Takes the lines after `i` that are indented deeper than `indent`, with empty ones between; returns the last. */
  const indented = (i: number, indent: number): number => {
    let last = i;
    for (let j = i + 1; j < lines.length; j++) {
      if (lines[j]!.trimmed === '') continue;
      if (indentOf(lines[j]!) <= indent) break;
      last = j;
    }
    return last;
  };
  /** The last line of a directive's signatures and options, which stand right below its name. */
  const headOf = (i: number): number => {
    let last = i;
    while (
      lines[last + 1] &&
      lines[last + 1]!.trimmed !== '' &&
      indentOf(lines[last + 1]!) > indentOf(lines[i]!)
    )
      last++;
    return last;
  };
  const levelOf = (mark: string) => {
    if (!underlines.includes(mark)) underlines.push(mark);
    return underlines.indexOf(mark) + 1;
  };

  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const { trimmed } = line;
    if (fence !== undefined) {
      paragraph.push(line);
      if (closes(fence, trimmed)) {
        flush('code');
        fence = undefined;
      }
      continue;
    }
    const opening = FENCE.exec(trimmed)?.[1];
    if (opening !== undefined) {
      flush();
      paragraph.push(line);
      fence = opening;
      continue;
    }
    if (trimmed === '') {
      flush();
      continue;
    }
    const directive = isRest ? directiveOf(trimmed) : undefined;
    if (directive?.kind === 'remark') {
      flush();
      // What a note says is text; how it is called is not.
      const end = indentOf(line) + directive.call.length;
      paragraph = [lineFrom(line.text.slice(0, end), line.start)];
      flush('boilerplate');
      const said = lineFrom(line.text.slice(end), line.start + end);
      if (said.trimmed !== '') paragraph = [said];
      continue;
    }
    if (directive) {
      flush();
      const last = directive.kind === 'description' ? headOf(i) : indented(i, indentOf(line));
      paragraph = lines.slice(i, last + 1);
      flush('code');
      i = last;
      continue;
    }
    const next = lines[i + 1]?.trimmed ?? '';
    const mark = UNDERLINE.exec(next)?.[1];
    const isTitle = !UNDERLINE.test(trimmed) && /[\p{L}\p{N}]/u.test(trimmed);
    if (mark !== undefined && paragraph.length === 0 && isTitle && trimmed.length <= next.length + 2) {
      heading(line, lines[i + 1]!, levelOf(mark), trimmed);
      i++;
      continue;
    }
    const over = UNDERLINE.exec(trimmed)?.[1];
    const isOverlined =
      over !== undefined && paragraph.length === 0 && lines[i + 2]?.trimmed === trimmed && next !== '';
    if (isOverlined && next.length <= trimmed.length) {
      heading(line, lines[i + 2]!, levelOf(`${over}${over}`), next);
      i += 2;
      continue;
    }
    const chapter = paragraph.length === 0 && !isManual ? titleBelow(lines, i) : undefined;
    if (chapter) {
      heading(line, lines[chapter.last]!, bareHeading(trimmed)?.level ?? 2, chapter.title);
      i = chapter.last;
      continue;
    }
    const alone = paragraph.length === 0 && next === '';
    const bare = () =>
      bareHeading(trimmed) ?? (blocks.at(-1)?.kind === 'item' ? undefined : stoppedHeading(lines, i));
    const marked =
      (isManual ? undefined : markedHeading(trimmed)) ??
      (alone ? bare() : undefined) ??
      (isManual && paragraph.length === 0 ? manualHeading(lines, i) : undefined);
    if (marked) {
      heading(line, line, marked.level, marked.title);
      continue;
    }
    if (ITEM.test(trimmed) || (isManual && OPTION.test(trimmed))) flush();
    paragraph.push(line);
    // A paragraph that ends with two colons announces a literal block.
    if (isRest && trimmed.endsWith('::') && next === '') {
      const last = indented(i, indentOf(line));
      flush();
      paragraph = lines.slice(i + 1, last + 1);
      while (paragraph[0]?.trimmed === '') paragraph.shift();
      flush('code');
      i = last;
    }
  }
  flush(fence !== undefined ? 'code' : undefined);
  return blocks;
}

function paragraphKind(lines: readonly TextLine[]): BlockKind {
  if (lines.length === 0) return 'prose';
  const first = lines[0]!;
  const share = (test: (line: TextLine) => boolean) => lines.filter(test).length / lines.length;
  if (share(({ trimmed }) => /^\|.*\||^\+[-=+]+\+$|\t.*\t/u.test(trimmed)) >= 0.5) return 'table';
  if (
    share(({ trimmed }) => FIELD.test(trimmed)) >= 0.5 ||
    lines.some(({ trimmed }) => TABLE_RULE.test(trimmed))
  )
    return 'table';
  if (share(({ trimmed }) => LEADERS.test(trimmed)) >= 0.5 && lines.length >= 3) return 'boilerplate';
  if (
    share(({ trimmed }) =>
      /[{};]$|^(?:\/\/|\/\*|#include|import |from \S+ import|def |fn |func |class |return\b|\$ |<\/?[a-z]+[ >])|=>|\w\(.*\)[;:]?$/u.test(
        trimmed,
      ),
    ) >= 0.6
  ) {
    return 'code';
  }
  return ITEM.test(first.trimmed) ? 'item' : 'prose';
}
