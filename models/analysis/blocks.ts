import { wordsOf } from './words.js';

/**
 * What the parts of a document are, line by line: headings, prose, list items, code, tables, log lines, and
 * what no summary should take from (contents, licences). Works on plain text, Markdown, reStructuredText,
 * LaTeX, HTML headings, logs and transcripts; found from the text alone, never from a file name.
 */
export type BlockKind = 'heading' | 'prose' | 'item' | 'turn' | 'log' | 'code' | 'table' | 'boilerplate';

export interface Block {
  readonly kind: BlockKind;
  /** Offsets of the first and behind the last character, white space trimmed. */
  readonly start: number;
  readonly end: number;
  /** Headings: 1 is the highest. */
  readonly level?: number;
  /** Headings: the words without marks. */
  readonly title?: string;
}

interface Line {
  readonly text: string;
  /** Without white space around it, and without the middle of a very long line: enough to tell what it is. */
  readonly trimmed: string;
  readonly start: number;
}

/** UTF-16 units of each end of a line that are looked at; patterns may take quadratic time on long runs. */
const LOOKED_AT = 200;

const STAMP =
  /^\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d)?|\d\d?[-/]\w{2,3}[-/]\d{2,4}[: ]\d\d:\d\d:\d\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\s+\d\d:\d\d:\d\d|\d{6}\s\d{6}\b|\(?\d\d:\d\d:\d\d\b)/u;
