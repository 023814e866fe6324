import { anchorAt } from '../../models/packed/anchors.js';
import type { Anchor } from '../../models/packed/types.js';
import type { Translate } from './translate.js';

/** Titles of chapters may be long. */
const MAX_TITLE = 60;

/** What a reader calls a page, chapter, slide or sheet. */
export function anchorWords({ kind, label }: Pick<Anchor, 'kind' | 'label'>, t: Translate): string {
  switch (kind) {
    case 'page':
      return t('Page {0}', label);
    case 'slide':
      return t('Slide {0}', label);
    case 'sheet':
      return t('Sheet {0}', label);
    case 'chapter':
      return label.length > MAX_TITLE ? `${label.slice(0, MAX_TITLE - 1).trimEnd()}…` : label;
  }
}

/** The page, chapter, slide or sheet that an offset stands in; undefined where the document has none. */
export function placeWords(
  anchors: readonly Anchor[] | undefined,
  offset: number,
  t: Translate,
): string | undefined {
  const anchor = anchors && anchorAt(anchors, offset);
  return anchor && anchorWords(anchor, t);
}

/** Where a passage stands: its line, and before that its page or the like. */
export function whereWords(
  { start, line }: { readonly start: number; readonly line: number },
  anchors: readonly Anchor[] | undefined,
  t: Translate,
): string {
  const place = placeWords(anchors, start, t);
  return place === undefined ? t('Line {0}', line) : t('{0}, line {1}', place, line);
}
