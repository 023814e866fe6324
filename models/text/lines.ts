/**
 * A line of a document, as the search for its structure sees it. Its text is cut out of the document's when it is asked
 * for: three fields a line are what a text of millions of them can afford.
 */
export class TextLine {
  readonly #source: string;
  readonly #end: number;
  readonly #from: number;

  /**
   * @param source that the line is of
   * @param start UTF-16 offset of the line
   * @param end offset of its end, without the mark of the line's end
   * @param from offset of the first unit of `source`
   */
  constructor(
    source: string,
    readonly start: number,
    end: number,
    from = 0,
  ) {
    this.#source = source;
    this.#end = end;
    this.#from = from;
  }

  get text(): string {
    return this.#source.slice(this.start - this.#from, this.#end - this.#from);
  }

  /** Without white space around it, and without the middle of a very long line: enough to tell what it is. */
  get trimmed(): string {
    const trimmed = this.text.trim();
    const isLong = trimmed.length > 2 * LOOKED_AT;
    return isLong ? `${trimmed.slice(0, LOOKED_AT)} … ${trimmed.slice(-LOOKED_AT)}` : trimmed;
  }
}

/** UTF-16 units of each end of a line that are looked at; patterns may take quadratic time on long runs. */
const LOOKED_AT = 200;

/** Lines end with LF, CR LF or CR. */
export function linesOf(text: string): TextLine[] {
  const lines: TextLine[] = [];
  for (let start = 0; start <= text.length;) {
    let end = start;
    while (end < text.length && text.charCodeAt(end) !== 0x0a && text.charCodeAt(end) !== 0x0d) end++;
    lines.push(new TextLine(text, start, end));
    start = end + (text.charCodeAt(end) === 0x0d && text.charCodeAt(end + 1) === 0x0a ? 2 : 1);
  }
  return lines;
}

/** A line, or a part of one, that stands at `start`. */
export function lineFrom(text: string, start: number): TextLine {
  return new TextLine(text, start, start + text.length, start);
}

/** Width of the white space that a line begins with. */
export function indentOf({ text }: TextLine): number {
  return text.length - text.trimStart().length;
}

/** Lines of a run, of those that are looked at. */
const RUN = 40;

/**
 * At most so many lines from all over a document, and none that is empty. They stand in runs: at even distances every
 * line might be the same of an entry of several.
 */
export function sampleOf(lines: readonly TextLine[], most: number): TextLine[] {
  const step = Math.max(RUN, Math.floor((lines.length / most) * RUN));
  return lines.filter((line, i) => (lines.length <= most || i % step < RUN) && line.trimmed !== '');
}
