import type { Answer, Coverage, Passage, Summary } from '../../models/document/types.js';
import { whereWords } from '../formatting/place.js';
import { unreadWords } from '../formatting/unread-words.js';
import { formatShare } from '../protocol/format.js';
import type { DocumentSource } from '../documents/source.js';
import { sectionName } from '../formatting/section-name.js';
import { inEnglish } from '../formatting/translate.js';

/** The document, and of a packed file its pages and what of it gave no text. */
export type Source = Pick<DocumentSource, 'name' | 'packed'>;

/**
 * What a language model is told, in English: it is not the reader. Every piece is verbatim and has its line, and
 * the share that was read is always said.
 */
export function summaryText(source: Source, { coverage, overview, sections, keyTerms }: Summary): string {
  const passageWords = wordsOf(source);
  return [
    `Extractive summary of ${source.name}. ${coverageWords(coverage, source)}`,
    '',
    ...overview.map(passageWords),
    ...sections.flatMap((section) => [
      '',
      `## ${sectionName(section, inEnglish)}`,
      ...section.sentences.map(passageWords),
    ]),
    '',
    `Key terms: ${keyTerms.map(({ term, count }) => `${term} (${count})`).join(', ')}`,
  ].join('\n');
}

export function passagesText(source: Source, coverage: Coverage, passages: readonly Passage[]): string {
  const { name } = source;
  const read = coverageWords(coverage, source);
  if (passages.length === 0) return `No passage of ${name} matches. ${read}`;
  return [`Passages of ${name}, best first. ${read}`, '', ...passages.map(wordsOf(source))].join('\n');
}

export function answerText(source: Source, coverage: Coverage, given: Answer): string {
  const { passages = [] } = given;
  const best = ['', 'Passages that fit the question best:', ...passages.map(wordsOf(source))];
  return [verdictText(source, coverage, given), ...(passages.length > 0 ? best : [])].join('\n');
}

function verdictText(
  source: Source,
  coverage: Coverage,
  { answer, verified, probability, remembered, lookedUp, evidence }: Answer,
): string {
  const { name, packed } = source;
  const all = packed && packed.unread.length > 0 ? 'All text that it gave' : 'All of it';
  const searched = lookedUp ? ` ${all} was searched for this question.` : '';
  const read = coverageWords(coverage, source) + searched;
  if (answer === 'none')
    return lookedUp
      ? `${name} does not seem to say. ${read}`
      : `${name} does not say, as far as it was read. ${read}`;
  const place = remembered === undefined ? '' : ' The place was looked up for this question.';
  const sure = probability === undefined ? '' : `, right with a probability of ${probability.toFixed(2)}`;
  if (!verified && sure !== '') {
    const mark = `Likely, not verified${sure}: check it at the evidence.`;
    return [answer, `${mark} ${read}`, '', ...evidence.map(wordsOf(source))].join('\n');
  }
  const mark = verified
    ? `It stands verbatim in the text at the evidence.${place}`
    : 'NOT verified: it does not stand at the evidence, so do not rely on it.';
  return [answer, `${mark} ${read}`, '', ...evidence.map(wordsOf(source))].join('\n');
}

function coverageWords({ bytes, complete, scannedBytes }: Coverage, { packed }: Source): string {
  const unread = packed && unreadWords(packed, inEnglish);
  const missing = unread === undefined ? '' : ` ${unread}`;
  if (scannedBytes !== undefined) {
    return `The model read ${formatShare(bytes / scannedBytes)} of it, chosen by a fast pass over every byte.${missing}`;
  }
  if (!complete) return `Only its first ${bytes} bytes were read.${missing}`;
  return unread ?? 'All of it was read.';
}

/** A passage with its line, and with its page, chapter, slide or sheet where the file has such. */
function wordsOf({ packed }: Source): (passage: Passage) => string {
  return (passage) => {
    const where = whereWords(passage, packed?.anchors, inEnglish);
    return `- ${where.slice(0, 1).toLowerCase()}${where.slice(1)}: ${passage.text.replace(/\s+/g, ' ').trim()}`;
  };
}
