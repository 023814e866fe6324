/** What must hold of the layout of any text. */
import MarkdownIt from 'markdown-it';
import { DocumentText } from '../../../models/reading/document-text.js';
import { layoutOf, type Layout } from '../../../models/reading/layout.js';
import { LONGEST_PIECE } from '../../../models/text/pieces.js';
import type { RealText } from './real-texts.js';

/**
 * Kinds of faults: an exception; a range that is no slice of what is shown, or leaves the text, or overlaps; a piece
 * without a sentence's end above 400 units; headings of which no section came; time out of proportion.
 */
export const FAULTS = ['exception', 'slice', 'endless', 'no sections', 'slow'] as const;

interface Fault {
  readonly kind: (typeof FAULTS)[number];
  readonly detail: string;
}

export interface Checked {
  readonly format: string;
  /** UTF-16 units. */
  readonly length: number;
  /** Of processor time. */
  readonly seconds: number;
  readonly sentences: number;
  /** Sentences with an end that are above 400 units. */
  readonly longSentences: number;
  readonly sections: number;
  readonly headings: number;
  /** Headings that the text's own marks show, where its name says its format, and how many of them are ours. */
  readonly expectedHeadings?: number | undefined;
  readonly foundHeadings: number;
  readonly faults: readonly Fault[];
}

/** Seconds a million units, at most, and what any text may take. */
const SLOW = { perMillion: 2, any: 0.3 };
/** A sentence's end, maybe with marks of quotations, notes and emphasis. */
const END = /[.!?:;…。！？؟।][\p{Pe}\p{Pf}"'`*_~»”’]*(?:\[[^\]\s]{1,12}\]|[¹²³⁰-⁹†‡*])*$/u;

export function checkedLayout(text: string, kind: RealText['kind']): Checked {
  const document = new DocumentText();
  document.append(text);
  const begin = process.cpuUsage();
  let layout: Layout;
  try {
    layout = layoutOf(document);
  } catch (error) {
    const detail =
      error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : '';
    const none = { seconds: 0, sentences: 0, longSentences: 0, sections: 0, headings: 0, foundHeadings: 0 };
    return { format: 'none', length: text.length, ...none, faults: [{ kind: 'exception', detail }] };
  }
  const { user, system } = process.cpuUsage(begin);
  const seconds = (user + system) / 1e6;
  const faults: Fault[] = [];
  if (seconds > SLOW.any && seconds > (SLOW.perMillion * text.length) / 1e6)
    faults.push({ kind: 'slow', detail: `${seconds.toFixed(2)} s for ${text.length}` });
  const wrong = wrongSlice(text, layout);
  if (wrong !== undefined) faults.push({ kind: 'slice', detail: wrong });
  const { long, endless } = longPieces(layout);
  if (endless !== undefined) faults.push({ kind: 'endless', detail: endless });
  const titles = layout.blocks.flatMap(({ kind: block, title }) => (block === 'heading' ? [title!] : []));
  if (titles.length >= 4 && text.length > 20_000 && layout.sections.length < 2)
    faults.push({
      kind: 'no sections',
      detail: `${titles.length} headings, ${layout.sections.length} sections`,
    });
  return {
    format: layout.format,
    length: text.length,
    seconds,
    sentences: layout.sentences.length,
    longSentences: long,
    sections: layout.sections.length,
    headings: titles.length,
    ...headingsIn(text, kind, titles),
    faults,
  };
}

function wrongSlice(
  text: string,
  { sentences, passages, blocks, records, decoded }: Layout,
): string | undefined {
  for (const [name, spans] of Object.entries({ sentences, passages })) {
    let last = 0;
    for (const { start, end } of spans) {
      const own = `${name} ${start}-${end}`;
      if (start < last || end <= start || end > text.length) return `${own} after ${last} of ${text.length}`;
      last = name === 'sentences' ? end : start;
      const range = decoded.fromSource(start, end);
      const back = decoded.toSource(range.start, range.end);
      if (back.start !== start || back.end !== end) return `${own} leads back to ${back.start}-${back.end}`;
      const shown = decoded.shown(start, end);
      if (decoded.edits === 0 && !decoded.outer && shown !== text.slice(start, end))
        return `${own} is another text`;
      if (shown.trim() === '') return `${own} shows nothing`;
    }
  }
  let last = 0;
  for (const { kind, start, end } of blocks) {
    if (start < last || end <= start || end > text.length)
      return `block ${kind} ${start}-${end} after ${last}`;
    last = end;
  }
  for (const { kind, start, end, fields } of records) {
    for (const field of fields)
      if (field.start < start || field.end > end || field.end < field.start)
        return `field ${field.name} ${field.start}-${field.end} of ${kind} ${start}-${end}`;
  }
  return undefined;
}

function longPieces({ sentences, decoded }: Layout): { long: number; endless: string | undefined } {
  let long = 0;
  let endless: string | undefined;
  for (const { start, end } of sentences) {
    if (end - start <= LONGEST_PIECE) continue;
    const shown = decoded.shown(start, end);
    if (shown.length <= LONGEST_PIECE) continue;
    if (END.test(shown)) long++;
    else endless ??= `${start}: ${JSON.stringify(shown.slice(0, 60))} … ${JSON.stringify(shown.slice(-60))}`;
  }
  return { long, endless };
}

const markdown = new MarkdownIt({ html: true });

/** Headings by another way: `markdown-it`, tags, requests of roff. */
function headingsIn(
  text: string,
  kind: RealText['kind'],
  titles: readonly string[],
): Pick<Checked, 'expectedHeadings' | 'foundHeadings'> {
  const expected = (() => {
    if (kind === 'markdown')
      return markdown.parse(text, {}).flatMap((token, i, all) => {
        if (token.type !== 'heading_open') return [];
        return [(all[i + 1]?.children ?? []).map(({ content }) => content).join('')];
      });
    if (kind === 'html')
      return Array.from(text.matchAll(/<h[1-6]\b[^>]*>([^<]+)</giu), ([, title]) => title!);
    if (kind === 'roff') return Array.from(text.matchAll(/^\.S[Hh]\s+"?([^"\n]+)/gmu), ([, title]) => title!);
    return undefined;
  })();
  if (!expected) return { foundHeadings: 0 };
  const form = (title: string) =>
    title
      .replace(/&[#\w]+;/gu, '')
      .replace(/[^\p{L}\p{N}]/gu, '')
      .toLowerCase();
  const ours = new Map<string, number>();
  for (const title of titles) ours.set(form(title), (ours.get(form(title)) ?? 0) + 1);
  let foundHeadings = 0;
  const named = expected.map(form).filter((title) => title !== '');
  for (const title of named) {
    const left = ours.get(title) ?? 0;
    if (left === 0) continue;
    ours.set(title, left - 1);
    foundHeadings++;
  }
  return { expectedHeadings: named.length, foundHeadings };
}