/** One JSON object a line, as structured logs have it. */
const RECORD = /^\{\s*".*\}$/u;
const TURN = /^(?:\[\d[\d:.]*\]\s*)?[\p{Lu}][\p{L}\p{N} .'’_-]{0,40}:\s+\S/u;
const ITEM = /^(?:[-*+•‣–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S/u;
const CHAPTER =
  /^(?:chapter|book|part|volume|canto|act|scene|letter|stave|section|appendix|lecture|essay|epilogue|prologue|preface|introduction|conclusion)(?:\s+(?:the\s+)?(?:[ivxlcdm]+|\d+|[a-z]|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)(?:[-\s]\w+)?)?\s*(?:[.:—–-].{0,90})?$/iu;
const HIGH_CHAPTER = /^(?:book|part|volume|act)\b/iu;
const UNDERLINE = /^([=\-~^"'`#*+.:_])\1{2,}$/u;
const LATEX = /^\\(part|chapter|section|subsection|subsubsection)\*?\{(.+?)\}/u;
const HTML = /^<h([1-6])\b[^>]*>(.*?)<\/h\1>/iu;
const NUMBERED = /^(\d{1,2}(?:\.\d{1,2})*)\.?\s+(\p{Lu}[^.!?]{1,80})$/u;
const LEADERS = /(?:\.\s?){4,}\s*\w+$|\s{3,}\d{1,4}$/u;
const LATEX_LEVELS = ['part', 'chapter', 'section', 'subsection', 'subsubsection'];

/** Share of the lines that must look like log lines, or like turns, for the document to be one. */
const MOSTLY = 0.4;

/** Cuts `text` into blocks, in order. */
export function blocksOf(text: string): Block[] {
  const lines = linesOf(text);
  const form = formOf(lines);
  const blocks: Block[] = [];
  /** Characters of underlined headings in the order of their first use: reStructuredText's levels. */
  const underlines: string[] = [];
  let paragraph: Line[] = [];
  let fence: string | undefined;

  const flush = (kind: BlockKind = paragraphKind(paragraph)) => {
    const block = spanOf(paragraph, kind);
    if (block) blocks.push(block);
    paragraph = [];
  };
  const heading = (from: Line, to: Line, level: number, title: string) => {
    flush();
    const span = spanOf([from, to], 'heading');
    if (span && title.length > 0) blocks.push({ ...span, level, title });
  };

  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const { trimmed } = line;
    const opening = form === 'log' ? undefined : /^(?:```|~~~)/u.exec(trimmed)?.[0];
    if (fence !== undefined) {
      paragraph.push(line);
      if (opening === fence) {
        flush('code');
        fence = undefined;
      }
      continue;
    }
    if (opening !== undefined) {
      flush();
      paragraph.push(line);
      fence = opening;
      continue;
    }
    if (trimmed === '') {
      flush(form === 'log' ? 'log' : undefined);
      continue;
    }
    if (form === 'log') {
      // What follows a stamped line without a stamp of its own, a stack trace for example, belongs to it.
      if (STAMP.test(trimmed) || RECORD.test(trimmed)) flush('log');
      paragraph.push(line);
      continue;
    }
    if (form === 'turns' && TURN.test(trimmed)) {
      flush();
      paragraph.push(line);
      flush('turn');
      continue;
    }
    const next = lines[i + 1]?.trimmed ?? '';
    const alone = paragraph.length === 0 && next === '';
    const mark = UNDERLINE.exec(next)?.[1];
    const isUnderlined =
      mark !== undefined &&
      paragraph.length === 0 &&
      trimmed.length <= next.length + 2 &&
      /[\p{L}\p{N}]/u.test(trimmed);
    if (isUnderlined && !UNDERLINE.test(trimmed)) {
      if (!underlines.includes(mark)) underlines.push(mark);
      heading(line, lines[i + 1]!, underlines.indexOf(mark) + 1, trimmed);
      i++;
      continue;
    }
    const marked = markedHeading(trimmed) ?? (alone ? bareHeading(trimmed) : undefined);
    if (marked) {
      heading(line, line, marked.level, marked.title);
      continue;
    }
    if (ITEM.test(trimmed)) flush();
    paragraph.push(line);
  }
  flush(fence !== undefined ? 'code' : form === 'log' ? 'log' : undefined);
  return withoutBoilerplate(text, blocks);
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length;) {
    let end = start;
    while (end < text.length && text.charCodeAt(end) !== 0x0a && text.charCodeAt(end) !== 0x0d) end++;
    const line = text.slice(start, end);
    const trimmed = line.trim();
    const isLong = trimmed.length > 2 * LOOKED_AT;
    lines.push({
      text: line,
      trimmed: isLong ? `${trimmed.slice(0, LOOKED_AT)} … ${trimmed.slice(-LOOKED_AT)}` : trimmed,
      start,
    });
    start = end + (text.charCodeAt(end) === 0x0d && text.charCodeAt(end + 1) === 0x0a ? 2 : 1);
  }
  return lines;
}

function formOf(lines: readonly Line[]): 'text' | 'log' | 'turns' {
  const step = Math.max(1, Math.floor(lines.length / 2000));
  const sample = lines.filter((line, i) => i % step === 0 && line.trimmed !== '');
  const share = (pattern: RegExp) =>
    sample.filter((line) => pattern.test(line.trimmed)).length / sample.length;
  if (sample.length >= 3 && share(STAMP) + share(RECORD) > MOSTLY) return 'log';
  return sample.length >= 6 && share(TURN) > MOSTLY ? 'turns' : 'text';
}

/** Headings that say so: Markdown, LaTeX, HTML. */
function markedHeading(line: string): { level: number; title: string } | undefined {
  const markdown = /^(#{1,6})\s+(.+?)\s*#*$/u.exec(line);
  if (markdown) return { level: markdown[1]!.length, title: markdown[2]! };
  const latex = LATEX.exec(line);
  if (latex) return { level: LATEX_LEVELS.indexOf(latex[1]!) + 1, title: latex[2]! };
  const html = HTML.exec(line);
  return html ? { level: Number(html[1]), title: html[2]!.replace(/<[^>]+>/gu, '').trim() } : undefined;
}

/** Headings of plain text: a short line between empty ones that is a chapter's, all capitals, or numbered. */
function bareHeading(line: string): { level: number; title: string } | undefined {
  if (line.length > 100) return undefined;
  if (CHAPTER.test(line)) return { level: HIGH_CHAPTER.test(line) ? 1 : 2, title: line };
  if (/^[IVXLC]{1,7}\.?$/u.test(line)) return { level: 3, title: line };
  const letters = line.replace(/[^\p{L}]/gu, '');
  const isCapitals =
    letters.length >= 4 && letters === letters.toUpperCase() && letters !== letters.toLowerCase();
  if (isCapitals && line.length <= 70 && !LEADERS.test(line) && !/["“”,;]$/u.test(line))
    return { level: 3, title: line };
  const numbered = NUMBERED.exec(line);
  return numbered ? { level: 2 + numbered[1]!.split('.').length - 1, title: line } : undefined;
}

function paragraphKind(lines: readonly Line[]): BlockKind {
  if (lines.length === 0) return 'prose';
  const first = lines[0]!;
  const share = (test: (line: Line) => boolean) => lines.filter(test).length / lines.length;
  if (share(({ trimmed }) => /^\|.*\||^\+[-=+]+\+$|\t.*\t/u.test(trimmed)) >= 0.5) return 'table';
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

function spanOf(lines: readonly Line[], kind: BlockKind): Block | undefined {
  const first = lines[0];
  const last = lines.at(-1);
  if (!first || !last) return undefined;
  const start = first.start + first.text.length - first.text.trimStart().length;
  const end = last.start + last.text.trimEnd().length;
  return end > start ? { kind, start, end } : undefined;
}

const LICENCE_START = /\*\*\*\s*START OF (?:THE|THIS) PROJECT GUTENBERG/iu;
const LICENCE_END = /\*\*\*\s*END OF (?:THE|THIS) PROJECT GUTENBERG|^End of (?:the )?Project Gutenberg/imu;
const LICENCE =
  /project gutenberg|transcriber['’]s note|all rights reserved|copyright (?:©|\(c\)|\d{4})|^produced by |entered according to act of congress|this (?:e-?book|etext)|permission is hereby granted|licensed under the|without warrant/iu;
/** A licence line is short; a paragraph of a novel that mentions copyright is not. */
const LICENCE_LENGTH = 1200;

/**
 * Marks as boilerplate what stands outside Project Gutenberg's start and end lines, paragraphs that read like
 * a licence, and tables of contents: lines under such a heading, or headings that follow each other without
 * text and come again later.
 */
function withoutBoilerplate(text: string, blocks: readonly Block[]): Block[] {
  const head = LICENCE_START.exec(text.slice(0, 50_000))?.index ?? -1;
  const tailFrom = Math.max(0, text.length - 50_000);
  const tail = LICENCE_END.exec(text.slice(tailFrom))?.index ?? -1;
  const contents = contentsRange(blocks);
  return blocks.map((block, i): Block => {
    const outside = (head >= 0 && block.start <= head) || (tail >= 0 && block.start >= tailFrom + tail);
    const isLicence =
      block.kind !== 'heading' &&
      block.end - block.start < LICENCE_LENGTH &&
      LICENCE.test(text.slice(block.start, block.end)) &&
      (block.start < 5000 || block.end > text.length - 5000);
    const isContents = i >= contents.from && i < contents.to;
    return outside || isLicence || isContents
      ? { kind: 'boilerplate', start: block.start, end: block.end }
      : block;
  });
}

/** Blocks of a table of contents near the start, as a half-open range of indices. */
function contentsRange(blocks: readonly Block[]): { from: number; to: number } {
  const isShort = ({ kind, start, end }: Block) => kind === 'heading' || end - start < 90;
  const near = Math.min(blocks.length, 400);
  const titled = blocks
    .slice(0, near)
    .findIndex(({ kind, title }) => kind === 'heading' && /^(?:table of )?contents\.?$/iu.test(title ?? ''));
  if (titled >= 0) {
    // Everything up to the first heading that the contents have named already, or to real text.
    const seen = new Set<string>();
    for (let i = titled + 1; i < blocks.length; i++) {
      const { title } = blocks[i]!;
      const key = title?.toLowerCase();
      if (key !== undefined && seen.has(key)) return { from: titled, to: i };
      if (key !== undefined) seen.add(key);
      if (!isShort(blocks[i]!) && blocks[i]!.kind !== 'boilerplate' && i > titled + 1) {
        const back = blocks[i - 1]!.kind === 'heading' ? i - 1 : i;
        return { from: titled, to: back };
      }
    }
    return { from: titled, to: titled + 1 };
  }
  let run = 0;
  for (let i = 0; i < near; i++) {
    if (blocks[i]!.kind === 'heading') {
      run++;
      continue;
    }
    const titles = blocks.slice(i - run, i).map((block) => block.title?.toLowerCase() ?? '');
    // The first chapter's own heading follows the list of chapters directly.
    const again = titles.findIndex((title, t) => titles.indexOf(title) < t);
    const listed = again < 0 ? titles : titles.slice(0, again);
    const to = i - run + listed.length;
    const later = new Set(blocks.slice(to).map((block) => block.title?.toLowerCase() ?? ''));
    if (listed.length >= 4 && listed.filter((title) => later.has(title)).length * 2 >= listed.length) {
      return { from: i - run, to };
    }
    run = 0;
  }
  return { from: 0, to: 0 };
}

/** True if a text is long enough and wordy enough to stand in a summary. */
export function isSentenceLike(text: string): boolean {
  let words = 0;
  let letters = 0;
  for (const word of wordsOf(text)) {
    words++;
    letters += word.text.replace(/[^\p{L}]/gu, '').length;
  }
  return words >= 3 && letters >= text.replace(/\s/gu, '').length * 0.5;
}
