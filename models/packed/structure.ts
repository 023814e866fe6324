import type { Block, BlockKind } from '../text/block.js';
import type { PackedBlockKind, PackedDocument } from './types.js';

const KINDS: Readonly<Record<PackedBlockKind, BlockKind>> = {
  heading: 'heading',
  paragraph: 'prose',
  quote: 'prose',
  note: 'prose',
  item: 'item',
  row: 'table',
  code: 'code',
  contents: 'boilerplate',
};

/** The blocks as a reader of texts knows them. Rows that follow each other are one table, and so are lines of contents. */
export function structureOf({ text, blocks }: Pick<PackedDocument, 'text' | 'blocks'>): Block[] {
  const out: Block[] = [];
  for (const { kind: own, level, start, end } of blocks) {
    const kind = KINDS[own];
    const last = out.at(-1);
    if ((kind === 'table' || kind === 'boilerplate') && last?.kind === kind) {
      out[out.length - 1] = { ...last, end };
    } else if (kind === 'heading') {
      const title = text.slice(start, end).replace(/\s+/gu, ' ');
      out.push({ kind, start, end, level: level ?? 1, title });
    } else out.push({ kind, start, end });
  }
  return out;
}
