import type { Block } from './block.js';
import type { DecodedText } from './decoded-text.js';
import { partitionPoint } from './growable.js';
import { ITEM } from './headings.js';
import type { Field, TextRecord } from './records.js';
import { sentencesOf } from './sentences.js';

/** What a record stands under: it says of what the record speaks. */
export interface RecordContext {
  /** Titles of the headings above it, the nearest first. */
  readonly titles: readonly string[];
  /** The sentence before it, where one stands between its heading and it. */
  readonly before: string;
}

/** Finds the titles above an offset of the source, and the sentence before it. */
export class RecordContexts {
  readonly #blocks: readonly Block[];
  readonly #decoded: DecodedText;

  readonly #headings: readonly Block[];

  constructor(blocks: readonly Block[], decoded: DecodedText) {
    this.#blocks = blocks;
    this.#decoded = decoded;

    this.#headings = blocks.filter(({ kind }) => kind === 'heading');
  }

  of({ start }: { readonly start: number }): RecordContext {
    const titles: string[] = [];
    let level = Infinity;
    const last = partitionPoint(this.#headings.length, (i) => this.#headings[i]!.start <= start) - 1;
    for (let i = last; i >= 0 && level > 1 && last - i < 200; i--) {
      const heading = this.#headings[i]!;
      if (heading.level! >= level) continue;
      titles.push(heading.title!);
      level = heading.level!;
    }
    const own = partitionPoint(this.#blocks.length, (i) => this.#blocks[i]!.start <= start) - 1;
    const above = this.#blocks[own - 1];
    if (above?.kind !== 'prose') return { titles, before: '' };
    const text = this.#decoded.shown(above.start, above.end);
    const sentence = sentencesOf(text).at(-1);
    return { titles, before: sentence ? text.slice(sentence.start, sentence.end) : '' };
  }
}

/** The mark that an item begins with. */
const MARK = /^(?:[-*+•‣–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?:\[[ xX]\]\s+)?/u;

/** Lists of a document: items one below the other, with the line above them. */
export function listsIn(text: string, blocks: readonly Block[]): TextRecord[] {
  const lists: TextRecord[] = [];
  let items: Field[] = [];
  let lead: Block | undefined;
  const flush = () => {
    const [first] = items;
    const last = items.at(-1);
    if (first && last && items.length > 1)
      lists.push({
        kind: 'list',
        start: first.whole!.start,
        end: last.end,
        fields: items,
        ...(lead && { lead: { start: lead.start, end: lead.end } }),
      });
    items = [];
  };
  let before: Block | undefined;
  for (const block of blocks) {
    const { start, end } = block;
    if (block.kind !== 'item') flush();
    else {
      const said = text.slice(start, Math.min(end, start + 40));
      const mark = ITEM.test(said) ? (MARK.exec(said)?.[0].length ?? 0) : 0;
      if (items.length === 0)
        lead = before?.kind === 'prose' || before?.kind === 'heading' ? before : undefined;
      items.push({ name: '', start: start + mark, end, whole: { start, end } });
    }
    before = block;
  }
  flush();
  return lists;
}
