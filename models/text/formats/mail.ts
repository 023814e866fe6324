import type { Block } from '../block.js';
import { TextDecoding, type DecodedText } from '../decoded-text.js';
import { linesOf, type TextLine } from '../lines.js';
import { asItStands, parsedWithin, type Inner, type Parsed } from '../parsed.js';
import type { Span } from '../span.js';
import { decodeBase64, decodeQuotedPrintable, decodeWords } from './mail-encodings.js';
import { parseHtml } from './html.js';
import { textBlocks } from './text.js';

/**
 * Mailboxes and messages (RFC 5322, 2045 and 2047; mbox). It knows header lines that go on, encoded words, parts with
 * their encodings, and takes of several the one to read: plain text before HTML. A message is headed by its subject; what
 * it quotes, its signature and its header lines are boilerplate. Parsers of mail give no ranges in the source.
 */

const FROM = /^From \S+.*\d{4}(?:\s+[-+]\d{4})?\s*$/u;
const HEADER = /^([A-Za-z][A-Za-z0-9-]{1,40}):(?:\s|$)/u;
const KNOWN =
  /^(?:From|To|Cc|Subject|Date|Received|Return-Path|Message-I[dD]|MIME-Version|Mime-Version|Delivered-To|Reply-To|Content-Type|X-[\w-]+|DKIM-Signature|In-Reply-To|References|Newsgroups|Path|Sender|List-[\w-]+):/u;

/** The first lines are the head of a message. */
export function isMail(lines: readonly TextLine[]): boolean {
  const from = FROM.test(lines[0]?.text ?? '') ? 1 : 0;
  const names = new Set<string>();
  for (const { text } of lines.slice(from, from + 40)) {
    if (text.trim() === '') break;
    if (/^[ \t]/u.test(text)) continue;
    if (!HEADER.test(text)) return false;
    const known = KNOWN.exec(text)?.[0].toLowerCase();
    if (known !== undefined) names.add(known);
  }
  const hasPlace = ['from:', 'received:', 'return-path:', 'subject:'].some((name) => names.has(name));
  return hasPlace && names.size >= (from === 1 ? 1 : 3);
}

interface Header {
  readonly name: string;
  /** Behind the name, to the end of the last line that belongs to it. */
  readonly value: Span;
}

interface Head extends Span {
  readonly headers: readonly Header[];
  /** The line behind the empty one. */
  readonly next: number;
}

export function parseMail(text: string, lines: readonly TextLine[]): Parsed {
  const decoding = new TextDecoding(text);
  const messages: { head: Head; bodies: Body[] }[] = [];
  for (let i = 0; i < lines.length;) {
    const isSeparated = FROM.test(lines[i]!.text);
    const head = headOf(lines, isSeparated ? i + 1 : i, lines[i]!.start);
    let last = head.next;
    while (last < lines.length && !beginsMessage(lines, last)) last++;
    for (const { name, value } of head.headers) if (name === 'subject') decodeWords(text, value, decoding);
    messages.push({ head, bodies: bodiesOf(text, lines.slice(head.next, last), head, decoding) });
    i = Math.max(last, i + 1);
  }
  return assembled(text, decoding.end(), messages);
}

function assembled(
  text: string,
  decoded: DecodedText,
  messages: readonly { head: Head; bodies: readonly Body[] }[],
): Parsed {
  const parts: Inner[] = [];
  for (const { head, bodies } of messages) {
    const place = (span: Span) => decoded.fromSource(span.start, span.end);
    const before: Block[] = [];
    const subject = head.headers.find(({ name }) => name === 'subject');
    const title =
      subject && decoded.shown(subject.value.start, subject.value.end).replace(/\s+/gu, ' ').trim();
    if (subject) {
      const { start, end } = subject.value;
      const raw = text.slice(start, end);
      const lead = raw.length - raw.trimStart().length;
      if (start > head.start)
        before.push({ kind: 'boilerplate', ...place({ start: head.start, end: start + lead }) });
      if (title) before.push({ kind: 'heading', level: 1, title, ...place({ start: start + lead, end }) });
      if (end < head.end) before.push({ kind: 'boilerplate', ...place({ start: end + 1, end: head.end }) });
    } else if (head.end > head.start) before.push({ kind: 'boilerplate', ...place(head) });
    const [first, ...rest] = bodies;
    parts.push({
      ...(first ? place(first) : { start: place(head).end, end: place(head).end }),
      parse: first?.isHtml ? parseHtml : parseBody,
      before,
    });
    for (const body of rest) parts.push({ ...place(body), parse: body.isHtml ? parseHtml : parseBody });
  }
  return parsedWithin(decoded, parts);
}

/** In a mailbox a message begins behind an empty line, with the line of its sender and a header. */
function beginsMessage(lines: readonly TextLine[], i: number): boolean {
  if (!lines[i]!.text.startsWith('From ') || !FROM.test(lines[i]!.text)) return false;
  return (i === 0 || lines[i - 1]!.trimmed === '') && HEADER.test(lines[i + 1]?.text ?? '');
}

