import { createScanner } from 'jsonc-parser';
import type { Block } from '../block.js';
import { TextDecoding } from '../decoded-text.js';
import type { Parsed } from '../parsed.js';
import type { Field, PathNode, TextRecord } from '../records.js';
import type { Span } from '../span.js';

/**
 * JSON and JSON with comments, by the scanner of `jsonc-parser`: tokens with their places, no recursion, so that no
 * nesting is too deep and what is broken costs no more than itself. A leaf knows its path; the leaves of an object
 * belong together.
 */

/** A string (what stands between its marks), number or word with its key, and the key with its value. */
export interface JsonLeaf extends Field {
  readonly whole: Span;
}

export interface JsonVisitor {
  /** @param pathOf gives the keys that lead to the leaf */
  readonly leaf: (leaf: JsonLeaf, isString: boolean, pathOf: () => PathNode | undefined) => void;
  readonly record?: (record: TextRecord) => void;
  /** A key outside of all lists whose value is an object or a list; `depth` counts what it stands in. */
  readonly opened?: (key: Span, name: string, depth: number) => void;
}

interface Open {
  readonly isArray: boolean;
  readonly node: PathNode | undefined;
  readonly start: number;
  key: Span | undefined;
  index: number;
  readonly fields: Field[];
}

/** Kinds of tokens, by the numbers of the library's `SyntaxKind`, which is no value at run time. */
const TOKEN = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  comma: 5,
  colon: 6,
  string: 10,
  end: 17,
};

/** Levels of brackets that are told apart. */
const DEEPEST = 1000;
/** A string as long as a text is one. */
const TEXT = 60;

/** Units whose tokens tell whether a text is JSON. */
const HEAD = 1 << 16;

