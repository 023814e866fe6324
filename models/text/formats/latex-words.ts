import { TextDecoding, type DecodedText } from '../decoded-text.js';

/**
 * The words of LaTeX source: comments, commands and braces left out, escapes and quotation marks as the characters that
 * they stand for, runs of white space as one space. One pass over the text; unified-latex, which builds a tree, took nine
 * seconds a megabyte.
 */

/** Commands whose argument is no text. */
const NO_TEXT =
  /^(?:[a-zA-Z]*cite[a-zA-Z]*|[a-zA-Z]*ref|label|index|input|include|includegraphics|vspace|hspace|begin|end|url|bibliography[a-z]*|usepackage|documentclass)$/u;
/** Units of an argument that is left out with its command. */
const LONGEST = 2000;
const PLAIN = /[^\\%{}~`'\s]+/uy;

export function latexWords(text: string): DecodedText {
  const reader = new LatexReader(text);
  reader.read();
  return reader.decoding.end();
}

class LatexReader {
  readonly #text: string;

  readonly decoding: TextDecoding;
  /** What is left out since the last character that is read, and whether words are apart there. */
  #gap = -1;
  #isApart = false;
  #isParagraph = false;

  constructor(text: string) {
    this.#text = text;

    this.decoding = new TextDecoding(text);
  }

  read(): void {
    const text = this.#text;
    for (let at = 0; at < text.length;) {
      PLAIN.lastIndex = at;
      const plain = PLAIN.exec(text);
      if (plain) {
        this.#word(at);
        at += plain[0].length;
      } else at = this.#mark(at);
    }
    if (this.#gap >= 0) this.decoding.replace(this.#gap, text.length, '');
  }

  /** Reads what stands at `at` and is no plain word; returns where it ends. */
  #mark(at: number): number {
    const text = this.#text;
    const unit = text[at]!;
    const next = text[at + 1] ?? '';
    switch (unit) {
      case '\\':
        return this.#command(at, next);
      case '%': {
        const feed = text.indexOf('\n', at);
        return this.#leave(at, feed < 0 ? text.length : feed, false);
      }
      case '{':
      case '}':
        return this.#leave(at, at + 1, false);
      case '~':
        return this.#leave(at, at + 1, true);
      case '`':
      case "'":
        if (next !== unit) break;
        this.#word(at);
        this.decoding.replace(at, at + 2, '"');
        return at + 2;
      default: {
        if (!/\s/u.test(unit)) break;
        let end = at + 1;
        while (end < text.length && /\s/u.test(text[end]!)) end++;
        if ((text.slice(at, end).match(/\n/gu) ?? []).length > 1) this.#isParagraph = true;
        return this.#leave(at, end, true);
      }
    }
    this.#word(at);
    return at + 1;
  }

  #command(at: number, next: string): number {
    if (/[%&#_${}]/u.test(next)) {
      this.#word(at);
      this.decoding.replace(at, at + 2, next);
      return at + 2;
    }
    if (!/[a-zA-Z]/u.test(next)) {
      const length =
        next === '\\'
          ? 2 + (/^\*?\[[^\]]{0,20}\]/u.exec(this.#text.slice(at + 2, at + 24))?.[0].length ?? 0)
          : Math.max(1, Math.min(2, this.#text.length - at));
      return this.#leave(at, at + length, next !== '-' && next !== '/');
    }
    const name = /^[a-zA-Z]+/u.exec(this.#text.slice(at + 1, at + 64))![0];
    let end = at + 1 + name.length;
    if (this.#text[end] === '*') end++;
    const isMute = NO_TEXT.test(name);
    const optional = /^(?:\[[^\]]{0,400}\])+/u.exec(this.#text.slice(end, end + LONGEST))?.[0] ?? '';
    if (isMute) {
      const argument = /^\{[^{}]*\}/u.exec(
        this.#text.slice(end + optional.length, end + optional.length + LONGEST),
      );
      return this.#leave(at, end + optional.length + (argument?.[0].length ?? 0), false);
    }
    return this.#leave(at, end + optional.length, name !== 'item');
  }

  #leave(from: number, to: number, isApart: boolean): number {
    if (this.#gap < 0) this.#gap = from;
    this.#isApart ||= isApart;
    return to;
  }

  /** A character that is read stands at `at`: the gap before it is closed. */
  #word(at: number): void {
    if (this.#gap >= 0) {
      const isFirst = this.#gap === 0;
      const joins = /[,.;:!?)\]]/u.test(this.#text[at]!);
      const gap = this.#isParagraph ? '\n\n' : this.#isApart && !joins ? ' ' : '';
      if (this.#text.slice(this.#gap, at) !== gap) this.decoding.replace(this.#gap, at, isFirst ? '' : gap);
    }
    this.#gap = -1;
    this.#isApart = false;
    this.#isParagraph = false;
  }
}
