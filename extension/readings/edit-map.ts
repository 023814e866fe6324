import type { Span } from '../../models/text/span.js';

/** A change of a text: `removed` UTF-16 code units at `offset` gave way to `inserted` others. */
export interface Change {
  readonly offset: number;
  readonly removed: number;
  readonly inserted: number;
}

/** A stretch that is another now; what lies between hunks is as it was. */
interface Hunk {
  readonly then: Span;
  readonly now: Span;
}

/**
 * Where the places of a text are after it was edited. Offsets in what is unchanged move with it; offsets inside a
 * stretch that was replaced become its beginning (`start`) or its end (`end`).
 */
export class EditMap {
  #hunks: Hunk[] = [];

  /** True while nothing has changed. */
  get isEmpty(): boolean {
    return this.#hunks.length === 0;
  }

  /** UTF-16 code units by which the text has grown. */
  get growth(): number {
    const last = this.#hunks.at(-1);
    return last ? last.now.end - last.then.end : 0;
  }

  /** Takes a change of the text as it is now. */
  apply({ offset, removed, inserted }: Change): void {
    const end = offset + removed;
    const before = this.#hunks.filter(({ now }) => now.end < offset);
    const touched = this.#hunks.filter(({ now }) => now.end >= offset && now.start <= end);
    const after = this.#hunks.filter(({ now }) => now.start > end);
    const grown = inserted - removed;
    const first = touched[0];
    const last = touched.at(-1);
    const opensHunk = !first || offset < first.now.start;
    const closesHunk = !last || end > last.now.end;
    const hunk = {
      then: {
        start: opensHunk ? this.#then(offset) : first.then.start,
        end: closesHunk ? this.#thenEnd(end) : last.then.end,
      },
      now: {
        start: opensHunk ? offset : first.now.start,
        end: (closesHunk ? end : last.now.end) + grown,
      },
    };
    this.#hunks = [
      ...before,
      ...(hunk.then.end > hunk.then.start || hunk.now.end > hunk.now.start ? [hunk] : []),
      ...after.map(({ then, now }) => ({ then, now: { start: now.start + grown, end: now.end + grown } })),
    ];
  }

  /** Where a stretch of the text as it was is now. */
  toNow({ start, end }: Span): Span {
    const from = moved(this.#hunks, start, 'then', 'now', 'start');
    return { start: from, end: Math.max(from, moved(this.#hunks, end, 'then', 'now', 'end')) };
  }

  /** Where a stretch of the text as it is now was. */
  toThen({ start, end }: Span): Span {
    const from = this.#then(start);
    return { start: from, end: Math.max(from, this.#thenEnd(end)) };
  }

  #then(offset: number): number {
    return moved(this.#hunks, offset, 'now', 'then', 'start');
  }

  #thenEnd(offset: number): number {
    return moved(this.#hunks, offset, 'now', 'then', 'end');
  }
}

/** An offset of one side in the other; inside a hunk the hunk's `edge`. */
function moved(
  hunks: readonly Hunk[],
  offset: number,
  from: 'then' | 'now',
  to: 'then' | 'now',
  edge: 'start' | 'end',
): number {
  let shift = 0;
  for (const hunk of hunks) {
    const { start, end } = hunk[from];
    // The beginning of a stretch lies behind what was inserted there, its end before it.
    if (edge === 'start' ? offset < start : offset <= start) break;
    if (edge === 'start' ? offset < end : offset <= end) return hunk[to][edge];
    shift = hunk[to].end - end;
  }
  return offset + shift;
}
