import { blockOf, type Block, type BlockKind } from '../block.js';
import { ITEM, markedHeading } from '../headings.js';
import type { TextLine } from '../lines.js';
import { asItStands, type Parsed } from '../parsed.js';
import type { TextRecord } from '../records.js';

/**
 * AsciiDoc, line by line. It knows headings with `=` and with underlines, delimited blocks (listings, literals, comments and
 * passed-through text as code; examples, sidebars, quotes and open blocks as text), attributes, block titles and macros, line
 * comments, admonitions, lists and tables. The parser that there is brings a Ruby run time of a megabyte.
 */

const DELIMITER = /^(-{4,}|\.{4,}|\+{4,}|\/{4,}|={4,}|\*{4,}|_{4,}|--|\|={3,}|[,:!]={3,}|`{3,}.*)$/u;
const CODE = /^(?:-{4,}|\.{4,}|\+{4,}|\/{4,}|`{3,})/u;
const UNREAD =
  /^(?:\/\/(?!\/)|:[\w!-]+:|\[[^\]]*\]\s*$|(?:include|image|video|audio|toc|ifdef|ifndef|ifeval|endif)::|\+$|<<<$|'''$)/u;
const UNDERLINE = /^(={3,}|-{3,}|~{3,}|\^{3,}|\+{3,})$/u;
const LEVELS = '=-~^+';
const ADMONITION = /^(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s+/u;

export function isAsciiDoc(lines: readonly TextLine[]): boolean {
  const head = withoutListings(lines.slice(0, 2000));
  const some = (pattern: RegExp) => head.filter(({ text }) => pattern.test(text)).length;
  const headings = some(/^={1,6} \S/u);
  const marks = some(
    /^(?:\[(?:source|NOTE|TIP|WARNING|IMPORTANT|CAUTION|quote|verse|listing|discrete|horizontal|cols|options|id|role|appendix|[.#][A-Za-z][\w-]*)[^\]]*\]|\[\[[\w-]+\]\]|:[\w-]+:(?:\s.*)?|include::\S+\[.*\]|image::\S+\[.*\]|\|===)\s*$/u,
  );
  const markdown = some(/^(?:#{1,6} \S|```)/u);
  return markdown === 0 && (headings >= 2 || (headings >= 1 && marks >= 1) || marks >= 2);
}

/** The lines outside of listings and literals, in which a mark is none. */
function withoutListings(lines: readonly TextLine[]): TextLine[] {
  let fence: string | undefined;
  return lines.filter(({ trimmed }) => {
    const isFence = /^(?:-{4,}|\.{4,})$/u.test(trimmed);
    if (fence !== undefined) {
      if (trimmed === fence) fence = undefined;
      return false;
    }
    if (isFence) fence = trimmed;
    return !isFence;
  });
}

export function parseAsciiDoc(text: string, lines: readonly TextLine[]): Parsed {
  const reader = new AsciiDocReader(text, lines);
  for (let i = 0; i < lines.length; i++) i = reader.read(i);
  return reader.end();
}

const LIST_ITEM = /^(?:\*+|\.+) \S/u;

/** Reads a document line by line. */
class AsciiDocReader {
  readonly #text: string;
  readonly #lines: readonly TextLine[];
  readonly #blocks: Block[] = [];
  readonly #records: TextRecord[] = [];
  #paragraph: TextLine[] = [];

  constructor(text: string, lines: readonly TextLine[]) {
    this.#text = text;
    this.#lines = lines;
  }

  /** Reads what begins in line `i`; returns its last line. */
  read(i: number): number {
    const line = this.#lines[i]!;
    const { trimmed } = line;
    const delimiter = DELIMITER.exec(trimmed)?.[1];
    const underline = this.#underlineOf(i);
    const marked = /^=+ /u.test(trimmed) ? (markedHeading(trimmed) ?? topHeading(trimmed)) : undefined;
    if (trimmed === '') this.#flush();
    else if (delimiter !== undefined && (CODE.test(delimiter) || delimiter.includes('==')))
      return this.#delimited(i, delimiter);
    else if (delimiter !== undefined) this.#flush();
    else if (underline !== undefined) {
      this.#flush();
      const block = blockOf([line, this.#lines[i + 1]!], 'heading')!;
      this.#blocks.push({ ...block, level: LEVELS.indexOf(underline[0]!) + 1, title: trimmed });
      return i + 1;
    } else if (marked) {
      this.#flush();
      this.#blocks.push({ ...blockOf([line], 'heading')!, level: marked.level, title: marked.title });
    } else if (UNREAD.test(trimmed) || (this.#paragraph.length === 0 && /^\.[^\s.]/u.test(trimmed)))
      this.#flush();
    else {
      if (ITEM.test(trimmed) || LIST_ITEM.test(trimmed) || ADMONITION.test(trimmed)) this.#flush();
      this.#paragraph.push(line);
    }
    return i;
  }

  end(): Parsed {
    this.#flush();
    return asItStands(this.#text, this.#blocks, this.#records);
  }

  /** The rule below a title, where line `i` is one. */
  #underlineOf(i: number): string | undefined {
    const { trimmed } = this.#lines[i]!;
    const underline = UNDERLINE.exec(this.#lines[i + 1]?.trimmed ?? '')?.[1];
    const isTitle =
      underline !== undefined &&
      this.#paragraph.length === 0 &&
      Math.abs(trimmed.length - underline.length) <= 2 &&
      /[\p{L}\p{N}]/u.test(trimmed);
    return isTitle ? underline : undefined;
  }

  /** A listing, literal, comment or table; examples are text. */
  #delimited(i: number, delimiter: string): number {
    this.#flush();
    if (/^={4,}$/u.test(delimiter)) return i;
    const mark = delimiter.startsWith('```') ? '```' : delimiter;
    let last = i + 1;
    while (last < this.#lines.length && this.#lines[last]!.trimmed !== mark) last++;
    const isTable = delimiter.includes('=');
    if (isTable) tableRows(this.#text, this.#lines.slice(i + 1, last), this.#records);
    const isComment = delimiter.startsWith('/');
    if (!isComment) this.#paragraph = this.#lines.slice(i, Math.min(last + 1, this.#lines.length));
    this.#flush(isTable ? 'table' : 'code');
    return last;
  }

  #flush(kind?: BlockKind): void {
    const first = this.#paragraph[0]?.trimmed ?? '';
    const own = ITEM.test(first) || LIST_ITEM.test(first) ? 'item' : 'prose';
    const block = blockOf(this.#paragraph, kind ?? own);
    if (block) this.#blocks.push(block);
    this.#paragraph = [];
  }
}

function topHeading(line: string): { level: number; title: string } | undefined {
  const found = /^(=) (\S.*?)(?: =+)?$/u.exec(line);
  return found ? { level: found[1]!.length, title: found[2]! } : undefined;
}

/** Rows of a table whose cells stand in one line. */
function tableRows(text: string, lines: readonly TextLine[], records: TextRecord[]): void {
  let names: readonly string[] | undefined;
  for (const line of lines) {
    if (!line.trimmed.startsWith('|')) continue;
    const cells: { start: number; end: number }[] = [];
    for (const { index, 0: found } of line.text.matchAll(/(?<=\|)[^|]*/gu)) {
      const start = line.start + index + found.length - found.trimStart().length;
      cells.push({ start, end: Math.max(start, start + found.trim().length) });
    }
    if (!names) names = cells.map(({ start, end }) => text.slice(start, end));
    else {
      const header = names;
      records.push({
        kind: 'row',
        start: line.start,
        end: line.start + line.text.trimEnd().length,
        fields: cells.map((cell, c) => ({ ...cell, name: header[c] ?? '' })),
      });
    }
  }
}
