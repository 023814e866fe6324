import { formatAndBlocksOf } from '../text/formats/blocks.js';
import { isSentenceLike } from '../text/sentence-like.js';
import type { Block } from '../text/block.js';
import type { DocumentText } from './document-text.js';
import { markupOf, type Markup } from '../text/formats/markup.js';
import { sectionsOf, type Section } from '../text/sections.js';
import { sentencesOf } from '../text/sentences.js';
import type { Span } from '../text/span.js';

/** A sentence, list item or log line, and the section it stands in. */
export interface Sentence extends Span {
  readonly section: number;
  /** True for a line of a log. */
  readonly isLog: boolean;
}

/** What retrieval returns. */
export interface PassageSpan extends Span {
  /** Does not go on from the passage before it. */
  readonly isApart?: boolean;
}

/** The structure of a document, found once from its text and used by summaries and passages. */
export interface Layout {
  readonly blocks: readonly Block[];
  readonly sections: readonly Section[];
  /** What may stand in a summary, in order. */
  readonly sentences: readonly Sentence[];
  /** What retrieval returns: whole sentences or paragraphs, in order. */
  readonly passages: readonly PassageSpan[];
  readonly markup: Markup;
}

/** UTF-16 units after which a passage ends with the sentence, and below which blocks are joined. */
const PASSAGE = 600;
const SHORT = 240;

/**
 * @param cuts rising UTF-16 offsets at which the text does not go on from what stands before: no passage reaches over
 *   them
 * @param known the blocks, where the document's file told them
 */
export function layoutOf(text: DocumentText, cuts: readonly number[] = [], known?: readonly Block[]): Layout {
  const whole = text.toString();
  const { format, blocks } = known ? { format: 'text' as const, blocks: known } : formatAndBlocksOf(whole);
  const markup = markupOf(format);
  const words = markup.blanked(whole);
  const sections = sectionsOf(blocks, {
    slice: (start, end) => whole.slice(start, end),
  });
  const sentences: Sentence[] = [];
  let section = 0;
  const spans = blocks.map((block) => spansOf(words, block));
  for (const [b, block] of blocks.entries()) {
    while (section + 1 < sections.length && sections[section + 1]!.start <= block.start) section++;
    if (!['prose', 'item', 'turn', 'log'].includes(block.kind)) continue;
    for (const span of spans[b]!) {
      if (block.kind === 'log' || isSentenceLike(markup.readable(whole.slice(span.start, span.end))))
        sentences.push({ ...span, section, isLog: block.kind === 'log' });
    }
  }
  // Tables, code or lists of names alone: then a part of them is better than nothing.
  if (sentences.length === 0) sentences.push(...anything(blocks, spans));
  return { blocks, sections, sentences, passages: passagesOf(blocks, spans, cuts), markup };
}

/** The spans of every block that is no boilerplate, of all sections as one. */
function anything(blocks: readonly Block[], spans: readonly (readonly Span[])[]): Sentence[] {
  return blocks.flatMap(({ kind }, b) =>
    kind === 'boilerplate' ? [] : spans[b]!.map((span) => ({ ...span, section: 0, isLog: false })),
  );
}

/** A block's sentences; what is no prose stays whole. Who speaks is no part of what is said. */
function spansOf(text: string, { kind, start, end, said = start }: Block): Span[] {
  const isWhole = kind === 'log' || kind === 'heading' || kind === 'code' || kind === 'table';
  return isWhole ? [{ start, end }] : sentencesOf(text.slice(said, end), said);
}

/** Paragraphs; long ones are cut between sentences, short ones joined with what follows. */
function passagesOf(
  blocks: readonly Block[],
  spans: readonly (readonly Span[])[],
  cuts: readonly number[],
): PassageSpan[] {
  const passages: PassageSpan[] = [];
  let cut = 0;
  let open: { start: number; end: number; isApart?: boolean } | undefined;
  const close = () => {
    if (open) passages.push(open);
    open = undefined;
  };
  for (const [b, block] of blocks.entries()) {
    // A heading opens the passage of the text below it.
    if (block.kind === 'heading' && open && open.end - open.start >= 80) close();
    for (const { start, end } of spans[b]!) {
      const before = cut;
      while (cut < cuts.length && cuts[cut]! <= start) cut++;
      const isApart = cut > before;
      if (open && (isApart || end - open.start > PASSAGE)) close();
      if (open) open.end = end;
      else open = { start, end, ...(isApart && { isApart }) };
    }
    if (open && block.kind !== 'heading' && open.end - open.start >= SHORT) close();
  }
  close();
  return passages;
}
