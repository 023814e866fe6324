import type { Anchor } from '../../models/packed/types.js';
import type { Span } from '../../models/text/span.js';
import type { Answer, Passage, Summary } from '../../models/document/types.js';
import {
  formatCount,
  formatDuration,
  progressParts,
  shareRead,
  wasReadWhole,
  type ReadingState,
  type Sized,
} from '../progress/reading-progress.js';
import type { EngineInfo } from '../protocol/engine.js';
import { escapeMarkdown } from '../formatting/escape-markdown.js';
import { placeWords, whereWords } from '../formatting/place.js';
import { sectionName } from '../formatting/section-name.js';
import type { Translate } from '../formatting/translate.js';
import { unreadWords } from '../formatting/unread-words.js';
import { append } from '../../models/text/lists.js';

/** Where a passage is, as the target of a Markdown link. */
export type LinkTo = (range: Span) => string;

/** What a summary document says about its source besides the summary itself. */
export interface SummaryContext extends Sized {
  /** File name of the document. */
  readonly name: string;
  readonly link: LinkTo;
  readonly t: Translate;
  /** What ran the model. */
  readonly engine?: EngineInfo;
  /** Why it was the slower engine, where the reader did not ask for that. */
  readonly fallback?: string;
  /** Where it was read in stages: about how long the model would need for all of it. */
  readonly secondsForAll?: number;
  /** Pages, chapters, slides or sheets, where it was unpacked from a file that has them. */
  readonly anchors?: readonly Anchor[];
  /** The text was edited while or after it was read. */
  readonly edited?: boolean;
}

/** UTF-16 units that are kept on one line: “Page 1234”. */
const MAX_UNBROKEN = 16;

