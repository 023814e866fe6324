import { placeWords, anchorWords } from '../formatting/place.js';
import type { Translate } from '../formatting/translate.js';
import type { PackedText } from './texts.js';

/** A heading with what stands under it, or a page of a text without headings. UTF-16 offsets. */
export interface OutlineEntry {
  readonly title: string;
  /** The page, chapter, slide or sheet where it begins. */
  readonly place: string | undefined;
  readonly start: number;
  /** Where the heading itself ends. */
  readonly headingEnd: number;
  end: number;
  readonly children: OutlineEntry[];
}

type Outlined = Pick<PackedText, 'text' | 'blocks' | 'anchors'>;

/** The outline of a text: its headings, each with those of lower levels inside; else its pages, slides or sheets. */
export function outlineOf({ text, blocks = [], anchors }: Outlined, t: Translate): OutlineEntry[] {
  const root: OutlineEntry[] = [];
  const open: { readonly level: number; readonly entry: OutlineEntry }[] = [];
  for (const block of blocks) {
    if (block.kind !== 'heading') continue;
    const { start, end: headingEnd, level = 1, title = '' } = block;
    while ((open.at(-1)?.level ?? 0) >= level) open.pop()!.entry.end = start;
    const place = placeWords(anchors, start, t);
    const entry = { title, place, start, headingEnd, end: text.length, children: [] };
    (open.at(-1)?.entry.children ?? root).push(entry);
    open.push({ level, entry });
  }
  if (root.length > 0) return root;
  return anchors.map((anchor, i) => {
    const { start } = anchor;
    const end = anchors[i + 1]?.start ?? text.length;
    return { title: anchorWords(anchor, t), place: undefined, start, headingEnd: start, end, children: [] };
  });
}

/** Where a page, chapter, slide or sheet begins, and what it is called. */
export interface PlaceMark {
  readonly start: number;
  readonly words: string;
}

/** The marks within a stretch of a text. A chapter whose title stands there anyway has none. */
export function marksWithin(
  { text, anchors }: Pick<Outlined, 'text' | 'anchors'>,
  { start: from, end: to }: { readonly start: number; readonly end: number },
  t: Translate,
): PlaceMark[] {
  return anchors
    .filter(({ start }) => start >= from && start <= to)
    .filter(({ kind, label, start }) => kind !== 'chapter' || !text.startsWith(label, start))
    .map((anchor) => ({ start: anchor.start, words: anchorWords(anchor, t) }));
}
