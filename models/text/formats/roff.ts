import type { Block, BlockKind } from '../block.js';
import { TextDecoding } from '../decoded-text.js';
import type { TextLine } from '../lines.js';
import type { Parsed } from '../parsed.js';

/**
 * Sources of manual pages (man and mdoc macros). It knows headings (`SH`, `SS`, `Sh`, `Ss`) and what parts paragraphs
 * (`PP`, `TP`, `IP`, `Pp`, `It`, `br`, `sp` …). It knows fonts (`B`, `I`, `BR`, `Fl`, `Ar`, `Nm` …), and displays, which are
 * code (`nf`, `EX`, `Bd`, `TS`). It knows comments, and the escapes for fonts, hyphens, quotation marks and named
 * characters. Other requests are no text. No library reads it.
 */

const HEADING = /^\.\s*(SH|SS|Sh|Ss)\s+(.*)$/u;
const PARTS = /^\.\s*(?:PP|LP|P|TP|TQ|IP|HP|RS|RE|Pp|It|Bl|El|br|sp|Bk|Ek|PD|ti|in|ad|na|hy|nh)\b/u;
const TEXT =
  /^\.\s*(?:B|I|R|BI|BR|IB|IR|RB|RI|SM|SB|Nm|Nd|Fl|Ar|Op|Pa|Em|Sy|Xr|Cm|Dq|Sq|Ql|Li|Va|Ev|Ic|Ns|UR|MT|No|Aq|Qq|Er|Dv|Fn|Ft|An|Bx|Tn)\s+/u;
const DISPLAY = /^\.\s*(nf|EX|TS|Bd|eq|EQ)\b/u;
const DISPLAY_END: Readonly<Record<string, RegExp>> = {
  nf: /^\.\s*fi\b/u,
  EX: /^\.\s*EE\b/u,
  TS: /^\.\s*TE\b/u,
  Bd: /^\.\s*Ed\b/u,
  EQ: /^\.\s*EN\b/u,
};

export function isRoff(lines: readonly TextLine[]): boolean {
  const some = lines.slice(0, 400).filter(({ text }) => text.trim() !== '');
  const requests = some.filter(({ text }) => /^[.'](?:\\"|\s*[A-Za-z]{1,3}\b)/u.test(text)).length;
  const hasHead = some.some(({ text }) => /^\.\s*(?:TH|Dd|SH|Sh)\s/u.test(text));
  return hasHead && requests > some.length * 0.2;
}

export function parseRoff(text: string, lines: readonly TextLine[]): Parsed {
  const decoding = new TextDecoding(text);
  const blocks: Block[] = [];
  let open: TextLine[] = [];
  let kind: BlockKind = 'prose';
  const flush = (next: BlockKind = 'prose') => {
    const [first] = open;
    const last = open.at(-1);
    if (first && last) {
      const end = last.start + last.text.trimEnd().length;
      if (end > first.start) blocks.push({ kind, start: first.start, end });
    }
    open = [];
    kind = next;
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const end = line.start + line.text.length;
    const heading = HEADING.exec(line.text.slice(0, 300));
    const display = DISPLAY.exec(line.text)?.[1];
    if (heading) {
      flush();
      const title = plain(heading[2]!.replace(/^"(.*)"\s*$/u, '$1'));
      const level = /^S[Hh]$/u.test(heading[1]!) ? 1 : 2;
      if (title !== '')
        blocks.push({
          kind: 'heading',
          start: line.start,
          end: line.start + line.text.trimEnd().length,
          level,
          title,
        });
      decoding.replace(line.start, end, title);
    } else if (display !== undefined) {
      flush('code');
      decoding.replace(line.start, end, '');
      const close = DISPLAY_END[display] ?? /^\.\s*fi\b/u;
      for (i++; i < lines.length && !close.test(lines[i]!.text); i++) open.push(lines[i]!);
      flush();
      const last = lines[i];
      if (last) decoding.replace(last.start, last.start + last.text.length, '');
    } else if (line.trimmed === '') flush();
    else if (/^[.']/u.test(line.text) && !TEXT.test(line.text)) {
      if (PARTS.test(line.text)) {
        flush(/^\.\s*(?:TP|TQ|IP|It)\b/u.test(line.text) ? 'item' : 'prose');
      }
      decoding.replace(line.start, end, '');
    } else {
      decodeLine(line, decoding);
      open.push(line);
    }
  }
  flush();
  return { blocks, records: [], decoded: decoding.end() };
}

const NAMES: Readonly<Record<string, string>> = {
  em: '—',
  en: '–',
  lq: '“',
  rq: '”',
  oq: '‘',
  cq: '’',
  aq: "'",
  dq: '"',
  bu: '•',
  co: '©',
  rg: '®',
  tm: '™',
  ha: '^',
  ti: '~',
  rs: '\\',
  '-': '-',
  hy: '-',
  mu: '×',
  '<=': '≤',
  '>=': '≥',
  '->': '→',
};
const ESCAPE =
  /\\(?:f(?:\[[^\]]*\]|\(..|.)|s[-+]?\d+|\*(?:\[[^\]]*\]|\(..|.)|\(..|\[[^\]]*\]|["#].*|[-&%|^:,/~0 e'`.\\c]|[hvwkuld]'[^']*'|m\[[^\]]*\])/gu;

function instead(escape: string): string {
  const name = /^\\(?:\((..)|\[([^\]]*)\])/u.exec(escape);
  if (name) return NAMES[name[1] ?? name[2] ?? ''] ?? '';
  if (escape === '\\-') return '-';
  if (escape === '\\e' || escape === '\\\\') return '\\';
  if (/^\\[~ 0]$/u.test(escape)) return ' ';
  return /^\\['`.]$/u.test(escape) ? escape[1]! : '';
}

function plain(text: string): string {
  return text.replace(ESCAPE, instead).trim();
}

/** A line of text, or a request that sets its words in a font. */
function decodeLine({ text, start }: TextLine, decoding: TextDecoding): void {
  const request = TEXT.exec(text)?.[0] ?? '';
  if (request !== '') decoding.replace(start, start + request.length, '');
  // `BR` and its like set their words without spaces between them.
  const isJoined = /^\.\s*(?:BI|BR|IB|IR|RB|RI)\b/u.test(request);
  const marks = new RegExp(`${ESCAPE.source}${request === '' ? '' : '|"| +'}`, 'gu');
  let isQuoted = false;
  const rest = text.slice(request.length);
  for (const { index, 0: found } of rest.matchAll(marks)) {
    const at = start + request.length + index;
    if (found === '"') {
      isQuoted = !isQuoted;
      decoding.replace(at, at + 1, '');
    } else if (found.startsWith(' ')) {
      if (isJoined && !isQuoted) decoding.replace(at, at + found.length, '');
    } else decoding.replace(at, at + found.length, instead(found));
  }
}
