import { Lexer, CST } from 'yaml';
import type { Block } from '../block.js';
import { TextDecoding } from '../decoded-text.js';
import type { Parsed } from '../parsed.js';
import type { Field, PathNode, TextRecord } from '../records.js';
import type { Span } from '../span.js';
import { decodeEscapes } from './json.js';

/**
 * YAML by the lexer of `yaml`, whose tokens have their places; maps are told by their columns. The library's own parser
 * builds a tree three times as slowly, and comes to its end only with the document. A leaf knows its path, folded lines
 * are joined, and comments are nothing.
 */

interface Level {
  /** Column of its keys; a map between braces has none. */
  readonly column: number;
  readonly node: PathNode | undefined;
  readonly fields: Field[];
  readonly start: number;
  end: number;
  /** The key that what stands further right belongs to. */
  key: string | undefined;
}

/** A string as long as a text is one. */
const TEXT = 60;

export function parseYaml(text: string): Parsed {
  const reader = new YamlReader(text);
  reader.read();
  return reader.end();
}

class YamlReader {
  readonly #blocks: Block[] = [];
  readonly #records: TextRecord[] = [];
  readonly #decoding: TextDecoding;
  readonly #levels: Level[] = [];
  /** The scalar that may be a key: only what follows says so. */
  #waiting: (Span & { readonly column: number }) | undefined;
  /** The key whose value comes next. */
  #key: (Span & { readonly name: string }) | undefined;
  #lineStart = 0;

  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.#decoding = new TextDecoding(text);
  }

  read(): void {
    let at = 0;
    let isScalar = false;
    let header = '';
    for (const token of new Lexer().lex(this.#text)) {
      // Control characters that are not of the text announce what comes.
      if (token === CST.SCALAR) isScalar = true;
      if (token === CST.SCALAR || token === CST.DOCUMENT || token === CST.FLOW_END) continue;
      const start = at;
      at += token.length;
      const type = isScalar ? 'scalar' : CST.tokenType(token);
      isScalar = false;
      if (type === 'scalar' && header !== '') {
        this.#blockScalar(start, at, header.startsWith('>'));
        header = '';
        this.#lineStart = at;
      } else if (type === 'block-scalar-header') header = token;
      else if (type === 'newline') {
        this.#settle();
        this.#lineStart = at;
      } else this.#token(type, start, at);
    }
    this.#settle();
  }

  end(): Parsed {
    this.#close(-1);
    this.#records.sort((a, b) => a.start - b.start);
    return { blocks: this.#blocks, records: this.#records, decoded: this.#decoding.end() };
  }

  #token(type: string | null, start: number, end: number): void {
    switch (type ?? '') {
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        this.#settle();
        this.#waiting = { start, end, column: start - this.#lineStart };
        break;
      case 'map-value-ind':
        if (this.#waiting) this.#startKey(this.#waiting);
        this.#waiting = undefined;
        break;
      case 'seq-item-ind':
        this.#close(start - this.#lineStart);
        this.#key = undefined;
        break;
      case 'flow-map-start':
        this.#open(Infinity, start, end);
        this.#key = undefined;
        break;
      case 'flow-map-end':
        this.#settle();
        if (this.#levels.at(-1)?.column === Infinity) this.#record(this.#levels.pop()!);
        this.#key = undefined;
        break;
      case 'flow-seq-end':
      case 'comma':
        this.#settle();
        this.#key = undefined;
        break;
      case 'doc-start':
      case 'doc-end':
        this.#settle();
        this.#close(-1);
        this.#key = undefined;
        break;
      default:
        break;
    }
  }

  /** A key opens a level of its own column below the last that stands further left. */
  #startKey({ start, end, column }: Span & { readonly column: number }): void {
    const name = this.#text.slice(start, end).replace(/^["']|["']$/gu, '');
    if (this.#levels.at(-1)?.column !== Infinity) {
      this.#close(column);
      if ((this.#levels.at(-1)?.column ?? -1) < column) this.#open(column, start, end);
    }
    this.#levels.at(-1)!.key = name;
    this.#key = { name, start, end };
  }

  #open(column: number, start: number, end: number): void {
    const above = this.#levels.at(-1);
    const node = above?.key === undefined ? above?.node : { name: above.key, parent: above.node };
    this.#levels.push({ column, node, fields: [], start, end, key: undefined });
  }

  /** Ends the levels that stand further right than a column. */
  #close(column: number): void {
    while (this.#levels.length > 0 && this.#levels.at(-1)!.column > column) this.#record(this.#levels.pop()!);
  }

  #record({ node, fields, start, end }: Level): void {
    if (fields.length > 0) this.#records.push({ kind: 'keys', path: node, fields, start, end });
  }

  /** What waits is no key but a value. */
  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    const quote = this.#text[waiting.start];
    const isQuoted = (quote === '"' || quote === "'") && waiting.end - waiting.start > 1;
    const { start, end } = isQuoted ? { start: waiting.start + 1, end: waiting.end - 1 } : waiting;
    if (quote === '"' && isQuoted) decodeEscapes(this.#text, start, end, this.#decoding);
    if (end > start) this.#value({ start, end }, waiting.end);
  }

  #blockScalar(start: number, end: number, isFolded: boolean): void {
    const raw = this.#text.slice(start, end);
    const length = raw.trim().length;
    const from = start + raw.length - raw.trimStart().length;
    const value = { start: from, end: from + length };
    // The indent of every line is markup; where lines are folded, a line end is a space.
    const indent = /\r?\n[ \t]*/gu;
    for (let found = indent.exec(raw); found; found = indent.exec(raw)) {
      const at = start + found.index;
      if (at < value.start || at >= value.end) continue;
      const isEmpty = raw.startsWith('\n') || raw.startsWith('\r');
      this.#decoding.replace(at, start + indent.lastIndex, isFolded && !isEmpty ? ' ' : '\n');
    }
    if (length > 0) this.#value(value, value.end);
  }

  #value(value: Span, end: number): void {
    const whole = { start: this.#key?.start ?? value.start, end };
    if (this.#levels.length === 0) this.#open(0, whole.start, end);
    const level = this.#levels.at(-1)!;
    const { start } = value;
    const isText =
      value.end - start >= TEXT && this.#text.slice(start, value.end).split(/\s+/u, 8).length > 6;
    if (isText) this.#blocks.push({ kind: 'prose', start, end: value.end });
    else this.#blocks.push({ kind: 'table', start: whole.start, end });
    level.fields.push({ start, end: value.end, whole, name: this.#key?.name ?? level.key ?? '' });
    level.end = end;
    this.#key = undefined;
  }
}
