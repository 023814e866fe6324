import type { Block } from '../block.js';
import type { TextLine } from '../lines.js';
import { asItStands, type Parsed } from '../parsed.js';
import type { TextRecord } from '../records.js';

/**
 * Exports of chats (WhatsApp, Signal, Telegram, IRC): a line begins with its day and time, or its time, then who wrote
 * it; the lines below belong to it. What nobody wrote is a notice of the system.
 */

const DAY = '(?:\\d{1,2}[./-]\\d{1,2}[./-]\\d{2,4}|\\d{4}[./-]\\d{1,2}[./-]\\d{1,2})';
const TIME = '\\d{1,2}[:.]\\d{2}(?:[:.]\\d{2})?(?:[ \\u00a0\\u202f]?[AaPp]\\.?[Mm]\\.?)?';
const STAMP = `[\\u200e\\u200f]?(?:\\[(${DAY})[, ]+${TIME}\\]|(${DAY}),?[ \\u00a0]+${TIME}\\s+[-–]|\\[?${TIME}\\]?(?=\\s+<[^>]{1,40}>\\s))\\s*`;
const NAME = '(?:<[@+ ]?([^>\\n]{1,60})>|([\\p{L}\\p{N}+(~@\\u200e_][^:\\n]{0,60}):)(?:\\s|$)\\s*';
const LINE = new RegExp(`^${STAMP}`, 'u');
const MESSAGE = new RegExp(`^${STAMP}${NAME}`, 'u');
/** What stands for a picture or a call. */
const NOTHING =
  /^[\u200e\u200f]?(?:<[^<>]{3,60}>|(?:image|video|audio|sticker|gif|document|contact card) omitted|\(?file attached\)?|this message was deleted\.?|you deleted this message\.?|missed (?:voice|video) call.*)$/iu;
/** Share of the lines that begin a message, at least; others go on. */
const MOSTLY = 0.4;

export function isChat(sample: readonly TextLine[]): boolean {
  const lines = sample.filter(({ trimmed }) => LINE.test(trimmed));
  if (lines.length < 3 || lines.length < sample.length * MOSTLY) return false;
  const named = lines.filter(({ trimmed }) => MESSAGE.test(trimmed)).map(({ trimmed }) => nameIn(trimmed));
  return named.length >= 2 && new Set(named).size <= Math.max(2, named.length * 0.7);
}

function nameIn(line: string): string {
  const found = MESSAGE.exec(line);
  return (found?.[3] ?? found?.[4] ?? '').trim();
}

export function parseChat(text: string, lines: readonly TextLine[]): Parsed {
  const blocks: Block[] = [];
  const records: TextRecord[] = [];
  let group: TextLine[] = [];
  const flush = () => {
    const message = group.length > 0 ? messageOf(group) : undefined;
    if (message) {
      blocks.push(message.block);
      if (message.record) records.push(message.record);
    }
    group = [];
  };
  for (const line of lines) {
    if (LINE.test(line.trimmed)) flush();
    if (line.trimmed !== '' || group.length > 0) group.push(line);
  }
  flush();
  return asItStands(text, blocks, records);
}

function messageOf(group: readonly TextLine[]): { block: Block; record?: TextRecord } | undefined {
  const first = group[0]!;
  const last = group.findLast(({ trimmed }) => trimmed !== '') ?? first;
  const lead = first.text.length - first.text.trimStart().length;
  const start = first.start + lead;
  const end = last.start + last.text.trimEnd().length;
  if (end <= start) return undefined;
  const line = first.text.slice(lead);
  const found = MESSAGE.exec(line);
  const stamp = LINE.exec(line);
  const day = stamp?.[1] ?? stamp?.[2];
  const said = start + (found?.[0].length ?? 0);
  if (!found || said >= end || NOTHING.test(line.slice(found[0].length)))
    return { block: { kind: 'boilerplate', start, end } };
  const block: Block = { kind: 'turn', start, end, said, ...(day !== undefined && { day }) };
  const name = nameIn(line);
  return { block, record: { kind: 'message', start, end, fields: [{ name, start: said, end }] } };
}
