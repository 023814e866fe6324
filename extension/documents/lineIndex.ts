/** A place in a text: line and character count from 0, characters are UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly character: number;
}

const CR = 13;
const LF = 10;

/**
 * Offsets to lines for a text that streams by and is not kept. Lines end as they do in the editor: at \n,
 * \r\n and \r. Four bytes a line.
 */
export class LineIndex {
  private starts = new Uint32Array(1024);
  private count = 1;
  private length = 0;
  private endedWithCR = false;

  /** Takes the next piece of the text. */
  append(piece: string): void {
    for (let i = 0; i < piece.length; i++) {
      const code = piece.charCodeAt(i);
      if (code === LF) {
        // \r\n is one line end, also across pieces: the line that \r began is begun again after \n.
        if (this.endedWithCR) this.count--;
        this.push(this.length + i + 1);
      } else if (code === CR) {
        this.push(this.length + i + 1);
      }
      this.endedWithCR = code === CR;
    }
    this.length += piece.length;
  }

  get lineCount(): number {
    return this.count;
  }

  /** Offsets beyond the text give its end. */
  positionAt(offset: number): TextPosition {
    const clamped = Math.max(0, Math.min(offset, this.length));
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: clamped - (this.starts[low] ?? 0) };
  }

  private push(start: number): void {
    if (this.count === this.starts.length) {
      const grown = new Uint32Array(this.starts.length * 2);
      grown.set(this.starts);
      this.starts = grown;
    }
    this.starts[this.count++] = start;
  }
}
