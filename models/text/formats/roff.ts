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
  const reader = new RoffReader(text, lines);
  for (let i = 0; i < lines.length; i++) i = reader.read(i);
  return reader.end();
}

/** Reads a page line by line. */
class RoffReader {
  readonly #lines: readonly TextLine[];
  readonly #decoding: TextDecoding;
  readonly #blocks: Block[] = [];
  #open: TextLine[] = [];
  #kind: BlockKind = 'prose';

  constructor(text: string, lines: readonly TextLine[]) {
    this.#lines = lines;
    this.#decoding = new TextDecoding(text);
  }

  /** Reads what begins in line `i`; returns its last line. */
  read(i: number): number {
    const line = this.#lines[i]!;
    const { text, start } = line;
    const end = start + text.length;
    const heading = HEADING.exec(text.slice(0, 300));
    const display = DISPLAY.exec(text)?.[1];
    if (heading) this.#heading(line, heading[1]!, heading[2]!);
    else if (display !== undefined) return this.#display(i, display);
    else if (line.trimmed === '') this.#flush();
    else if (/^[.']/u.test(text) && !TEXT.test(text)) {
      if (PARTS.test(text)) this.#flush(/^\.\s*(?:TP|TQ|IP|It)\b/u.test(text) ? 'item' : 'prose');
      this.#decoding.replace(start, end, '');
    } else {
      decodeLine(line, this.#decoding);
      this.#open.push(line);
    }
    return i;
  }

  end(): Parsed {
    this.#flush();
    return { blocks: this.#blocks, records: [], decoded: this.#decoding.end() };
  }

  #heading({ text, start }: TextLine, macro: string, words: string): void {
    this.#flush();
    const title = plain(words.replace(/^"(.*)"\s*$/u, '$1'));
    const level = /^S[Hh]$/u.test(macro) ? 1 : 2;
    const end = start + text.trimEnd().length;
    if (title !== '') this.#blocks.push({ kind: 'heading', start, end, level, title });
    this.#decoding.replace(start, start + text.length, title);
  }

  /** A display is code up to the request that ends it. */
  #display(i: number, name: string): number {
    const lines = this.#lines;
    this.#flush('code');
    this.#decoding.replace(lines[i]!.start, lines[i]!.start + lines[i]!.text.length, '');
    const close = DISPLAY_END[name] ?? /^\.\s*fi\b/u;
    let last = i + 1;
    for (; last < lines.length && !close.test(lines[last]!.text); last++) this.#open.push(lines[last]!);
    this.#flush();
    const ending = lines[last];
    if (ending) this.#decoding.replace(ending.start, ending.start + ending.text.length, '');
    return last;
  }

  #flush(next: BlockKind = 'prose'): void {
    const [first] = this.#open;
    const last = this.#open.at(-1);
    if (first && last) {
      const end = last.start + last.text.trimEnd().length;
      if (end > first.start) this.#blocks.push({ kind: this.#kind, start: first.start, end });
    }
    this.#open = [];
    this.#kind = next;
  }
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
