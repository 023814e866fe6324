import type { Anchor, PackedBlock, PackedBlockKind } from './types.js';
import type { Span } from '../text/span.js';

/** Attributes of a block that is being written. */
interface OpenBlock {
  readonly kind: PackedBlockKind;
  readonly level?: number;
  readonly isHeader?: boolean;
  /** What stands before an item: a bullet or its number. */
  readonly marker?: string;
}

/** Kinds of which several in a row stand on lines without an empty one between them. */
const TIGHT: ReadonlySet<PackedBlockKind> = new Set(['item', 'row', 'contents', 'code']);
/** Stands for a line break within a block. */
export const LINE_BREAK = '\u2028';
const CELL_BORDER = '\t';
// eslint-disable-next-line no-control-regex -- these are what is taken out
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** What no reader can see is taken out: control characters become spaces, halves of characters U+FFFD. */
export const cleaned = (text: string) => text.replace(CONTROLS, ' ').replace(LONE_SURROGATE, '\uFFFD');

/**
 * Writes a text block by block and keeps the range of each. White space within a block is one space, except in code;
 * blocks without text leave nothing behind.
 */
export class TextBuilder {
  readonly #pieces: string[] = [];
  #length = 0;
  readonly #blocks: PackedBlock[] = [];
  readonly #anchors: Anchor[] = [];
  #open: OpenBlock | undefined;
  /** Text of the open block or cell, and the cells before it. */
  #parts: string[] = [];
  #cells: string[] = [];
  #waiting: Omit<Anchor, 'start'> | undefined;
  readonly #notes: string[] = [];

  get length(): number {
    return this.#length;
  }

  /** The text from here on stands on another page, or in another chapter, slide or sheet. */
  anchor(anchor: Omit<Anchor, 'start'>): void {
    this.close();
    this.#flushNotes();
    this.#waiting = anchor;
  }

  /** An anchor within the block that was written last. */
  mark(anchor: Anchor): void {
    this.#anchors.push(anchor);
  }

  /** Writes a whole block; gives its offset, or undefined where it has no text. */
  write(block: OpenBlock, text: string): number | undefined {
    const before = this.#blocks.length;
    this.open(block);
    this.append(text);
    this.close();
    return this.#blocks[before]?.start;
  }

  /** Blocks so far. */
  get blocks(): number {
    return this.#blocks.length;
  }

  /** Begins a block; one that is open ends. */
  open(block: OpenBlock): void {
    this.close();
    this.#open = block;
  }

  /** Adds to the open block, or begins a paragraph. White space alone begins none. */
  append(text: string): void {
    if (!this.#open) {
      if (text.trim() === '') return;
      this.open({ kind: 'paragraph' });
    }
    this.#parts.push(text);
  }

  /** Ends a cell of the open row. */
  endCell(): void {
    if (this.#open?.kind !== 'row') return;
    this.#cells.push(this.#taken().replaceAll('\n', ' '));
  }

  /** A note is written behind the block that calls it, behind the whole table where that is a row. */
  note(text: string): void {
    const note = flat(text);
    if (note !== '') this.#notes.push(note);
  }

  close(): void {
    const open = this.#open;
    if (!open) return;
    if (open.kind === 'row') {
      const last = this.#taken();
      if (last !== '') this.#cells.push(last);
      this.#writeRow(open);
    } else {
      const text = this.#taken();
      if (text !== '') this.#writeBlock({ ...open }, open.marker ? `${open.marker} ${text}` : text);
    }
    this.#open = undefined;
    this.#parts = [];
    this.#cells = [];
    if (open.kind !== 'row') this.#flushNotes();
  }

  /** The text so far, with what is open closed. */
  finish(): { text: string; blocks: PackedBlock[]; anchors: Anchor[] } {
    this.close();
    this.#flushNotes();
    return { text: this.#pieces.join(''), blocks: this.#blocks, anchors: this.#anchors };
  }

  #taken(): string {
    const joined = cleaned(this.#parts.join(''));
    this.#parts = [];
    if (this.#open?.kind !== 'code') return flat(joined);
    return joined
      .replaceAll(LINE_BREAK, '\n')
      .replace(/^\s*\n/u, '')
      .trimEnd();
  }

  #writeRow(open: OpenBlock): void {
    if (this.#cells.every((cell) => cell === '')) return;
    const base = this.#separate('row');
    const cells: Span[] = [];
    let at = base;
    for (const cell of this.#cells) {
      cells.push({ start: at, end: at + cell.length });
      at += cell.length + CELL_BORDER.length;
    }
    // Empty cells at the end leave no white space behind.
    const text = this.#cells.join(CELL_BORDER).trimEnd();
    const end = base + text.length;
    const clipped = cells.map((cell) => ({ start: Math.min(cell.start, end), end: Math.min(cell.end, end) }));
    this.#add({ kind: 'row', cells: clipped, ...(open.isHeader && { isHeader: true }) }, text);
  }

  #writeBlock({ kind, level }: OpenBlock, text: string): void {
    this.#separate(kind);
    this.#add({ kind, ...(level !== undefined && { level }) }, text);
  }

  #add(block: Omit<PackedBlock, 'start' | 'end'>, text: string): void {
    const start = this.#length;
    this.#push(text);
    this.#blocks.push({ ...block, start, end: this.#length });
  }

  /** Ends the block before, so that the next begins here; gives its offset. */
  #separate(kind: PackedBlockKind): number {
    const before = this.#blocks.at(-1);
    if (before) this.#push(before.kind === kind && TIGHT.has(kind) && !this.#waiting ? '\n' : '\n\n');
    if (this.#waiting)
      this.#anchors.push({ ...this.#waiting, start: this.#anchors.length ? this.#length : 0 });
    this.#waiting = undefined;
    return this.#length;
  }

  #flushNotes(): void {
    for (const note of this.#notes.splice(0)) this.#writeBlock({ kind: 'note' }, note);
  }

  #push(text: string): void {
    this.#pieces.push(text);
    this.#length += text.length;
  }
}

/** White space is one space; a line break that was asked for (U+2028) stays one. */
export function flat(text: string): string {
  return text
    .replace(/[^\S\u00a0\u202f\u2007\u2028]+/gu, ' ')
    .replace(/ ?\u2028 ?/gu, '\n')
    .replace(/\n{2,}/gu, '\n')
    .trim();
}