export function isJson(text: string): boolean {
  const first = /^\s*([{[])\s*(?:["{}[\]\d/-]|true|false|null)/u.exec(text.slice(0, 4096))?.[1];
  if (first === undefined) return false;
  let leaves = 0;
  let named = 0;
  let words = 0;
  const head = text.slice(0, HEAD);
  walkJson(head, {
    leaf: ({ start, end, whole }, isString) => {
      leaves++;
      if (whole.start < start - 1) named++;
      if (!isString && !/^(?:true|false|null|-?\d[\d.eE+-]*)$/u.test(head.slice(start, end))) words++;
    },
  });
  if (leaves === 0) return /^\s*[[{][\s[\]{},]*$/u.test(head);
  return words <= leaves * 0.1 && (first === '[' || named > 0);
}

export function parseJson(text: string): Parsed {
  const decoding = new TextDecoding(text);
  const blocks: Block[] = [];
  const records: TextRecord[] = [];
  walkJson(text, {
    leaf: ({ start, end, whole }, isString) => {
      if (isString) decodeEscapes(text, start, end, decoding);
      const isText = isString && end - start >= TEXT && text.slice(start, end).split(' ').length > 6;
      if (isText) blocks.push({ kind: 'prose', start, end });
      else blocks.push({ kind: 'table', start: whole.start, end: whole.end });
    },
    record: (record) => records.push(record),
    opened: ({ start, end }, name, level) => {
      if (name.trim() !== '') blocks.push({ kind: 'heading', start, end, level, title: name });
    },
  });
  records.sort((a, b) => a.start - b.start);
  return { blocks, records, decoded: decoding.end() };
}

/** Visits the leaves in order, and every object or list of leaves at its end. */
export function walkJson(text: string, visit: JsonVisitor): void {
  const walker = new JsonWalker(text, visit);
  const scanner = createScanner(text, true);
  for (let kind: number = scanner.scan(); kind !== TOKEN.end; kind = scanner.scan()) {
    const start = scanner.getTokenOffset();
    walker.token(kind, start, start + scanner.getTokenLength());
  }
  walker.end();
}

/** Takes the tokens of a text, and knows what is open. */
class JsonWalker {
  readonly #text: string;
  readonly #visit: JsonVisitor;
  readonly #stack: Open[] = [];
  /** Brackets that are open deeper than anybody writes; what stands there belongs to the last that is known. */
  #deeper = 0;
  /** Lists that are open. */
  #lists = 0;

  constructor(text: string, visit: JsonVisitor) {
    this.#text = text;
    this.#visit = visit;
  }

  token(kind: number, start: number, end: number): void {
    const top = this.#stack.at(-1);
    switch (kind) {
      case TOKEN.openBrace:
      case TOKEN.openBracket:
        this.#open(kind === TOKEN.openBracket, start, top);
        break;
      case TOKEN.closeBrace:
      case TOKEN.closeBracket:
        this.#close(end);
        break;
      case TOKEN.comma:
        if (top) {
          top.key = undefined;
          top.index++;
        }
        break;
      case TOKEN.colon:
        break;
      default:
        if (end > start) this.#value(kind === TOKEN.string, start, end, top);
    }
  }

  /** What is still open ends with the text. */
  end(): void {
    this.#deeper = 0;
    while (this.#stack.length > 0) this.#close(this.#text.length);
  }

  #open(isArray: boolean, start: number, top: Open | undefined): void {
    if (this.#stack.length >= DEEPEST) {
      this.#deeper++;
      return;
    }
    if (top?.key && this.#lists === 0)
      this.#visit.opened?.(top.key, keyOf(this.#text, top.key), this.#stack.length);
    if (isArray) this.#lists++;
    const node = top ? nodeOf(this.#text, top) : undefined;
    this.#stack.push({ isArray, node, start, key: undefined, index: 0, fields: [] });
  }

  #close(end: number): void {
    if (this.#deeper > 0) {
      this.#deeper--;
      return;
    }
    const closed = this.#stack.pop();
    if (!closed) return;
    if (closed.isArray) this.#lists--;
    this.#visit.record?.(recordOf(closed, end));
  }

  #value(isString: boolean, start: number, end: number, top: Open | undefined): void {
    const text = this.#text;
    const key = this.#deeper > 0 ? undefined : top?.key;
    if (top && !top.isArray && top.key === undefined && this.#deeper === 0) {
      top.key = { start, end };
      return;
    }
    const isClosed = isString && text[end - 1] === text[start] && end - start > 1;
    const leaf: JsonLeaf = {
      start: isString ? start + 1 : start,
      end: isClosed ? end - 1 : end,
      name: key ? keyOf(text, key) : '',
      whole: { start: key?.start ?? start, end },
    };
    this.#visit.leaf(leaf, isString, () => (top ? nodeOf(text, top) : undefined));
    top?.fields.push(leaf);
  }
}

function recordOf({ isArray, node, start, fields }: Open, end: number): TextRecord {
  return { kind: isArray ? 'list' : 'keys', path: node, start, end, fields };
}

function nodeOf(text: string, { isArray, key, index, node }: Open): PathNode | undefined {
  if (isArray) return node;
  return { name: key ? keyOf(text, key) : String(index), parent: node };
}

function keyOf(text: string, { start, end }: Span): string {
  const isQuoted = text[start] === '"';
  return text.slice(isQuoted ? start + 1 : start, isQuoted && text[end - 1] === '"' ? end - 1 : end);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '', f: '\f' };

/** The escapes of a string stand for their characters. */
export function decodeEscapes(text: string, start: number, end: number, decoding: TextDecoding): void {
  if (!text.slice(start, end).includes('\\')) return;
  for (let at = text.indexOf('\\', start); at >= 0 && at < end;) {
    const letter = text[at + 1] ?? '';
    const code = letter === 'u' ? /^[\da-f]{4}/iu.exec(text.slice(at + 2, at + 6))?.[0] : undefined;
    const length = code === undefined ? 2 : 6;
    const instead =
      code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(parseInt(code, 16));
    decoding.replace(at, Math.min(end, at + length), instead);
    at = text.indexOf('\\', at + length);
  }
}