function headOf(lines: readonly TextLine[], from: number, start: number): Head {
  const headers: { name: string; value: { start: number; end: number } }[] = [];
  let i = from;
  let end = start;
  for (; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trimmed === '') break;
    const name = HEADER.exec(line.text)?.[1];
    if (/^[ \t]/u.test(line.text) && headers.length > 0) headers.at(-1)!.value.end = endOf(line);
    else if (name !== undefined)
      headers.push({
        name: name.toLowerCase(),
        value: { start: line.start + name.length + 1, end: endOf(line) },
      });
    else break;
    end = endOf(line);
  }
  return { headers, start, end, next: lines[i]?.trimmed === '' ? i + 1 : i };
}

function endOf(line: TextLine): number {
  return line.start + line.text.trimEnd().length;
}

interface Body extends Span {
  readonly isHtml: boolean;
}

/** Parts within parts are read so deep. */
const DEEPEST_PART = 8;

/** What there is to read below a head, decoded. */
function bodiesOf(
  text: string,
  lines: readonly TextLine[],
  { headers }: Pick<Head, 'headers'>,
  decoding: TextDecoding,
  depth = 0,
): Body[] {
  const valueOf = (name: string) => {
    const header = headers.find((each) => each.name === name);
    return header ? text.slice(header.value.start, header.value.end).replace(/\s+/gu, ' ').trim() : '';
  };
  const [first] = lines;
  const last = lines.at(-1);
  if (!first || !last) return [];
  const type = valueOf('content-type').toLowerCase() || 'text/plain';
  const boundary = /boundary="?([^";]+)"?/iu.exec(valueOf('content-type'))?.[1]?.trim();
  if (type.startsWith('multipart/') && boundary !== undefined && depth < DEEPEST_PART) {
    const parts = partsOf(lines, boundary).map((part) => {
      const head = headOf(part, 0, part[0]?.start ?? 0);
      const kind = head.headers.find(({ name }) => name === 'content-type');
      const isHtml = kind !== undefined && /text\/html/iu.test(text.slice(kind.value.start, kind.value.end));
      return { part, head, isHtml };
    });
    const isAlternative = type.startsWith('multipart/alternative');
    const plain = parts.filter(({ isHtml }) => !isHtml);
    const chosen = isAlternative && plain.length > 0 ? plain : parts;
    return chosen.flatMap(({ part, head }) =>
      bodiesOf(text, part.slice(head.next), head, decoding, depth + 1),
    );
  }
  const isHtml = type.startsWith('text/html');
  if (!isHtml && !type.startsWith('text/plain') && type.includes('/')) return [];
  if (/^attachment/iu.test(valueOf('content-disposition'))) return [];
  const body = { start: first.start, end: endOf(last), isHtml };
  const encoding = valueOf('content-transfer-encoding').toLowerCase();
  const charset = /charset="?([\w-]+)"?/iu.exec(type)?.[1] ?? 'utf-8';
  if (encoding === 'quoted-printable') decodeQuotedPrintable(text, body, charset, decoding);
  if (encoding === 'base64') decodeBase64(text, body, charset, decoding);
  return [body];
}

/** The lines between the borders of a message of several parts. */
function partsOf(lines: readonly TextLine[], boundary: string): TextLine[][] {
  const parts: TextLine[][] = [];
  let open: TextLine[] | undefined;
  for (const line of lines) {
    if (line.text.startsWith(`--${boundary}`)) {
      const isEnd = line.text.startsWith(`--${boundary}--`);
      if (open) parts.push(open);
      open = isEnd ? undefined : [];
    } else open?.push(line);
  }
  if (open) parts.push(open);
  return parts;
}

const QUOTED = /^\s*(?:[A-Z]{0,3}>|\|(?:\s|$))/u;
const ATTRIBUTION =
  /^(?:On\b.{4,200}\bwrote:|Am\b.{4,200}\bschrieb\b.{0,100}:|Le\b.{4,200}\ba écrit\s?:|El\b.{4,200}\bescribió:|-{2,}\s*(?:Original Message|Ursprüngliche Nachricht|Forwarded message).*)$/iu;
const SIGNATURE = /^--\s*$/u;
const LIST_FOOTER = /^_{20,}$/u;

/** The body of a message: what is quoted and signed is boilerplate. */
function parseBody(text: string): Parsed {
  const blocks: Block[] = [];
  let own: TextLine[] = [];
  let other: TextLine[] = [];
  const flushOther = () => {
    const [first] = other;
    const last = other.at(-1);
    if (first && last) blocks.push({ kind: 'boilerplate', start: first.start, end: endOf(last) });
    other = [];
  };
  const flushOwn = () => {
    for (const block of textBlocks(own)) blocks.push(block);
    own = [];
  };
  let isSigned = false;
  const lines = linesOf(text);
  for (const [i, line] of lines.entries()) {
    if (SIGNATURE.test(line.text) || LIST_FOOTER.test(line.trimmed)) isSigned = true;
    const isAbove =
      ATTRIBUTION.test(line.trimmed) ||
      (/wrote:$|schrieb:$/u.test(line.trimmed) && QUOTED.test(lines[i + 1]?.text ?? ''));
    if (isSigned || QUOTED.test(line.text) || isAbove) {
      flushOwn();
      if (line.trimmed !== '') other.push(line);
    } else {
      flushOther();
      own.push(line);
    }
  }
  flushOwn();
  flushOther();
  return asItStands(text, blocks);
}
