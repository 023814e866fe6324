import { blockOf, type Block, type BlockKind } from '../block.js';
import { ITEM } from '../headings.js';
import type { TextLine } from '../lines.js';
import { asItStands, type Parsed } from '../parsed.js';
import type { TextRecord } from '../records.js';
import { barRow } from './bar-table.js';

/**
 * Org mode, line by line. It knows headlines with their to-do words, priorities and tags. It knows `#+` lines,
 * drawers, comments, planning lines, tables, lists and footnotes. Blocks of code, examples and comments are code, others
 * text. orga, the library that was tried, calls itself for every headline and ends at a thousand of them.
 */

const HEADLINE =
  /^(\*+)\s+(?:(?:TODO|DONE|NEXT|WAITING|CANCELLED|CANCELED|HOLD|STARTED|PROJ)\s+)?(?:\[#[A-Z\d]\]\s+)?(.*?)(?:\s+(:[\p{L}\p{N}_@#%:]+:))?$/u;
const CODE = /^#\+begin_(src|example|comment|export|latex|html|ascii)\b/iu;
const DRAWER = /^:([\w-]+):\s*$/u;
const PLANNING = /^(?:SCHEDULED|DEADLINE|CLOSED|CLOCK):/u;

/** Shows the line as one of a list of headlines: alone between empty lines, and no sentence. */
function isHeadline(lines: readonly TextLine[], i: number): boolean {
  const line = lines[i]!.text;
  return (
    /^\*{1,8} \S.*[^\s.,;:*]$/u.test(line) &&
    (lines[i - 1]?.trimmed ?? '') === '' &&
    (lines[i + 1]?.trimmed ?? '') === ''
  );
}

/** Org mode, or its older sister, outline mode. */
export function isOrg(lines: readonly TextLine[], share: (pattern: RegExp) => number): boolean {
  const head = lines.slice(0, 2000);
  const some = (pattern: RegExp) => head.filter(({ text }) => pattern.test(text)).length;
  if (share(/^#{2,6} /u) > 0) return false;
  if (/-\*- *(?:mode: *)?(?:org|outline)\b/u.test(lines[0]?.text ?? '') && some(/^\*+ \S/u) > 0) return true;
  const marks = some(
    /^#\+(?:TITLE|AUTHOR|DATE|OPTIONS|STARTUP|BEGIN_\w+|PROPERTY|FILETAGS|TODO|LATEX_\w+|CAPTION|NAME)\b.*$/iu,
  );
  const drawers = some(/^\s*:(?:PROPERTIES|END|LOGBOOK):\s*$/u);
  const headlines = some(/^\*{1,8} \S/u);
  if (marks + drawers >= 2 || (marks + drawers >= 1 && headlines >= 1)) return true;
  if (headlines < 3 || some(/^\*{2,8} \S/u) === 0) return false;
  const apart = head.filter((_, i) => isHeadline(lines, i));
  const deeper = apart.filter(({ text }) => text.startsWith('**')).length;
  return some(/^\*{2,} (?:TODO|DONE) /u) > 0 || (deeper >= 2 && apart.length - deeper >= 1);
}

export function parseOrg(text: string, lines: readonly TextLine[]): Parsed {
  const blocks: Block[] = [];
  const records: TextRecord[] = [];
  let paragraph: TextLine[] = [];
  const flush = (kind: BlockKind = ITEM.test(paragraph[0]?.trimmed ?? '') ? 'item' : 'prose') => {
    const block = blockOf(paragraph, kind);
    if (block) blocks.push(block);
    paragraph = [];
  };
  const until = (i: number, isLast: (line: string) => boolean): number => {
    for (let j = i + 1; j < lines.length; j++) if (isLast(lines[j]!.trimmed)) return j;
    return i;
  };
  const names: { header: readonly string[] | undefined } = { header: undefined };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const { trimmed } = line;
    const headline = line.text.startsWith('*') ? HEADLINE.exec(line.text.slice(0, 400).trimEnd()) : null;
    const isTable = trimmed.startsWith('|');
    if (!isTable) names.header = undefined;
    if (headline) {
      flush();
      const block = blockOf([line], 'heading');
      const title = plain(headline[2]!);
      if (block && title !== '') blocks.push({ ...block, level: headline[1]!.length, title });
    } else if (trimmed === '') flush();
    else if (CODE.test(trimmed)) {
      flush();
      const end = new RegExp(`^#\\+end_${CODE.exec(trimmed)![1]!}\\b`, 'iu');
      const last = until(i, (other) => end.test(other));
      paragraph = lines.slice(i, last + 1);
      flush('code');
      i = last;
    } else if (trimmed.startsWith('#+') || /^#(?:\s|$)/u.test(trimmed) || PLANNING.test(trimmed)) flush();
    else if (DRAWER.test(trimmed)) {
      flush();
      i = until(i, (other) => /^:END:$/iu.test(other));
    } else if (isTable) {
      flush();
      const block = blockOf([line], 'table')!;
      names.header = barRow(line, block, names.header, blocks, records);
    } else {
      if (ITEM.test(trimmed)) flush();
      paragraph.push(line);
    }
  }
  flush();
  return asItStands(text, blocks, records);
}

/** A title without links' marks and emphasis. */
function plain(title: string): string {
  return title
    .replace(/\[\[(?:[^[\]]*)\]\[([^[\]]*)\]\]/gu, '$1')
    .replace(/\[\[([^[\]]*)\]\]/gu, '$1')
    .replace(/(?<![\p{L}\p{N}])([*/_=~+])(\S(?:.*?\S)?)\1(?![\p{L}\p{N}])/gu, '$2')
    .replace(/\s*\[\d+(?:\/\d+|%)?\]\s*$/u, '')
    .trim();
}
