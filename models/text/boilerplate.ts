import type { Block } from './block.js';
import { CONTENTS, LEADERS } from './headings.js';
import { append } from './lists.js';

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
export function withoutBoilerplate(text: string, blocks: readonly Block[]): Block[] {
  const head = LICENCE_START.exec(text.slice(0, 50_000))?.index ?? -1;
  const tailFrom = Math.max(0, text.length - 50_000);
  const tail = LICENCE_END.exec(text.slice(tailFrom))?.index ?? -1;
  const contents = contentsRange(text, blocks);
  const listed = new Set([...listedPages(text, blocks), ...linkLists(text, blocks)]);
  return blocks.map((block, i): Block => {
    const outside = (head >= 0 && block.start <= head) || (tail >= 0 && block.start >= tailFrom + tail);
    const isLicence =
      block.kind !== 'heading' &&
      block.end - block.start < LICENCE_LENGTH &&
      (block.start < 5000 || block.end > text.length - 5000) &&
      LICENCE.test(text.slice(block.start, block.end));
    const isContents = i >= contents.from && i < contents.to;
    return outside || isLicence || isContents || listed.has(i)
      ? { kind: 'boilerplate', start: block.start, end: block.end }
      : block;
  });
}

/** Fewest lines with page numbers that are a list of what a book holds. */
const LISTED = 3;
/** Marks of pictures in books without them. */
const PICTURE = /^\[(?:Illustration|Picture|Map|Frontispiece)\b[^\]]*\]$/u;

/** Blocks that are lines with page numbers, one below the other, with what heads their columns; and marks of pictures. */
function listedPages(text: string, blocks: readonly Block[]): ReadonlySet<number> {
  const listed = new Set<number>();
  let run: number[] = [];
  let lines = 0;
  const flush = () => {
    if (lines >= LISTED) for (const i of run) listed.add(i);
    run = [];
    lines = 0;
  };
  for (const [i, { kind, start, end }] of blocks.entries()) {
    if (kind === 'code' || kind === 'table' || end - start > 2000) {
      flush();
      continue;
    }
    const own = text.slice(start, end);
    if (PICTURE.test(own)) {
      listed.add(i);
      continue;
    }
    const rows = own.split(/\r\n?|\n/u);
    if (kind !== 'heading' && rows.every((row) => LEADERS.test(row.trim()))) {
      run.push(i);
      lines += rows.length;
    } else if (/^(?:page|no\.|plate|fig\.)$/iu.test(own)) run.push(i);
    else flush();
  }
  flush();
  return listed;
}

/** Items that are a link and nothing else: of Markdown, of reStructuredText, of HTML. */
const LINK =
  /^(?:(?:[-*+•]|\d{1,3}[.)])\s+)?(?:\[[^\]]*\](?:\([^)\s]*\)|\[[^\]]*\])|<a\b[^<>]*>(?:[^<]|<(?!\/a))*<\/a>|`[^`]* <[^<>]*>`_+)[.,]?$/iu;
/** Longest of them that is looked at. */
const LONGEST_LINK = 400;

/** Blocks that are links only, one below the other: contents and navigation. */
function linkLists(text: string, blocks: readonly Block[]): number[] {
  const listed: number[] = [];
  let run: number[] = [];
  const flush = () => {
    if (run.length >= LISTED) append(listed, run);
    run = [];
  };
  for (const [i, { kind, start, end }] of blocks.entries()) {
    if (kind === 'item' && end - start < LONGEST_LINK && LINK.test(text.slice(start, end))) run.push(i);
    else flush();
  }
  flush();
  return listed;
}

/** Short lines that end as no sentence does, one below the other. */
function isListing(text: string): boolean {
  const lines = text.split(/\s*[\r\n]\s*/u);
  return lines.length > 2 && lines.every((line) => line.length < 60 && !/[.!?,;:]$/u.test(line));
}

/** Blocks of a table of contents near the start, as a half-open range of indices. */
function contentsRange(text: string, blocks: readonly Block[]): { from: number; to: number } {
  const isShort = ({ kind, start, end }: Block) =>
    kind === 'heading' || end - start < 90 || isListing(text.slice(start, end));
  const near = Math.min(blocks.length, 400);
  const titled = blocks
    .slice(0, near)
    .findIndex(({ kind, title }) => kind === 'heading' && CONTENTS.test(title ?? ''));
  if (titled >= 0) {
    // Everything up to the first heading that the contents have named already, or to real text.
    const seen = new Set<string>();
    for (let i = titled + 1; i < blocks.length; i++) {
      const { title } = blocks[i]!;
      const key = title?.toLowerCase();
      if (key !== undefined && seen.has(key)) return { from: titled, to: i };
      // The contents of the first chapter, below its heading.
      if (key?.endsWith('contents') && blocks[i - 1]!.kind === 'heading' && i > titled + 1)
        return { from: titled, to: i - 1 };
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
    run = 0;
    if (listed.length < 4) continue;
    const from = i - titles.length;
    const to = from + listed.length;
    const later = new Set(blocks.slice(to).map((block) => block.title?.toLowerCase() ?? ''));
    if (listed.filter((title) => later.has(title)).length * 2 >= listed.length) {
      return { from, to };
    }
  }
  return { from: 0, to: 0 };
}
