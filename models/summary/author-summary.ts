import type { DocumentText } from '../reading/document-text.js';
import type { Layout } from '../reading/layout.js';
import { smallest } from '../text/lists.js';

/** Sentences [from, to) with which a document sums itself up. */
export interface OwnSummary {
  readonly from: number;
  readonly to: number;
}

/** Headings of a summary by the authors themselves, in English and Chinese. */
const TITLE =
  /^(?:\d[\d.]*\s+)?(?:(?:simple|executive|chapter|section|plain[- ]language)\s+)?(?:abstract|summary|synopsis|tl;?dr|key (?:points|takeaways)|in (?:short|brief)|摘要|概要|提要|内容提要)[:：]?$/iu;
/** A citation by name and year, or by number. */
const CITATION =
  /\bet al\b|\(\p{Lu}[\p{L}’'-]+(?:[^()]{0,60}?,)?\s(?:19|20)\d\d[a-z]?[;)]|\p{Lu}\p{L}+ \((?:19|20)\d\d[a-z]?\)|\[\d{1,3}(?:[,–-] ?\d{1,3})*\]/u;
/** How an abstract speaks of its paper. */
const PAPER =
  /\b(?:(?:in )?this (?:paper|article|work|thesis)|the (?:present|current) (?:paper|study|work)|(?:we|i) (?:address|apply|argue|compare|consider|demonstrate|describe|develop|discuss|evaluate|examine|explore|extend|find|introduce|investigate|present|propose|report|show|study|use)|our (?:algorithm|analysis|approach|evaluation|experiments|method|model|results|system|work))\b/iu;
/** An abstract that stands in the text without a heading of its own. */
const INLINE = /(?:^|\s)(?:Abstract|ABSTRACT)[.:—-]?\s+(?=\p{Lu})/u;

/** Shares of a document within and after which it sums itself up. */
const OPENING = 0.1;
const CLOSING = 0.75;
/** UTF-16 units in which an abstract without a heading is looked for. */
const OPENING_UNITS = 3000;
/** Share of the sentences of a scientific paper that cite. */
const CITES = 0.02;
/** Words of an abstract at most. */
const ABSTRACT_WORDS = 220;

/**
 * The authors' own summary, where a document brings one: a section of such a title, or the opening of a
 * scientific paper, which is known by its citations throughout and by speaking of itself at once.
 */
export function ownSummaryOf(text: DocumentText, { sentences, blocks }: Layout): OwnSummary | undefined {
  const levels = blocks.flatMap(({ kind, level }) => (kind === 'heading' ? [level!] : []));
  // One far down in the structure sums up its chapter only, and so may each of several.
  const deepest = smallest(levels) + 1;
  const titled = blocks.filter(({ title, level }) => TITLE.test(title ?? '') && level! <= deepest);
  const heading = titled[0];
  if (
    heading &&
    (heading.start < OPENING * text.length || (titled.length === 1 && heading.start > CLOSING * text.length))
  ) {
    const after = blocks.find(
      (block) => block.kind === 'heading' && block.start > heading.start && block.level! <= heading.level!,
    );
    const from = sentences.findIndex((sentence) => sentence.start >= heading.end);
    const to = sentences.findLastIndex((sentence) => sentence.end <= (after?.start ?? Infinity)) + 1;
    if (from >= 0 && to > from) return { from, to };
  }
  const words = sentences.map(({ start, end }) => text.slice(start, end));
  const inline = INLINE.exec(text.slice(0, OPENING_UNITS));
  if (inline) return abstractFrom(sentences.findIndex(({ end }) => end > inline.index));
  let citing = 0;
  for (const sentence of words) if (CITATION.test(sentence)) citing++;
  if (citing < 3 || citing < CITES * words.length) return undefined;
  const opening = abstractFrom(0);
  return words.slice(0, opening?.to).some((sentence) => PAPER.test(sentence)) ? opening : undefined;

  /** An abstract ends where the first section begins, or after so many words. */
  function abstractFrom(from: number): OwnSummary | undefined {
    if (from < 0) return undefined;
    const next = blocks.find((block) => block.kind === 'heading' && block.start > sentences[from]!.end);
    let to = from;
    for (let count = 0; to < sentences.length && sentences[to]!.start < (next?.start ?? Infinity); to++) {
      count += words[to]!.split(/\s+/u).length;
      if (to > from && count > ABSTRACT_WORDS) break;
    }
    return { from, to };
  }
}
