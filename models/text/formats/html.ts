import type { Block, BlockKind } from '../block.js';
import { markupOf } from './markup.js';

const { readable } = markupOf('html');

/** Elements whose contents are a block of their own. */
const KINDS: Readonly<Record<string, BlockKind>> = {
  h1: 'heading',
  h2: 'heading',
  h3: 'heading',
  h4: 'heading',
  h5: 'heading',
  h6: 'heading',
  li: 'item',
  dd: 'item',
  dt: 'item',
  pre: 'code',
  table: 'table',
  script: 'boilerplate',
  style: 'boilerplate',
  nav: 'boilerplate',
  footer: 'boilerplate',
  head: 'boilerplate',
  svg: 'boilerplate',
};
/** Elements whose contents are taken whole, whatever stands in them. */
const WHOLE = new Set(['pre', 'table', 'script', 'style', 'nav', 'footer', 'head', 'svg']);
/** Elements that stand within a line of text and do not end it. */
const INLINE =
  /^(?:a|abbr|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|time|tt|u|var|wbr)$/u;
const TAG = /<!--[\s\S]{0,40000}?-->|<(\/?)([a-z][a-z0-9]*)\b[^>]{0,4000}>|<![^>]{0,4000}>/giu;

/**
 * Blocks of HTML: the contents of its block elements, tags of lines of text within them left where they are. Text
 * between block elements is prose. It reads tags, not the whole grammar: a page that closes nothing still has its
 * paragraphs.
 */
export function htmlBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let kind: BlockKind = 'prose';
  let level = 0;
  let from = 0;
  /** Takes the text up to `to` as a block. */
  const cut = (to: number) => {
    const block = trimmedBlock(text, from, to, kind);
    if (!block) return;
    blocks.push(
      kind === 'heading' ? { ...block, level, title: readable(text.slice(block.start, block.end)) } : block,
    );
  };
  for (let tag = TAG.exec(text); tag; tag = TAG.exec(text)) {
    const [found, closing, name] = tag;
    const element = name?.toLowerCase();
    if (element !== undefined && INLINE.test(element)) continue;
    cut(tag.index);
    from = tag.index + found.length;
    const opened = element === undefined || closing === '/' ? undefined : element;
    kind = opened === undefined ? 'prose' : (KINDS[opened] ?? 'prose');
    if (kind === 'heading') level = Number(opened![1]);
    if (opened !== undefined && WHOLE.has(opened)) {
      const end = new RegExp(`</${opened}\\s*>`, 'giu');
      end.lastIndex = from;
      const last = end.exec(text);
      cut(last?.index ?? text.length);
      from = last ? end.lastIndex : text.length;
      TAG.lastIndex = from;
      kind = 'prose';
    }
  }
  cut(text.length);
  TAG.lastIndex = 0;
  return blocks;
}

function trimmedBlock(text: string, from: number, to: number, kind: BlockKind): Block | undefined {
  const raw = text.slice(from, to);
  const start = from + raw.length - raw.trimStart().length;
  const end = start + raw.trim().length;
  return end > start ? { kind, start, end } : undefined;
}
