import type { Answer, Coverage, Passage, Summary } from '../../models/document/types.js';
import { formatShare } from '../protocol/format.js';
import { sectionName } from '../formatting/section-name.js';
import { inEnglish } from '../formatting/translate.js';

/**
 * What a language model is told, in English: it is not the reader. Every piece is verbatim and has its line, and
 * the share that was read is always said.
 */
export function summaryText(name: string, { coverage, overview, sections, keyTerms }: Summary): string {
  return [
    `Extractive summary of ${name}. ${coverageWords(coverage)}`,
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

export function passagesText(name: string, coverage: Coverage, passages: readonly Passage[]): string {
  if (passages.length === 0) return `No passage of ${name} matches. ${coverageWords(coverage)}`;
  return [
    `Passages of ${name}, best first. ${coverageWords(coverage)}`,
    '',
    ...passages.map(passageWords),
  ].join('\n');
}

export function answerText(
  name: string,
  coverage: Coverage,
  { answer, verified, remembered, lookedUp, evidence }: Answer,
): string {
  const searched = lookedUp ? ' All of it was searched for this question.' : '';
  const read = coverageWords(coverage) + searched;
  if (answer === 'none')
    return lookedUp
      ? `${name} does not seem to say. ${read}`
      : `${name} does not say, as far as it was read. ${read}`;
  const place = remembered === undefined ? '' : ' The place was looked up for this question.';
  const mark = verified
    ? `It stands verbatim in the text at the evidence.${place}`
    : 'NOT verified: it does not stand at the evidence, so do not rely on it.';
  return [answer, `${mark} ${read}`, '', ...evidence.map(passageWords)].join('\n');
}

function coverageWords({ bytes, complete, scannedBytes }: Coverage): string {
  if (scannedBytes !== undefined) {
    return `The model read ${formatShare(bytes / scannedBytes)} of it, chosen by a fast pass over every byte.`;
  }
  return complete ? 'All of it was read.' : `Only its first ${bytes} bytes were read.`;
}

const passageWords = ({ line, text }: Passage) => `- line ${line}: ${text.replace(/\s+/g, ' ').trim()}`;
