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

/** Blocks of what has paragraphs: plain text and reStructuredText. */
export function textBlocks(lines: readonly TextLine[]): Block[] {
  const reader = new TextReader(lines);
  for (let i = 0; i < lines.length; i++) i = reader.read(i);
  return reader.end();
}

/** Reads a text line by line. */
class TextReader {
  readonly #lines: readonly TextLine[];
  readonly #blocks: Block[] = [];
  /** Characters of underlined headings in the order of their first use: reStructuredText's levels. */
  readonly #underlines: string[] = [];
  readonly #isRest: boolean;
  readonly #isManual: boolean;
  #paragraph: TextLine[] = [];
  #fence: string | undefined;

  constructor(lines: readonly TextLine[]) {
    this.#lines = lines;
    this.#isRest = areRest(lines);
    this.#isManual = isManualPage(lines);
  }

  /** Reads what begins in line `i`; returns its last line. */
  read(i: number): number {
    const line = this.#lines[i]!;
    const { trimmed } = line;
    if (this.#inFence(line, trimmed)) return i;
    if (trimmed === '') {
      this.#flush();
      return i;
    }
    return this.#directive(i) ?? this.#ruled(i) ?? this.#titled(i) ?? this.#said(i);
  }

  end(): Block[] {
    this.#flush(this.#fence !== undefined ? 'code' : undefined);
    return this.#blocks;
  }

  /** A line of a fenced listing, or one that opens it. */
  #inFence(line: TextLine, trimmed: string): boolean {
    const opening = this.#fence ?? FENCE.exec(trimmed)?.[1];
    if (opening === undefined) return false;
    const isOpen = this.#fence !== undefined;
    if (!isOpen) this.#flush();
    this.#paragraph.push(line);
    this.#fence = opening;
    if (isOpen && closes(opening, trimmed)) {
      this.#flush('code');
      this.#fence = undefined;
    }
    return true;
  }

  /** What begins with two dots in reStructuredText. */
  #directive(i: number): number | undefined {
    const line = this.#lines[i]!;
    const directive = this.#isRest ? directiveOf(line.trimmed) : undefined;
    if (!directive) return undefined;
    this.#flush();
    if (directive.kind === 'remark') {
      // What a note says is text; how it is called is not.
      const end = indentOf(line) + directive.call.length;
      this.#paragraph = [lineFrom(line.text.slice(0, end), line.start)];
      this.#flush('boilerplate');
      const said = lineFrom(line.text.slice(end), line.start + end);
      if (said.trimmed !== '') this.#paragraph = [said];
      return i;
    }
    const last = directive.kind === 'description' ? this.#headOf(i) : this.#indented(i, indentOf(line));
    this.#paragraph = this.#lines.slice(i, last + 1);
    this.#flush('code');
    return last;
  }

  /** A heading with a rule below it, maybe another above it. */
  #ruled(i: number): number | undefined {
    if (this.#paragraph.length > 0) return undefined;
    const line = this.#lines[i]!;
    const { trimmed } = line;
    const next = this.#lines[i + 1]?.trimmed ?? '';
    const mark = UNDERLINE.exec(next)?.[1];
    const over = UNDERLINE.exec(trimmed)?.[1];
    const isTitle = over === undefined && /[\p{L}\p{N}]/u.test(trimmed);
    if (mark !== undefined && isTitle && trimmed.length <= next.length + 2) {
      this.#heading(line, this.#lines[i + 1]!, this.#levelOf(mark), trimmed);
      return i + 1;
    }
    const isOverlined = over !== undefined && this.#lines[i + 2]?.trimmed === trimmed && next !== '';
    if (!isOverlined || next.length > trimmed.length) return undefined;
    this.#heading(line, this.#lines[i + 2]!, this.#levelOf(`${over}${over}`), next);
    return i + 2;
  }

  /** A heading that its marks or its words tell. */
  #titled(i: number): number | undefined {
    const lines = this.#lines;
    const line = lines[i]!;
    const { trimmed } = line;
    const opens = this.#paragraph.length === 0;
    const chapter = opens && !this.#isManual ? titleBelow(lines, i) : undefined;
    if (chapter) {
      this.#heading(line, lines[chapter.last]!, bareHeading(trimmed)?.level ?? 2, chapter.title);
      return chapter.last;
    }
    const isAlone = opens && (lines[i + 1]?.trimmed ?? '') === '';
    const marked =
      (this.#isManual ? undefined : markedHeading(trimmed)) ??
      (isAlone ? this.#bare(i) : undefined) ??
      (this.#isManual && opens ? manualHeading(lines, i) : undefined);
    if (!marked) return undefined;
    this.#heading(line, line, marked.level, marked.title);
    return i;
  }

  #bare(i: number) {
    const isListed = this.#blocks.at(-1)?.kind === 'item';
    return bareHeading(this.#lines[i]!.trimmed) ?? (isListed ? undefined : stoppedHeading(this.#lines, i));
  }

  /** A line of a paragraph or an item. */
  #said(i: number): number {
    const line = this.#lines[i]!;
    const { trimmed } = line;
    if (ITEM.test(trimmed) || (this.#isManual && OPTION.test(trimmed))) this.#flush();
    this.#paragraph.push(line);
    // A paragraph that ends with two colons announces a literal block.
    const announces = this.#isRest && trimmed.endsWith('::') && (this.#lines[i + 1]?.trimmed ?? '') === '';
    if (!announces) return i;
    const last = this.#indented(i, indentOf(line));
    this.#flush();
    this.#paragraph = this.#lines.slice(i + 1, last + 1);
    while (this.#paragraph[0]?.trimmed === '') this.#paragraph.shift();
    this.#flush('code');
    return last;
  }

  #flush(kind: BlockKind = paragraphKind(this.#paragraph)): void {
    const block = blockOf(this.#paragraph, kind);
    if (block) this.#blocks.push(block);
    this.#paragraph = [];
  }

  #heading(from: TextLine, to: TextLine, level: number, title: string): void {
    this.#flush();
    const span = blockOf([from, to], 'heading');
    if (span && title.length > 0) this.#blocks.push({ ...span, level, title });
  }

  /** The last of the lines behind `i` that are indented deeper than `indent`, with empty ones between. */
  #indented(i: number, indent: number): number {
    let last = i;
    for (let j = i + 1; j < this.#lines.length; j++) {
      if (this.#lines[j]!.trimmed === '') continue;
      if (indentOf(this.#lines[j]!) <= indent) break;
      last = j;
    }
    return last;
  }

  /** The last line of a directive's signatures and options, which stand right below its name. */
  #headOf(i: number): number {
    const lines = this.#lines;
    const indent = indentOf(lines[i]!);
    let last = i;
    while (lines[last + 1] && lines[last + 1]!.trimmed !== '' && indentOf(lines[last + 1]!) > indent) last++;
    return last;
  }

  #levelOf(mark: string): number {
    if (!this.#underlines.includes(mark)) this.#underlines.push(mark);
    return this.#underlines.indexOf(mark) + 1;
  }
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
