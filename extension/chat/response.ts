import type { Answer, Coverage, Passage, Summary } from '../../models/document/types.js';
import type { DocumentSource } from '../documents/source.js';
import { foundWords, noAnswer } from '../formatting/no-answer.js';
import { shareRead } from '../progress/reading-progress.js';
import { escapeMarkdown } from '../formatting/escape-markdown.js';
import { whereWords } from '../formatting/place.js';
import { sectionName } from '../formatting/section-name.js';
import { unreadWords } from '../formatting/unread-words.js';
import type { Translate } from '../formatting/translate.js';
import { append } from '../../models/text/lists.js';

/** A piece of what the chat shows: Markdown, or a passage to go to. */
export type ResponsePart =
  | { readonly markdown: string }
  | { readonly passage: Pick<Passage, 'start' | 'end'>; readonly title: string };

/** What a reply says of the document. */
export interface ResponseContext {
  readonly source: Pick<DocumentSource, 'name' | 'totalBytes' | 'packed'>;
  readonly coverage: Coverage;
  readonly t: Translate;
}

/** A summary for the chat: every sentence verbatim, and a way to its place behind it. */
export function summaryResponse(
  { overview, sections, keyTerms }: Summary,
  context: ResponseContext,
): ResponsePart[] {
  const { t } = context;
  const parts = [head(context), ...overview.flatMap((sentence) => item(sentence, context))];
  for (const section of sections) {
    if (section.sentences.length === 0) continue;
    parts.push({ markdown: `\n\n**${escapeMarkdown(sectionName(section, t))}**\n` });
    append(
      parts,
      section.sentences.flatMap((sentence) => item(sentence, context)),
    );
  }
  if (keyTerms.length > 0) {
    const terms = keyTerms.map(({ term, count }) => `${escapeMarkdown(term)} (${count})`).join(', ');
    parts.push({ markdown: `\n\n**${t('Key Terms')}:** ${terms}\n` });
  }
  return parts;
}

/** What a search found, best first. */
export function passagesResponse(passages: readonly Passage[], context: ResponseContext): ResponsePart[] {
  const { t, source } = context;
  if (passages.length === 0) {
    return [head(context), { markdown: t('No passage in {0} matches.', escapeMarkdown(source.name)) }];
  }
  return [head(context), ...passages.flatMap((passage) => item(passage, context))];
}

/** An answer; one that does not stand in the text is never shown as a hit. */
export function answerResponse(result: Answer, context: ResponseContext): ResponsePart[] {
  const { answer, evidence } = result;
  const { t, source, coverage } = context;
  if (answer === 'none') {
    const about = { ...source, name: escapeMarkdown(source.name) };
    const none = { markdown: noAnswer(about, coverage, result, t) };
    return [head(context), none, ...bestPassages(result, context)];
  }
  return [
    head(context),
    { markdown: `${verdictOf(result, t)}\n` },
    ...evidence.flatMap((passage) => item(passage, context)),
    ...bestPassages(result, context),
  ];
}

function verdictOf(result: Answer, t: Translate): string {
  const { answer, verified, probability } = result;
  const said = escapeMarkdown(answer);
  if (verified) return foundWords(`**${said}**`, result, t);
  return probability === undefined
    ? t('The model says “{0}”, but the text does not: this is not a hit.', said)
    : t('Likely: {0} ({1} %)', `**${said}**`, Math.round(100 * probability));
}

/** The passages that fit the question best, in all cases. */
function bestPassages({ passages = [] }: Answer, context: ResponseContext): ResponsePart[] {
  if (passages.length === 0) return [];
  const { t } = context;
  const title = { markdown: `\n\n**${t('Passages that fit best')}**\n` };
  return [title, ...passages.flatMap((passage) => item(passage, context))];
}

function head({ coverage, source, t }: ResponseContext): ResponsePart {
  const unread = source.packed && unreadWords(source.packed, t);
  const missing = unread === undefined ? '' : ` ${escapeMarkdown(unread)}`;
  return { markdown: `*${shareRead(coverage, source, t)}*${missing}\n\n` };
}

function item(passage: Passage, { source, t }: ResponseContext): ResponsePart[] {
  const { start, end, text, snippet } = passage;
  return [
    { markdown: `\n- ${escapeMarkdown(snippet ?? text)} ` },
    { passage: { start, end }, title: whereWords(passage, source.packed?.anchors, t) },
  ];
}