/** @param isWhole whether all lines were read that are counted as alike */
function line(passage: Passage, { link, anchors, t }: SummaryContext, isWhole = true): string {
  const { count } = passage;
  const alike = (n: string) =>
    isWhole ? t('({0} lines like this)', n) : t('(at least {0} lines like this)', n);
  const times = count === undefined ? '' : ` ${alike(formatCount(count))}`;
  const place = placeWords(anchors, passage.start, t);
  const seen = place === undefined ? '' : ` ·\u00a0${unbroken(escapeMarkdown(place))}`;
  const title = whereWords(passage, anchors, t).replace(/["\\\s]+/g, ' ');
  return `- [${escapeMarkdown(passage.text)}](${link(passage)} "${title}")${times}${seen}`;
}

/** A place on one line, unless it is the title of a chapter. */
function unbroken(place: string): string {
  return place.length > MAX_UNBROKEN ? place : place.replace(/ /g, '\u00a0');
}

function head(context: SummaryContext): string[] {
  return [`# ${context.t('Summary of {0}', escapeMarkdown(context.name))}`, ''];
}

function coverageLine(summary: Summary, context: SummaryContext): string {
  const { engine, t } = context;
  const read = shareRead(summary.coverage, context, t);
  const tokens = t('{0} tokens', formatCount(summary.coverage.tokens));
  const time = formatDuration(summary.timing.readMs / 1000, t);
  const speed = t('{0} tokens/s', formatCount(Math.round(summary.timing.tokensPerSecond)));
  const device = engine ? `${summary.engine} (${engine.device})` : summary.engine;
  // Plain text needs no word.
  const as = summary.format === 'text' ? [] : [t('read as {0}', summary.format)];
  const parts = [`**${read}**`, tokens, `${time}, ${speed}`, `MemMamba ${summary.model}, ${device}`, ...as];
  return `> ${parts.map((part, i) => (i === 0 ? part : escapeMarkdown(part))).join(' · ')}`;
}

/**
 * The summary as Markdown. Every sentence is the document's own, whole, and links to where it stands.
 */
export function summaryMarkdown(summary: Summary, context: SummaryContext): string {
  const { t, link } = context;
  const isWhole = wasReadWhole(summary.coverage);
  const item = (passage: Passage) => line(passage, context, isWhole);
  const out = [...head(context), coverageLine(summary, context)];
  for (const note of notesOn(summary, context)) out.push('>', `> ${escapeMarkdown(note)}`);

  out.push('', `## ${t('Overview')}`, '');
  if (summary.overview.length === 0) out.push(t('No sentence stands out in what was read.'));
  append(out, summary.overview.map(item));

  const sections = summary.sections.filter((section) => section.sentences.length > 0);
  if (sections.length > 0) out.push('', `## ${t('Section by Section')}`);
  for (const section of sections) {
    const name = escapeMarkdown(sectionName(section, t));
    const start = link({ start: section.start, end: section.start });
    out.push('', `### [${name}](${start})`, '');
    append(out, section.sentences.map(item));
  }

  if (summary.keyTerms.length > 0) out.push('', `## ${t('Key Terms')}`, '');
  for (const term of summary.keyTerms) {
    const times = t('{0} ×, first in line {1}', term.count, term.line);
    out.push(`- [${escapeMarkdown(term.term)}](${link(term)}) ${times}`);
  }
  return out.join('\n') + '\n';
}

/** What is to be known of a summary before it is read: what it leaves out, and where to trust it less. */
function notesOn(
  { coverage, caution, pieces }: Summary,
  { t, secondsForAll, edited, fallback, packed }: SummaryContext,
): string[] {
  const notes: string[] = [];
  const unread = packed && unreadWords(packed, t);
  if (unread !== undefined) notes.push(unread);
  if (!coverage.complete) {
    notes.push(
      t('Reading stopped before the end: what follows says nothing about the rest of the document.'),
    );
  }
  if (pieces !== undefined)
    notes.push(t('The text is longer than its parser takes at once. It was parsed in {0} pieces.', pieces));
  if (coverage.undecoded !== undefined)
    notes.push(
      t('{0} characters stand for bytes that are no UTF-8: “\ufffd”.', formatCount(coverage.undecoded)),
    );
  if (coverage.scannedBytes !== undefined) {
    const seen = t(
      'The document is too long to be read whole here at once. A fast pass looked at every byte and chose what the model read: what is rare in it, literals, and parts from all over it.',
    );
    const rest =
      secondsForAll === undefined
        ? []
        : [t('“MemMamba: Read Everything” would take about {0}.', formatDuration(secondsForAll, t))];
    notes.push([seen, ...rest].join(' '));
  }
  if (caution === 'language') {
    notes.push(
      t('The text is not English, which the model was trained on: what it notes is a weak guide here.'),
    );
  } else if (caution === 'code') {
    notes.push(t('The text is mostly source code, of which the model has seen little.'));
  }
  if (edited) notes.push(t('The document has been edited since; this is about the text as it was.'));
  if (fallback) notes.push(fallback);
  return notes;
}

/** Questions that were asked, and searches, with what they found; nothing where there were none. */
export function findingsMarkdown(
  answers: readonly { readonly question: string; readonly answer: Answer }[],
  passages: readonly { readonly query: string; readonly passages: readonly Passage[] }[],
  context: SummaryContext,
): string {
  const { t } = context;
  const out: string[] = [];
  if (answers.length > 0) out.push('', `## ${t('Questions')}`);
  for (const { question, answer } of answers) {
    const mark = answer.verified ? t('found in the text') : t('not found in the text');
    out.push('', `### ${escapeMarkdown(question)}`, '', `**${escapeMarkdown(answer.answer)}** (${mark})`, '');
    for (const passage of answer.evidence) out.push(line(passage, context));
  }
  if (passages.length > 0) out.push('', `## ${t('Passages')}`);
  for (const { query, passages: found } of passages) {
    out.push('', `### ${escapeMarkdown(query)}`, '');
    append(
      out,
      found.map((passage) => line(passage, context)),
    );
  }
  return out.length > 0 ? `${out.join('\n')}\n` : '';
}

/** What stands in the summary's place while the document is read. */
export function readingMarkdown(state: ReadingState | undefined, context: SummaryContext): string {
  const { t } = context;
  if (!state) return messageMarkdown(t('Loading the model…'), context);
  const [share = '', ...rest] = progressParts(state, t);
  return [...head(context), `> ${[`**${t('Reading: {0}', share)}**`, ...rest].join(' · ')}`, ''].join('\n');
}

/** What stands there when no summary could be made, or an old one was not kept. */
export function messageMarkdown(message: string, context: SummaryContext): string {
  return [...head(context), `> ${escapeMarkdown(message)}`, ''].join('\n');
}

/**
 * Finds the links that `summaryMarkdown` writes: where their texts stand, as offsets, and their targets.
 */
export function markdownLinks(markdown: string): { start: number; end: number; target: string }[] {
  return Array.from(markdown.matchAll(/\[((?:\\.|[^\\\]\n])+)\]\(([^)\s]+)(?: "[^"\n]*")?\)/g), (match) => {
    const [, text = '', target = ''] = match;
    return { start: match.index + 1, end: match.index + 1 + text.length, target };
  });
}
