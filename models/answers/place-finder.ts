import type { Span } from '../text/span.js';
import type { Asked, AskedTerm } from './question.js';
import { judge, type Judgement } from './judge.js';
import { contextOf, REACH, statementAround } from './statements.js';
import { hasValue } from './values.js';

/** A statement of the document that may hold the answer, with what stands around it. */
export interface Place extends Span {
  /** Line of `start`, from 1. */
  readonly line: number;
  readonly statement: string;
  /** What the model reads: the statement and some sentences to each side. */
  readonly window: string;
  readonly judgement: Judgement;
}

/** UTF-16 units that are searched at once. */
const BLOCK = 1 << 16;
/** UTF-16 units to each side of a statement that the model reads. */
const WINDOW = 400;
/** What must be at hand to each side of what is searched. */
const MARGIN = REACH + WINDOW + 100;
/** UTF-16 units in which the words of one statement and its context stand. */
const TOGETHER = 400;
/** Places that are kept, and those with one and the same value. */
const MOST = 24;
const MOST_ALIKE = 3;
/** Statements that are looked at though they lack a word; and in all: then the question's words are everywhere. */
const MOST_LACKING = 20_000;
const MOST_JUDGED = 200_000;
const MOST_WITHOUT_VALUE = 2000;
/** Blocks after which it is counted anew which words are rare. */
const RECOUNT = 64;
const NO_WORD = /[^\p{L}\p{N}]/u;

/**
 * Searches a text that arrives in pieces for the statements that fit a question best. Bounded: it holds some
 * hundred kilobytes whatever the text's length.
 */
export class PlaceFinder {
  readonly #asked: Asked;

  /** Telling words of the question, and how many of them a statement or what is around it must have. */
  readonly #telling: number;
  readonly #needed: number;
  readonly #names: number;
  #places: Place[] = [];
  #held = '';
  /** Offset and line of `#held` in the document. */
  #offset = 0;
  #line = 1;
  /** Where lines were counted last, in `#held`. */
  #counted = { offset: 0, line: 1 };
  /** Where in `#held` the search goes on, and where the last statement ended. */
  #searched = 0;
  #reached = 0;
  #judged = 0;
  #withoutValue = 0;
  #blocks = 0;
  #anchors: readonly AskedTerm[] = [];

  constructor(asked: Asked) {
    this.#asked = asked;

    this.#telling = asked.terms.filter(({ isTelling }) => isTelling).length;
    this.#needed = this.#telling > 2 ? this.#telling - 1 : this.#telling;
    this.#names = bits(asked, ({ isName }) => isName);
  }

