import type { Block } from './block.js';
import { CONTENTS } from './headings.js';
import type { Span } from './span.js';
import { largest } from './lists.js';

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
const MOST = 40;
/** Fewer are too few, where there are deeper headings. */
const FEWEST = 4;
/** UTF-16 units of a part where the document has no headings. */
const PART = 24_000;
/** Sections of a document without headings. */
const MOST_PARTS = 20;

/**
 * The document's own sections: of the heading levels, the deepest that still gives no more than 40. Where that gives
 * fewer than 4 and the next one more than 40, they are those of the next one, neighbours together. A text before the first heading
 * is a section of its own. Logs are cut by day or hour (see `logSections`), chats by their days, a long text without
 * headings into equal parts at paragraph borders.
 */
export function sectionsOf(
  blocks: readonly Block[],
  text: { slice(start: number, end: number): string },
): Section[] {
  const content = blocks.filter(({ kind }) => kind !== 'boilerplate');
  if (content.length === 0) return [];
  if (content.some(({ kind }) => kind === 'log')) return logSections(content, text);
  if (content.some(({ time }) => time !== undefined)) return timeSections(content);
  if (content.some(({ day }) => day !== undefined)) return daySections(content);
  // The contents of a chapter stand below its heading, and are no part of their own.
  const headings = content.filter(({ kind, title }) => kind === 'heading' && !CONTENTS.test(title!));
  const chosen = chosenOf(headings, content);
  const first = content[0]!;
  const opens = chosen[0] && content.some(({ kind, end }) => kind !== 'heading' && end <= chosen[0]!.start);
  if (chosen.length < 2 && !opens) return equalParts(content, chosen[0]?.title);
  const borders: Omit<Section, 'end'>[] = chosen.map(({ start, title }) => ({ start, title: title! }));
  // Titles alone open nothing.
  if (opens) borders.unshift({ start: first.start, title: '', unnamed: 'opening' });
  const end = content.at(-1)!.end;
  return merged(borders.map((border, i) => ({ ...border, end: borders[i + 1]?.start ?? end })));
}

/** Headings of the levels down to the one that gives a useful number of sections; those with text below them. */
function chosenOf(headings: readonly Block[], content: readonly Block[]): Block[] {
  const levels = [...new Set(headings.map(({ level }) => level!))].sort((a, b) => a - b);
  let chosen: Block[] = [];
  for (const deepest of levels) {
    const next = withText(
      headings.filter(({ level }) => level! <= deepest),
      content,
    );
    if (next.length > MOST && chosen.length >= FEWEST) break;
    chosen = next;
    if (next.length > MOST) break;
  }
  return chosen;
}

/** Headings that have more than headings below them, up to the next of them. */
function withText(headings: readonly Block[], content: readonly Block[]): Block[] {
  let at = 0;
  return headings.filter(({ end }, i) => {
    const next = headings[i + 1]?.start ?? Infinity;
    while (at < content.length && content[at]!.start < end) at++;
    let has = false;
    for (; at < content.length && content[at]!.start < next; at++) has ||= content[at]!.kind !== 'heading';
    return has;
  });
}

/** Where there are too many, neighbours together, under the title of the first and the last. */
function merged(sections: readonly Section[]): Section[] {
  if (sections.length <= MOST + 1) return [...sections];
  const size = Math.ceil(sections.length / MOST);
  return Array.from({ length: Math.ceil(sections.length / size) }, (_, i) => {
    const group = sections.slice(i * size, (i + 1) * size);
    const [first] = group;
    const last = group.at(-1)!;
    const title = group.length > 1 ? `${first!.title} – ${last.title}` : first!.title;
    return { ...first!, title, end: last.end };
  });
}

/** Sections of a chat: its days, where there are many some together. */
function daySections(blocks: readonly Block[]): Section[] {
  const sections: { title: string; start: number; end: number }[] = [];
  for (const { start, end, day } of blocks) {
    const open = sections.at(-1);
    if (open && (day === undefined || day === open.title)) open.end = end;
    else sections.push({ title: day ?? '', start, end });
  }
  return sections.length > 1 ? merged(sections) : equalParts(blocks, sections[0]?.title);
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
  const last = largest(blocks.map(({ time }) => time ?? first));
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

/** More days or hours than this say that the times are none. */
const MOST_TIMES = 2000;
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
    if (sections.length >= 2 && sections.length <= MOST_TIMES) return merged(sections);
  }
  return equalParts(blocks);
}

function dayOf(line: string): string | undefined {
  return /(?<![\w-])(?:\d{4}[-/.]\d\d[-/.]\d\d|\d{8}(?=[-T ]\d{1,2}:)|\d\d?[-/]\w{3}[-/]\d{2,4}|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2})/u.exec(
    line,
  )?.[0];
}

function hourOf(line: string): string | undefined {
  const hour = (/^\[?\d[\d/.-]*[-T ](\d{1,2}):\d\d/u.exec(line) ?? /(?:^|\D)(\d\d):\d\d/u.exec(line))?.[1];
  return hour === undefined
    ? undefined
    : [dayOf(line), `${hour.padStart(2, '0')}:00`].filter(Boolean).join(' ');
}
