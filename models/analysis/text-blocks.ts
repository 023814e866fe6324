import { blockOf, type Block, type BlockKind } from './blocks.js';
import { CONTENTS } from './boilerplate.js';
import { indentOf, lineFrom, type TextLine } from './text-lines.js';
import { isStopWord } from './words.js';

const ITEM = /^(?:[-*+•‣–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S/u;
/** An option of a command, with what it does behind it or below it. */
const OPTION = /^-{1,2}[\p{L}\p{N}][\w-]*(?:[ =]\S{1,30})?(?:,\s+-.*)?(?:\s{2,}\S|$)/u;
const CHAPTER =
  /^(?:chapter|book|part|volume|canto|act|scene|letter|stave|section|appendix|lecture|essay|epilogue|prologue|preface|introduction|conclusion)(?:\s+(?:the\s+)?(?:[ivxlcdm]+|\d+|[a-z]|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)(?:[-\s]\w+)?)?\s*(?:[.:—–-].{0,90})?$/iu;
/** Parts of laws and contracts, perhaps with what they are about. */
const ARTICLE =
  /^(?:article|clause|schedule|annex|exhibit)\.?\s+(?:[ivxlcdm]+|\d+|[a-z])\.?(?:\s*[:—–-]\s*\S.{0,80}[^\s.:;,!?])?$/iu;
const HIGH_CHAPTER = /^(?:book|part|volume|act)\b/iu;
const UNDERLINE = /^([=\-~^"'`#*+.:_])\1{2,}$/u;
const HTML = /^<h([1-6])\b[^>]*>(.*?)<\/h\1>/iu;
/** Chapters and numbered sections of Chinese books and reports. */
const CHINESE =
  /^第[一二三四五六七八九十百千零〇两\d]{1,6}([卷部篇章回节])(?:[\s\u3000:：].{0,30}|.{0,20})$/u;
const CHINESE_LEVELS: Readonly<Record<string, number>> = { 卷: 1, 部: 1, 篇: 1, 章: 2, 回: 2, 节: 3 };
const CHINESE_NUMBERED =
  /^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）])[^。！？；，]{1,30}$/u;
const NUMBERED = /^(\d{1,2}(?:\.\d{1,2})*)\.?\s+(\p{Lu}[^.!?]{1,80})$/u;
/** The same with a full stop, as licences and contracts have it: a title above a paragraph, not a step in a list. */
const STOPPED = /^(\d{1,2}(?:\.\d{1,2})*)\.\s+(\p{Lu}[^.!?:;*`]{1,80})\.$/u;
const LEADERS = /(?:\.\s?){4,}\s*\w+$|\s{3,}\d{1,4}$/u;
/**
 * Directives of reStructuredText (docutils and Sphinx) whose body is code, data or machinery. The body of any other is
 * text: of notes, of what describes a function, an option, a variable.
 */
const MACHINERY =
  /^\.\. (?:code|code-block|sourcecode|highlight|literalinclude|parsed-literal|prompt|doctest|test(?:code|output|setup|cleanup)|math|productionlist|raw|include|image|figure|table|csv-table|list-table|tabularcolumns|toctree|contents|index|meta|replace|unicode|role|default-role|graphviz|digraph|graph|plot|mermaid|uml|ipython|jupyter-execute)::/u;
const DIRECTIVE = /^\.\. [\w:.+-]+::/u;
/** Directives that are called and then say something in the same line. */
const REMARK =
  /^\.\. (?:note|warning|important|tip|hint|caution|danger|error|attention|seealso|versionadded|versionchanged|deprecated|rubric|topic|sidebar|epigraph|pull-quote|admonition|todo)::/u;
/** A directive, a target, a comment. */
const MARKUP = /^\.\.(?:\s|$)/u;
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
  const isRest = lines.some(({ trimmed }) => /^\.\. [\w-]+::/u.test(trimmed));
  // A manual page as `man` prints it.
  const isManual = lines.some(({ text }, i) => text === 'NAME' && indentOf(lines[i + 1] ?? lines[i]!) >= 4);
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
  /** A heading of a manual page: in capitals at the margin, or indented by three, the text deeper right below it. */
  const manualHeading = (i: number) => {
    const line = lines[i]!;
    const below = lines[i + 1];
    const indent = indentOf(line);
    if (!below || below.trimmed === '' || indentOf(below) < indent + 4) return undefined;
    if (indent === 0 && isCapitals(line.trimmed)) return { level: 2, title: line.trimmed };
    const isPart = indent === 3 && /^\p{Lu}[^.:;,!?]{1,60}$/u.test(line.trimmed);
    return isPart ? { level: 3, title: line.trimmed } : undefined;
  };
  /** A numbered title with a full stop, where a paragraph is below it. */
  const stopped = (i: number) => {
    const [, number, title] = STOPPED.exec(lines[i]!.trimmed) ?? [];
    if (number === undefined || !isTitleCase(title!) || blocks.at(-1)?.kind === 'item') return undefined;
    let next = i + 1;
    while (lines[next]?.trimmed === '') next++;
    const below = lines[next];
    if (!below || indentOf(below) > indentOf(lines[i]!)) return undefined;
    const isParagraph = /^["“(]?\p{Lu}/u.test(below.trimmed) && !ITEM.test(below.trimmed);
    return isParagraph ? numberedHeading(number, lines[i]!.trimmed) : undefined;
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
    if (isRest && MARKUP.test(trimmed)) {
      flush();
      const remark = REMARK.exec(trimmed)?.[0];
      if (remark !== undefined) {
        // What a note says is text; how it is called is not.
        const end = line.text.indexOf(remark) + remark.length;
        paragraph = [lineFrom(line.text.slice(0, end), line.start)];
        flush('boilerplate');
        const said = lineFrom(line.text.slice(end), line.start + end);
        if (said.trimmed !== '') paragraph = [said];
        continue;
      }
      const hasText = DIRECTIVE.test(trimmed) && !MACHINERY.test(trimmed);
      const last = hasText ? headOf(i) : indented(i, indentOf(line));
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
    const alone = paragraph.length === 0 && next === '';
    const marked =
      (isManual ? undefined : markedHeading(trimmed)) ??
      (alone ? (bareHeading(trimmed) ?? stopped(i)) : undefined) ??
      (isManual && paragraph.length === 0 ? manualHeading(i) : undefined);
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

/** Headings that say so: Markdown, and HTML in it; AsciiDoc, and wikis. */
function markedHeading(line: string): { level: number; title: string } | undefined {
  const markdown = /^(#{1,6})\s+(.+?)\s*#*$/u.exec(line);
  if (markdown) return { level: markdown[1]!.length, title: markdown[2]! };
  const ascii = /^(={2,6}) ([\p{Lu}\p{Lo}\p{N}][^=<>]*?) ?=*$/u.exec(line);
  if (ascii) return { level: ascii[1]!.length, title: ascii[2]! };
  const html = HTML.exec(line);
  return html ? { level: Number(html[1]), title: html[2]!.replace(/<[^>]+>/gu, '').trim() } : undefined;
}

/** Headings of plain text: a short line between empty ones that is a chapter's, all capitals, or numbered. */
function bareHeading(line: string): { level: number; title: string } | undefined {
  if (line.length > 100) return undefined;
  if (CHAPTER.test(line)) return { level: HIGH_CHAPTER.test(line) ? 1 : 2, title: line };
  if (/^[IVXLC]{1,7}\.?$/u.test(line)) return { level: 3, title: line };
  const chinese = CHINESE.exec(line);
  if (chinese && !/[。！？；]$/u.test(line)) return { level: CHINESE_LEVELS[chinese[1]!]!, title: line };
  if (CHINESE_NUMBERED.test(line)) return { level: line.includes('、') ? 3 : 4, title: line };
  if (CONTENTS.test(line)) return { level: 2, title: line };
  if (isCapitals(line) && line.length <= 70 && !LEADERS.test(line) && !/["“”,;]$|^\(.*\)$/u.test(line))
    return { level: 3, title: line };
  if (ARTICLE.test(line) && /^\p{Lu}/u.test(line)) return { level: 2, title: line };
  const numbered = NUMBERED.exec(line);
  return numbered ? numberedHeading(numbered[1]!, line) : undefined;
}

function isCapitals(line: string): boolean {
  const letters = line.replace(/[^\p{L}]/gu, '');
  return letters.length >= 4 && letters === letters.toUpperCase() && letters !== letters.toLowerCase();
}

/** `2` is of the second level, `2.1` of the third. */
function numberedHeading(number: string, title: string): { level: number; title: string } {
  return { level: 1 + number.split('.').length, title };
}

/** Whether all words but those without a meaning of their own begin with a capital, as in no sentence. */
function isTitleCase(text: string): boolean {
  return text.split(/[\s,–—-]+/u).every((word) => !/^\p{Ll}/u.test(word) || isStopWord(word));
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
