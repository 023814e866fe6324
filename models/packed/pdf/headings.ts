import type { OutlineEntry } from './outline.js';
import type { PdfBlock } from './paragraphs.js';

/** A block with its text, before it is known which are headings. */
export interface TextBlock extends PdfBlock {
  readonly text: string;
}

const LONGEST = 200;
const MOST_LINES = 4;
/** Blocks of a page among which a bookmark's words are looked for. */
const MOST_BLOCKS = 1000;
const MOST_LEVELS = 4;
/** A heading is set larger than the text by this factor, unless the outline or its number says that it is one. */
const LARGER = 1.12;
const NUMBER =
  /^(?:(?:chapter|section|article|part|appendix)\s+)?((?:\d{1,3}|[A-Z])(?:\.\d{1,3}){0,4})\.?\s+\p{Lu}/iu;

const plain = (text: string) => text.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();

/**
 * Levels of the blocks that are headings: by the outline where the document has one that matches its text, else by size
 * of type and by number.
 */
export function headingsOf(
  blocks: readonly TextBlock[],
  outline: readonly OutlineEntry[],
  body: { size: number; font: string },
): Map<number, number> {
  const levels = new Map<number, number>();
  const matched = byOutline(blocks, outline, levels);
  if (outline.length > 0 && matched >= 0.5 * outline.length) return levels;
  const candidates = blocks.map((block, i) => ({ block, i })).filter(({ block }) => isCandidate(block));
  const sizes = candidates
    .map(({ block }) => Math.round(block.size))
    .filter((size) => size >= LARGER * body.size);
  const ranks = [...new Set(sizes)].sort((a, b) => b - a);
  for (const { block, i } of candidates) {
    if (levels.has(i)) continue;
    const rank = ranks.indexOf(Math.round(block.size));
    const number = NUMBER.exec(block.text)?.[1];
    if (rank >= 0) levels.set(i, Math.min(rank + 1, MOST_LEVELS));
    else if (number !== undefined && block.font !== body.font && block.lines.length <= 2) {
      levels.set(i, Math.min(ranks.length, MOST_LEVELS - 1) + number.split('.').length);
    }
  }
  return levels;
}

function isCandidate({ kind, text, lines }: TextBlock): boolean {
  return (
    (kind === 'paragraph' || kind === 'item') &&
    text.length <= LONGEST &&
    lines.length <= MOST_LINES &&
    /\p{L}{2}/u.test(text)
  );
}

/** Finds each bookmark's words on its page, in order; gives how many were found. */
function byOutline(
  blocks: readonly TextBlock[],
  outline: readonly OutlineEntry[],
  levels: Map<number, number>,
): number {
  const pages = new Map<number, number[]>();
  for (const [i, { page }] of blocks.entries()) {
    const at = pages.get(page);
    if (at) at.push(i);
    else pages.set(page, [i]);
  }
  const known = new Map<number, string>();
  const plainOf = (i: number) => {
    const text = known.get(i) ?? plain(blocks[i]!.text.slice(0, 2 * LONGEST));
    known.set(i, text);
    return text;
  };
  let matched = 0;
  for (const { title, level, page } of outline) {
    const wanted = plain(title);
    if (wanted === '') continue;
    // The place that a bookmark leads to may be the end of the page before.
    const on = [...(pages.get(page) ?? []), ...(pages.get(page + 1) ?? [])].slice(0, MOST_BLOCKS);
    const found = on.find((i) => !levels.has(i) && isTitle(blocks[i]!, plainOf(i), wanted));
    if (found === undefined) continue;
    levels.set(found, level);
    matched++;
  }
  return matched;
}

/** True of the title itself, with or without its number. */
function isTitle({ kind, text }: TextBlock, own: string, wanted: string): boolean {
  if (kind === 'contents' || kind === 'row' || text.length > LONGEST + wanted.length) return false;
  if (own === wanted) return true;
  const longer = own.length > wanted.length ? own : wanted;
  const shorter = longer === own ? wanted : own;
  const rest = longer.slice(0, longer.length - shorter.length);
  return shorter.length > 2 && longer.endsWith(shorter) && /^(?:\p{L}{0,10}\p{N}{0,8}|\p{L})$/u.test(rest);
}
