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
const STAMP = `[\\u200e\\u200f]?(?:\\[(${DAY})[, ]+${TIME}\\]|(${DAY}),?[ \\u00a0]+${TIME}\\s+[-–]|\\[?${TIME}\\]?(?=\\s+(?:<[^>]{1,40}>|\\* |-!-|-->|<--|---|\\*{3})\\s?))\\s*`;
const NAME = '(?:<[@+ ]?([^>\\n]{1,60})>|([\\p{L}\\p{N}+(~@\\u200e_][^:\\n]{0,60}):)(?:\\s|$)\\s*';
const LINE = new RegExp(`^${STAMP}`, 'u');
const MESSAGE = new RegExp(`^${STAMP}${NAME}`, 'u');
/** What stands for a picture or a call, in the languages that exports are found in. */
const NOTHING =
  /^[\u200e\u200f]?(?:<[^<>]{3,60}>|(?:image|video|audio|sticker|gif|document|contact card|bild|foto|imagen|imagem|immagine|vidéo|изображение) (?:omitted|weggelassen|ausgeschlossen|omitida|omitido|ocultada|oculto|omessa|absente|absent|отсутствует)|\S+ \((?:file attached|datei angehängt|fichier joint|archivo adjunto)\)|\(?file attached\)?|(?:this message was deleted|diese nachricht wurde gelöscht|ce message a été supprimé|se eliminó este mensaje)\.?|you deleted this message\.?|missed (?:voice|video) call.*|null)$/iu;
/** What the system says at the beginning, as if the group had said it. */
const NOTICE =
  /^[\u200e\u200f]?(?:messages|nachrichten|les messages|los mensajes|i messaggi|as mensagens|сообщения|berichten)\b.{0,80}(?:encrypted|verschlüsselt|chiffrés|cifrados|crittografat|criptografadas|зашифрован|versleuteld)|^(?:消息|メッセージ).{0,60}(?:加密|暗号)/iu;
/** Share of the lines that begin a message, at least; others go on. */
const MOSTLY = 0.4;

export function isChat(sample: readonly TextLine[]): boolean {
  const lines = sample.filter(({ trimmed }) => LINE.test(trimmed));
  if (lines.length < 3 || lines.length < sample.length * MOSTLY) return false;
  const named = lines.filter(({ trimmed }) => MESSAGE.test(trimmed)).map(({ trimmed }) => nameIn(trimmed));
  const people = new Set(named).size;
  return named.length >= 2 && (people <= 2 || people < named.length);
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
  const words = line.slice(found?.[0].length ?? 0);
  if (!found || said >= end || NOTHING.test(words) || NOTICE.test(words))
    return { block: { kind: 'boilerplate', start, end } };
  const block: Block = { kind: 'turn', start, end, said, ...(day !== undefined && { day }) };
  const name = nameIn(line);
  return { block, record: { kind: 'message', start, end, fields: [{ name, start: said, end }] } };
}
