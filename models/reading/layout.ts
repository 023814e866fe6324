import type { Block } from '../text/block.js';
import type { DecodedText } from '../text/decoded-text.js';
import type { DocumentFormat, FormatOption } from '../text/formats/document-format.js';
import { parseDocument } from '../text/formats/parse-document.js';
import { asItStands } from '../text/parsed.js';
import { piecesOf } from '../text/pieces.js';
import type { TextRecord } from '../text/records.js';
import { sectionsOf, type Section } from '../text/sections.js';
import { sentencesOf } from '../text/sentences.js';
import type { Span } from '../text/span.js';
import { isSentenceLike } from '../text/sentence-like.js';
import type { DocumentText } from './document-text.js';

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
  readonly records: readonly TextRecord[];
  /** The text as it is read, with the way from its offsets to those of the source. */
  readonly decoded: DecodedText;
  readonly format: DocumentFormat;
}

/** What is known of a text's form before it is looked at. */
export interface KnownLayout {
  /** `auto`: what the content shows. */
  readonly format?: FormatOption | undefined;
  /** The blocks, where the document's file told them. */
  readonly blocks?: readonly Block[] | undefined;
}

/** UTF-16 units after which a passage ends with the sentence, and below which blocks are joined. */
const PASSAGE = 600;
const SHORT = 240;

/**
 * @param cuts rising UTF-16 offsets at which the text does not go on from what stands before: no passage reaches over
 *   them
 * @param known what is known of the text's form; the rest its content shows
 */
export function layoutOf(text: DocumentText, cuts: readonly number[] = [], known: KnownLayout = {}): Layout {
  const whole = text.toString();
  const { format, blocks, records, decoded } = known.blocks
    ? { ...asItStands(whole, known.blocks), format: 'text' as const }
    : parseDocument(whole, known.format);
  const sections = sectionsOf(blocks, {
    slice: (start, end) => whole.slice(start, end),
  });
  let sentences: Sentence[] = [];
  let section = 0;
  const rows = records.filter(({ kind }) => kind === 'row');
  let row = 0;
  const spans = blocks.map((block) => {
    const within: Span[] = [];
    while (row < rows.length && rows[row]!.start < block.start) row++;
    for (; row < rows.length && rows[row]!.end <= block.end; row++) within.push(rows[row]!);
    return spansOf(decoded, block, within);
  });
  for (const [b, block] of blocks.entries()) {
    while (section + 1 < sections.length && sections[section + 1]!.start <= block.start) section++;
    if (!['prose', 'item', 'turn', 'log'].includes(block.kind)) continue;
    for (const span of spans[b]!) {
      if (block.kind === 'log' || isSentenceLike(decoded.shown(span.start, span.end)))
        sentences.push({ ...span, section, isLog: block.kind === 'log' });
    }
  }
  // Tables, code or lists of names alone: then a part of them is better than nothing.
  if (sentences.length === 0) sentences = anything(blocks, spans);
  return { blocks, sections, sentences, passages: passagesOf(blocks, spans, cuts), records, decoded, format };
}

/** The spans of every block that is no boilerplate, of all sections as one. */
function anything(blocks: readonly Block[], spans: readonly (readonly Span[])[]): Sentence[] {
  return blocks.flatMap(({ kind }, b) =>
    kind === 'boilerplate' ? [] : spans[b]!.map((span) => ({ ...span, section: 0, isLog: false })),
  );
}

/** Kinds of blocks that are no sentences. */
const WHOLE: readonly Block['kind'][] = ['log', 'heading', 'code', 'table'];

/**
 * A block's sentences, of a table its rows; what is no prose stays whole as far as it is no longer than a person reads
 * at once. Who speaks is no part of what is said. Offsets are of the source.
 */
function spansOf(decoded: DecodedText, block: Block, rows: readonly Span[]): Span[] {
  const { kind, start, end, said = start } = block;
  if (rows.length > 0 && kind === 'table') {
    const head = rows[0]!.start > start ? [{ start, end: rows[0]!.start }] : [];
    return [...head, ...rows].flatMap((row) =>
      spansOf(decoded, { kind, start: row.start, end: row.end }, []),
    );
  }
  const range = decoded.fromSource(said, end);
  const text = decoded.text.slice(range.start, range.end);
  if (text.trim() === '') return [];
  const spans = WHOLE.includes(kind) ? piecesOf(text, range.start) : sentencesOf(text, range.start);
  return spans.map((span) => decoded.toSource(span.start, span.end));
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
