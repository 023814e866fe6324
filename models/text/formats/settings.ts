import type { Block } from '../block.js';
import type { TextLine } from '../lines.js';
import { asItStands, type Parsed } from '../parsed.js';
import type { Field, PathNode, TextRecord } from '../records.js';
import type { Span } from '../span.js';

/**
 * Settings, line by line: TOML, INI, properties, environment files. It knows sections in brackets, of TOML with dots and
 * double. It knows keys with `=` or `:`, comments with `#`, `;`, `!` or `//`, and `export`. It knows quotation marks of one
 * and of three, and values that go on behind a backslash. Lists may go over several lines, or stand as `name=value;`
 * within a value. A parser of TOML that was
 * tried ends at the first fault and loses the file.
 */

const SECTION = /^\[\[?\s*([^[\]]+?)\s*\]?\](?:\s*[#;].*)?$/u;
const COMMENT = /^(?:#|;|!|\/\/)/u;
const PAIR = /^(?:export\s+)?("[^"]*"|'[^']*'|[^\s=:#;"'[\]{}][^=:"']{0,80}?)\s*(=|:(?=\s|$)|:=)\s*/u;
const NAMED = /([\p{L}_][\p{L}\p{N}_ .-]{0,40})=([^;]*)(?:;|$)/gu;
const TEXT = 60;

/** Share of the lines that set something. */
const MOST = 0.75;

export function isSettings(sample: readonly TextLine[]): boolean {
  const said = sample.filter(({ trimmed }) => !/^(?:#|;|!|\/\/)/u.test(trimmed));
  if (said.length < 2) return false;
  const sections = said.filter(({ trimmed }) => /^\[\[?[^[\]]+\]\]?$/u.test(trimmed)).length;
  const pairs = said.filter(
    ({ trimmed }) =>
      /^(?:export\s+)?["']?[\p{L}_][\p{L}\p{N}_.\\/ -]{0,60}["']?\s*=(?!=|>)(?!.*[{;]$)/u.test(trimmed) ||
      /^(?:export\s+)?[A-Z_][A-Z0-9_]*=/u.test(trimmed),
  ).length;
  const code = said.filter(
    ({ trimmed }) =>
      /^(?:const|let|var|val|int|return|if|for|def|import|export (?:const|default|function))\b|\w\(.*\)$|;$/u.test(
        trimmed,
      ) && !/^[A-Z_]+\w*=/u.test(trimmed),
  ).length;
  if (code > said.length * 0.2) return false;
  const own = pairs + sections;
  return pairs > 0 && own >= said.length * (sections > 0 ? 0.5 : MOST);
}

export function parseSettings(text: string, lines: readonly TextLine[]): Parsed {
  const reader = new SettingsReader(text, lines);
  for (let i = 0; i < lines.length; i++) i = reader.read(i);
  return reader.end();
}

/** Reads settings line by line. */
class SettingsReader {
  readonly #text: string;
  readonly #lines: readonly TextLine[];

  readonly #blocks: Block[] = [];
  readonly #records: TextRecord[] = [];
  /** Keys are few and come again: each is kept once. */
  readonly #names = new Map<string, string>();
  #node: PathNode | undefined;
  #fields: Field[] = [];

  constructor(text: string, lines: readonly TextLine[]) {
    this.#text = text;
    this.#lines = lines;
  }

  /** Reads what begins in line `i`; returns its last line. */
  read(i: number): number {
    const line = this.#lines[i]!;
    const { text, trimmed } = line;
    if (trimmed === '') return i;
    const start = line.start + text.length - text.trimStart().length;
    const end = line.start + text.trimEnd().length;
    const section = SECTION.exec(trimmed)?.[1];
    if (section !== undefined) this.#section(section, start, end);
    else if (COMMENT.test(trimmed)) this.#blocks.push(commentBlock(line, start, end));
    else {
      const pair = PAIR.exec(text.trimStart().slice(0, 400));
      if (pair) return this.#pair(i, start, pair);
      this.#blocks.push({ kind: 'table', start, end });
    }
    return i;
  }

  end(): Parsed {
    this.#flush();
    this.#records.sort((a, b) => a.start - b.start);
    return asItStands(this.#text, this.#blocks, this.#records);
  }

  #section(section: string, start: number, end: number): void {
    this.#flush();
    this.#node = pathOf(section);
    const title = section.replace(/["']/gu, '');
    this.#blocks.push({ kind: 'heading', start, end, level: 1 + depthOf(this.#node), title });
  }

  #pair(i: number, start: number, pair: RegExpExecArray): number {
    const from = start + pair[0].length;
    const { last, to } = valueEnd(this.#lines, i, from);
    const value = bare(this.#text, from, to);
    const name = this.#named(pair[1]!.replace(/["']/gu, ''));
    const field = { start: value.start, end: value.end, whole: { start, end: to }, name };
    this.#fields.push(field);
    const parts = namedParts(this.#text, field, { name, parent: this.#node });
    if (parts) this.#records.push(parts);
    if (isText(this.#text, value)) this.#blocks.push({ kind: 'prose', start: value.start, end: value.end });
    else this.#blocks.push({ kind: 'table', start, end: to });
    return last;
  }

  #named(name: string): string {
    const known = this.#names.get(name);
    if (known === undefined && this.#names.size < MOST_NAMES) this.#names.set(name, name);
    return known ?? name;
  }

  /** What was set since the last section belongs together. */
  #flush(): void {
    const fields = this.#fields;
    const [first] = fields;
    const last = fields.at(-1);
    if (first && last)
      this.#records.push({
        kind: 'keys',
        path: this.#node,
        fields,
        start: first.whole?.start ?? first.start,
        end: last.whole?.end ?? last.end,
      });
    this.#fields = [];
  }
}

/** Keys that are kept once. */
const MOST_NAMES = 10_000;

function isText(text: string, { start, end }: Span): boolean {
  return end - start >= TEXT && text.slice(start, end).split(/\s+/u, 8).length > 6;
}

function commentBlock({ text }: TextLine, start: number, end: number): Block {
  const mark = /^\s*(?:[#;!]+|\/\/+)\s*/u.exec(text)?.[0].trimStart().length ?? 0;
  const isProse = /\p{L}{2,} \p{L}+ .*\p{L}/u.test(text) && !/[=:]\S/u.test(text);
  return { kind: isProse ? 'prose' : 'code', start: Math.min(end, start + mark), end };
}

function pathOf(section: string): PathNode | undefined {
  let node: PathNode | undefined;
  for (const name of section.split(/\.(?=(?:[^"]*"[^"]*")*[^"]*$)/u).slice(0, 40))
    node = { name: name.trim().replace(/^["']|["']$/gu, ''), parent: node };
  return node;
}

function depthOf(node: PathNode | undefined): number {
  let depth = 0;
  for (let at = node?.parent; at; at = at.parent) depth++;
  return depth;
}

/** Lines that a value may have. */
const MOST_LINES = 2000;

/** The line where a value ends that begins at `from` in line `i`, and the offset. */
function valueEnd(lines: readonly TextLine[], i: number, from: number): { last: number; to: number } {
  const line = lines[i]!;
  const said = line.text.slice(from - line.start);
  const endOf = (last: number) => ({ last, to: lines[last]!.start + lines[last]!.text.trimEnd().length });
  const until = (isLast: (text: string) => boolean) => {
    for (let j = i + 1; j < Math.min(lines.length, i + MOST_LINES); j++)
      if (isLast(lines[j]!.text)) return endOf(j);
    return endOf(i);
  };
  const triple = /^("""|''')/u.exec(said)?.[1];
  if (triple !== undefined && !said.slice(3).includes(triple)) return until((text) => text.includes(triple));
  if (/^\[\s*(?:#.*)?$/u.test(said) || (said.startsWith('[') && !said.includes(']')))
    return until((text) => text.trim().startsWith(']') || /\]\s*(?:#.*)?$/u.test(text));
  let last = i;
  while (/\\$/u.test(lines[last]!.text.trimEnd()) && lines[last + 1] && last - i < MOST_LINES) last++;
  return endOf(last);
}

/** A value without its marks, and without the comment behind it. */
function bare(text: string, start: number, end: number): Span {
  const raw = text.slice(start, end);
  const triple = /^("""|''')[ \t]*\r?\n?/u.exec(raw);
  if (triple && raw.length >= 6 && raw.endsWith(triple[1]!))
    return { start: start + triple[0].length, end: end - 3 };
  const quote = raw[0];
  if (quote === '"' || quote === "'" || quote === '`') {
    for (let at = 1; at < raw.length; at++) {
      if (raw[at] === '\\' && quote === '"') at++;
      else if (raw[at] === quote) {
        const rest = raw.slice(at + 1).trim();
        if (rest === '' || /^[#;,]/u.test(rest)) return { start: start + 1, end: start + at };
        break;
      }
    }
  }
  // Behind white space a mark begins a comment.
  const comment = /\s[#;](?:\s|$).*$/u.exec(raw.slice(0, 4000))?.index;
  return { start, end: start + (comment ?? raw.length) };
}

/** The parts of a value such as `Server=a;Database=b;`. */
function namedParts(text: string, field: Field, path: PathNode): TextRecord | undefined {
  const raw = text.slice(field.start, Math.min(field.end, field.start + 4000));
  if (!/^[\p{L}_][\p{L}\p{N}_ .-]{0,40}=[^;]*;\s*[\p{L}_][\p{L}\p{N}_ .-]{0,40}=/u.test(raw))
    return undefined;
  const fields = Array.from(raw.matchAll(NAMED), ({ index, 0: whole, 1: name, 2: value }): Field => {
    const start = field.start + index + whole.indexOf('=') + 1;
    return {
      name: name!.trim(),
      start,
      end: start + value!.length,
      whole: { start: field.start + index, end: start + value!.length },
    };
  });
  return { kind: 'keys', path, fields, start: field.start, end: field.end };
}
