import type { Block } from '../text/block.js';
import type { DecodedText } from '../text/decoded-text.js';
import type { DocumentFormat, FormatOption } from '../text/formats/document-format.js';
import { parseDocument, type ParsedDocument } from '../text/formats/parse-document.js';
import { asItStands } from '../text/parsed.js';
import { piecesOf } from '../text/pieces.js';
import type { TextRecord } from '../text/records.js';
import { sectionsOf, type Section } from '../text/sections.js';
import { sentencesOf } from '../text/sentences.js';
import type { Span } from '../text/span.js';
import { isSentenceLike } from '../text/sentence-like.js';
import type { DocumentText } from './document-text.js';
import { PassageCutter, type PassageSpan } from './passage-cutter.js';

/** A sentence, list item or log line, and the section it stands in. */
export interface Sentence extends Span {
  readonly section: number;
  /** True for a line of a log. */
  readonly isLog: boolean;
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
  /** In how many pieces the text was parsed, where it is longer than the parser of its format bears at once. */
  readonly pieces?: number;
}

/** What is known of a text's form before it is looked at. */
export interface KnownLayout {
  /** `auto`: what the content shows. */
  readonly format?: FormatOption | undefined;
  /** The blocks, where the document's file told them. */
  readonly blocks?: readonly Block[] | undefined;
}

/**
 * @param cuts rising UTF-16 offsets at which the text does not go on from what stands before: no passage reaches over
 *   them
 * @param known what is known of the text's form; the rest its content shows
 */
export function layoutOf(text: DocumentText, cuts: readonly number[] = [], known: KnownLayout = {}): Layout {
  const whole = text.toString();
  const parsed: ParsedDocument = known.blocks
    ? { ...asItStands(whole, known.blocks), format: 'text' }
    : parseDocument(whole, known.format);
  const { blocks, records, decoded } = parsed;
  const sections = sectionsOf(blocks, { slice: (start, end) => whole.slice(start, end) });
  const rows = new RowFinder(records);
  const cutter = new PassageCutter(cuts);
  let sentences: Sentence[] = [];
  let section = 0;
  // One block after the other: the spans of all of them at once would take more room than the text.
  for (const block of blocks) {
    const spans = spansOf(decoded, block, rows.within(block));
    cutter.add(block, spans);
    while (section + 1 < sections.length && sections[section + 1]!.start <= block.start) section++;
    if (!MAY_SPEAK.includes(block.kind)) continue;
    const isLog = block.kind === 'log';
    for (const { start, end } of spans)
      if (isLog || isSentenceLike(decoded.shown(start, end))) sentences.push({ start, end, section, isLog });
  }
  cutter.end();
  // Tables, code or lists of names alone: then a part of them is better than nothing.
  if (sentences.length === 0) sentences = anything(blocks, records, decoded);
  return { ...parsed, sections, sentences, passages: cutter.passages };
}

/** Kinds of blocks of which sentences may stand in a summary. */
const MAY_SPEAK: readonly Block['kind'][] = ['prose', 'item', 'turn', 'log'];

/** The spans of every block that is no boilerplate, of all sections as one. */
function anything(
  blocks: readonly Block[],
  records: readonly TextRecord[],
  decoded: DecodedText,
): Sentence[] {
  const rows = new RowFinder(records);
  const sentences: Sentence[] = [];
  for (const block of blocks) {
    const within = rows.within(block);
    if (block.kind === 'boilerplate') continue;
    for (const { start, end } of spansOf(decoded, block, within))
      sentences.push({ start, end, section: 0, isLog: false });
  }
  return sentences;
}

/** Finds the rows of tables, asked block by block. */
class RowFinder {
  readonly #records: readonly TextRecord[];

  #at = 0;

  /** @param records in the order of their beginnings */
  constructor(records: readonly TextRecord[]) {
    this.#records = records;
  }

  within({ start, end }: Span): Span[] {
    const within: Span[] = [];
    for (; this.#at < this.#records.length; this.#at++) {
      const record = this.#records[this.#at]!;
      if (record.kind !== 'row' || record.start < start) continue;
      if (record.end > end) break;
      within.push(record);
    }
    return within;
  }
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