  push(piece: string): void {
    this.#held += piece;
    if (this.#held.length - this.#searched >= BLOCK + MARGIN) this.#search(this.#held.length - MARGIN);
  }

  /** The text has ended: the best places, best first; none where the question's words stand nearly everywhere. */
  end(): readonly Place[] {
    this.#search(this.#held.length);
    if (this.#judged >= MOST_JUDGED) return [];
    this.#thinOut();
    return this.#places;
  }

  #search(to: number): void {
    if (this.#needed > 0 && this.#judged < MOST_JUDGED) this.#look(this.#searched, to);
    const cut = Math.max(0, to - MARGIN);
    this.#line = this.#lineAt(cut);
    this.#counted = { offset: 0, line: this.#line };
    this.#offset += cut;
    this.#held = this.#held.slice(cut);
    this.#searched = to - cut;
    this.#reached -= cut;
  }

  #look(from: number, to: number): void {
    // A lone carriage return ends a line, too.
    const held = this.#held.includes('\r') ? this.#held.replace(/\r(?!\n)/gu, '\n') : this.#held;
    const lower = lowerCase(held);
    if (this.#blocks++ % RECOUNT === 0) this.#chooseAnchors(lower, from, to);
    const hits: number[] = [];
    for (const region of this.#regions(held, lower, from, to)) {
      for (const [index, term] of this.#asked.terms.slice(0, TERMS).entries())
        for (const at of hitsOf(term, held, lower, region)) hits.push(at * TERMS + index);
    }
    hits.sort((a, b) => a - b);
    let first = 0;
    let last = 0;
    /** Hits by term of those that stand together. */
    const counts = new Uint32Array(TERMS);
    let mask = 0;
    for (const hit of hits) {
      const at = Math.floor(hit / TERMS);
      for (; last < hits.length && Math.floor(hits[last]! / TERMS) <= at + TOGETHER; last++) {
        const term = hits[last]! % TERMS;
        counts[term]!++;
        mask |= 1 << term;
      }
      for (; Math.floor(hits[first]! / TERMS) < at - TOGETHER; first++) {
        const term = hits[first]! % TERMS;
        counts[term]!--;
        if (counts[term] === 0) mask &= ~(1 << term);
      }
      if (at < from || at >= to || at < this.#reached || !this.#isEnough(mask)) continue;
      const span = statementAround(held, at);
      this.#reached = Math.max(at + 1, span.end);
      this.#consider(span, () => contextOf(held, span));
    }
  }

  /**
   * Every statement that is wanted has one of the anchors: of the telling words those that are rarest in the text,
   * as many as make sure of it.
   */
  #chooseAnchors(lower: string, from: number, to: number): void {
    const telling = this.#asked.terms.slice(0, TERMS).filter(({ isTelling }) => isTelling);
    const counts = new Map(
      telling.map((term) => [term, hitsOf(term, this.#held, lower, { start: from, end: to }).length]),
    );
    this.#anchors = telling
      .sort((a, b) => counts.get(a)! - counts.get(b)! || b.key.length - a.key.length)
      .slice(0, Math.max(1, telling.length - this.#needed + 1));
  }

  /** Where the anchors stand, with what may stand together with them. */
  #regions(held: string, lower: string, from: number, to: number): Span[] {
    const hits = this.#anchors.flatMap((term) =>
      hitsOf(term, held, lower, { start: Math.max(0, from - TOGETHER), end: to + TOGETHER }),
    );
    const regions: { start: number; end: number }[] = [];
    for (const at of hits.sort((a, b) => a - b)) {
      const start = Math.max(0, at - TOGETHER);
      const end = at + TOGETHER;
      const last = regions.at(-1);
      if (last && start <= last.end) last.end = end;
      else regions.push({ start, end });
    }
    return regions;
  }

  #isEnough(mask: number): boolean {
    const { terms } = this.#asked;
    let telling = 0;
    for (let i = 0; i < terms.length && i < TERMS; i++)
      if ((mask & (1 << i)) !== 0 && terms[i]!.isTelling) telling++;
    const needed = this.#judged < MOST_LACKING ? this.#needed : this.#telling;
    return telling >= needed && (mask & this.#names) === this.#names;
  }

  #consider({ start, end }: Span, before: () => string): void {
    const held = this.#held;
    const statement = held.slice(start, end);
    const { kind, terms } = this.#asked;
    if (!hasValue(statement, kind)) {
      // The value of a key may be any word, where nothing else is missing.
      const lower = lowerCase(statement);
      const isWhole = terms.every(
        (t) => !t.isTelling || t.beginnings.some((beginning) => lower.includes(beginning)),
      );
      if (kind !== 'key' || !isWhole || ++this.#withoutValue > MOST_WITHOUT_VALUE) return;
    }
    this.#judged++;
    const judgement = judge(statement, before, this.#asked);
    if (judgement.missingAround.length > 1) return;
    this.#places.push({
      start: this.#offset + start,
      end: this.#offset + end,
      line: this.#lineAt(start),
      statement,
      window: held.slice(Math.max(0, start - WINDOW), end + WINDOW),
      judgement,
    });
    if (this.#places.length >= 2 * MOST) this.#thinOut();
  }

  /** The line of an offset in what is held; offsets mostly rise, so that little is counted twice. */
  #lineAt(at: number): number {
    const { offset, line } = this.#counted;
    const from = at < offset ? { offset: 0, line: this.#line } : { offset, line };
    this.#counted = { offset: at, line: from.line + linesIn(this.#held, from.offset, at) };
    return this.#counted.line;
  }

  #thinOut(): void {
    const alike = new Map<string, number>();
    this.#places = this.#places
      .sort((a, b) => order(a.judgement, b.judgement) || a.start - b.start)
      .filter(({ judgement: { value, missing } }) => {
        const key = `${missing.length} ${value?.text ?? ''}`;
        const count = (alike.get(key) ?? 0) + 1;
        alike.set(key, count);
        return count <= MOST_ALIKE;
      })
      .slice(0, MOST);
  }
}

/** Fewest words missing first, then with a value, then the highest score. */
function order(a: Judgement, b: Judgement): number {
  return (
    a.missingAround.length - b.missingAround.length ||
    a.missing.length - b.missing.length ||
    Number(b.values.length > 0) - Number(a.values.length > 0) ||
    b.score - a.score
  );
}

/** A hit is its offset times this plus the number of its term. */
const TERMS = 16;

/** Where words that a term may be stand in a part of the text. */
function hitsOf({ beginnings }: AskedTerm, held: string, lower: string, { start, end }: Span): number[] {
  const part = lower.slice(start, end);
  const hits: number[] = [];
  for (const beginning of beginnings) {
    for (let at = part.indexOf(beginning); at >= 0; at = part.indexOf(beginning, at + 1))
      if (beginsWord(held, start + at)) hits.push(start + at);
  }
  return hits;
}

/** True at the first letter of a word, or of a word in an identifier. */
function beginsWord(text: string, at: number): boolean {
  const before = text[at - 1];
  if (before === undefined || NO_WORD.test(before)) return true;
  const first = text[at]!;
  return first !== first.toLowerCase() && before === before.toLowerCase();
}

/** In lower case, unit by unit: offsets stay. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length
    ? lower
    : text.replace(/./gsu, (c) => (c.toLowerCase().length === c.length ? c.toLowerCase() : c));
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  // A lone carriage return ends a line, too.
  for (let at = text.indexOf('\r', from); at >= 0 && at < to; at = text.indexOf('\r', at + 1))
    if (text[at + 1] !== '\n') lines++;
  return lines;
}

function bits({ terms }: Asked, isSet: (term: Asked['terms'][number]) => boolean): number {
  return terms.slice(0, TERMS).reduce((sum, term, i) => sum | (isSet(term) ? 1 << i : 0), 0);
}
