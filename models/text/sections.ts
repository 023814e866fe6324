import type { Block } from './block.js';
import { CONTENTS } from './headings.js';
import type { Span } from './span.js';

/** A part of the document under one heading, or one of equal parts where there are none. */
export interface Section extends Span {
  /** Empty where the text gives none. */
  readonly title: string;
  /**
   * What a section without a title is: the text before the first heading, one of equal parts, or the entries of a log
   * before the first with a time.
   */
  readonly unnamed?: 'opening' | 'part' | 'untimed';
}

/** More sections than this are too many to read; then only the higher headings count. */
const MOST = 120;
/** UTF-16 units of a part where the document has no headings. */
const PART = 24_000;
/** Sections of a document without headings. */
const MOST_PARTS = 20;

/**
 * The document's own sections: of the heading levels, the deepest that still gives no more than 120. A text
 * before the first heading is a section of its own. Logs are cut by day or hour (see `logSections`), a
 * long text without headings into equal parts at paragraph borders.
 */
export function sectionsOf(
  blocks: readonly Block[],
  text: { slice(start: number, end: number): string },
): Section[] {
  const content = blocks.filter(({ kind }) => kind !== 'boilerplate');
  if (content.length === 0) return [];
  if (content.some(({ kind }) => kind === 'log')) return logSections(content, text);
  if (content.some(({ time }) => time !== undefined)) return timeSections(content);
  // The contents of a chapter stand below its heading, and are no part of their own.
  const headings = content.filter(({ kind, title }) => kind === 'heading' && !CONTENTS.test(title!));
  const levels = [...new Set(headings.map(({ level }) => level!))].sort((a, b) => a - b);
  let chosen = headings;
  for (const deepest of [...levels].reverse()) {
    chosen = headings.filter(({ level }) => level! <= deepest);
    if (chosen.length <= MOST) break;
  }
  if (chosen.length < 2 || chosen.length > MOST * 3) return equalParts(content, chosen[0]?.title);
  const first = content[0]!;
  const borders: Omit<Section, 'end'>[] = chosen.map(({ start, title }) => ({ start, title: title! }));
  if (first.start < borders[0]!.start) borders.unshift({ start: first.start, title: '', unnamed: 'opening' });
  const end = content.at(-1)!.end;
  return borders
    .map((border, i) => ({ ...border, end: borders[i + 1]?.start ?? end }))
    .filter((section) =>
      content.some((b) => b.kind !== 'heading' && b.start >= section.start && b.end <= section.end),
    );
}

/** Equal parts at block borders, or the whole as one section. */
function equalParts(blocks: readonly Block[], title?: string): Section[] {
  const start = blocks[0]!.start;
  const end = blocks.at(-1)!.end;
  const parts = Math.min(MOST_PARTS, Math.floor((end - start) / PART));
  if (parts < 2) return [title === undefined ? part(start, end) : { title, start, end }];
  const size = (end - start) / parts;
  const borders = [start];
  for (const block of blocks) {
    if (block.start - borders.at(-1)! >= size && borders.length < parts) borders.push(block.start);
  }
  return borders.map((from, i) => part(from, borders[i + 1] ?? end));
}

function part(start: number, end: number): Section {
  return { title: '', unnamed: 'part', start, end };
}

/** Lengths of a section of a transcript, in seconds. */
const SPANS = [60, 300, 600, 1800, 3600, 6 * 3600, 24 * 3600];

/** Sections of a transcript with times: of the shortest of some round lengths that gives no more than 20. */
function timeSections(blocks: readonly Block[]): Section[] {
  const first = blocks.find(({ time }) => time !== undefined)!.time!;
  const last = Math.max(...blocks.map(({ time }) => time ?? first));
  const span = SPANS.find((seconds) => (last - first) / seconds <= MOST_PARTS) ?? SPANS.at(-1)!;
  const sections: { title: string; start: number; end: number }[] = [];
  let part = -1;
  for (const { start, end, time } of blocks) {
    // Times that go back, as where a second tape starts, begin no section.
    const next = time === undefined ? part : Math.max(part, Math.floor((time - first) / span));
    if (next > part || sections.length === 0) sections.push({ title: clock(time ?? first), start, end });
    else sections.at(-1)!.end = end;
    part = Math.max(0, next);
  }
  return sections.length > 1 ? sections : equalParts(blocks);
}

/** `h:mm:ss`. */
function clock(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** UTF-16 units of an entry in which its time stands, be it behind an address of the sixth version and a name. */
const HEAD = 80;

/** Sections of a log: by date where there are several, else by hour; equal parts where that gives too many. */
function logSections(
  blocks: readonly Block[],
  text: { slice(start: number, end: number): string },
): Section[] {
  for (const unit of [dayOf, hourOf]) {
    const sections: (Omit<Section, 'end'> & { end: number })[] = [];
    for (const block of blocks) {
      const title = unit(text.slice(block.start, Math.min(block.end, block.start + HEAD)));
      const open = sections.at(-1);
      if (open && (title === undefined || title === open.title)) open.end = block.end;
      else if (title !== undefined) sections.push({ title, start: block.start, end: block.end });
      else sections.push({ title: '', unnamed: 'untimed', start: block.start, end: block.end });
    }
    if (sections.length >= 2 && sections.length <= MOST) return sections;
  }
  return equalParts(blocks);
}

function dayOf(line: string): string | undefined {
  return /(?<![\w-])(?:\d{4}[-/]\d\d[-/]\d\d|\d\d?[-/]\w{3}[-/]\d{2,4}|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2})/u.exec(
    line,
  )?.[0];
}

function hourOf(line: string): string | undefined {
  const hour = /(?:^|\D)(\d\d):\d\d/u.exec(line)?.[1];
  return hour === undefined ? undefined : [dayOf(line), `${hour}:00`].filter(Boolean).join(' ');
}
