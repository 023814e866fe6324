import type { Block } from '../text/block.js';
import type { DecodedText } from '../text/decoded-text.js';
import { RecordContexts } from '../text/record-context.js';
import { namesOf, type Field, type TextRecord } from '../text/records.js';
import type { Span } from '../text/span.js';
import { strengthIn, wordsIn, type FoundWord } from './judge.js';
import { isEmptyWord } from './lexicon.js';
import type { Asked, AskedTerm } from './question.js';
import { append } from '../text/lists.js';

/** A structured document, as its layout has it. */
export interface Structure {
  readonly blocks: readonly Block[];
  readonly records: readonly TextRecord[];
  readonly decoded: DecodedText;
}

/** A field that answers a question, and what to show of it: a row, a key with its value, a list. Source offsets. */
export interface RecordAnswer {
  readonly value: Span;
  readonly text: string;
  readonly evidence: Span;
}

/** What a word of the question counts by where it stands: the field's name, another cell, a key or title above it. */
const WEIGHTS = { name: 1, cell: 1, path: 1, title: 0.8, before: 0.4, header: 0.3 };
const LIGHT = 0.2;
/** What is lost for a word that nobody asked for, by where it stands. */
const EXTRA = { name: 0.06, cell: 0.06, title: 0.1 };
/** What is lost for a word that a row lacks which is named by its number. */
const MISSING = 0.3;
/** By how much an answer must be better than one with another value. */
const MARGIN = 0.05;
/** Keys above a leaf that are looked at. */
const DEPTH = 12;

const DATE =
  /^\D{0,12}(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]+(?:\d{1,2}|\p{L}{3,9}\.?)[-/., ]+\d{2,4}|\p{L}{3,9}\.? \d{1,2},? \d{4})/u;
const NUMBER = /^[-+$€£¥]?\s?[\d.,' ]*\d\s?(?:%|\p{L}{1,3})?$/u;

/**
 * Answers a question from rows and leaves: the row whose cells, or the leaf whose keys, have all that is asked for with
 * the titles above, and in it the field that the question names. Undefined where none has, or where two with different
 * values are equally good: then the question does not say which.
 */
export function recordAnswer(structure: Structure, asked: Asked): RecordAnswer | undefined {
  const { records, blocks, decoded } = structure;
  const telling = asked.terms.filter(({ isTelling }) => isTelling);
  if (telling.length === 0) return undefined;
  const contexts = new RecordContexts(blocks, decoded);
  const reader = new RecordReader(decoded, contexts, asked);
  const found: Candidate[] = [];
  const byNumber: Candidate[][] = [];
  for (const record of records) {
    if (record.kind !== 'row' && record.kind !== 'keys') continue;
    if (!reader.mayAnswer(record)) continue;
    const { whole, named } = reader.candidates(record);
    append(found, whole);
    if (named.length > 0) byNumber.push(named);
  }
  // A row that its number names may lack a word, if no other row has the number.
  const [only] = byNumber;
  const all = found.length > 0 ? found : byNumber.length === 1 ? only! : [];
  const best = all.reduce<Candidate | undefined>((a, b) => (a && a.score >= b.score ? a : b), undefined);
  if (!best) return undefined;
  const text = reader.valueOf(best.field);
  const isRival = (other: Candidate) =>
    other.score > best.score - MARGIN && reader.valueOf(other.field) !== text;
  if (all.some(isRival)) return undefined;
  const { field, record } = best;
  const evidence = record.kind === 'row' ? record : (field.whole ?? field);
  return { value: field, text, evidence: { start: evidence.start, end: evidence.end } };
}

interface Candidate {
  readonly record: TextRecord;
  readonly field: Field;
  readonly score: number;
}

interface Cell {
  readonly field: Field;
  readonly text: string;
  readonly words: readonly FoundWord[];
  readonly name: readonly FoundWord[];
}

class RecordReader {
  readonly #decoded: DecodedText;
  readonly #contexts: RecordContexts;
  readonly #asked: Asked;

  readonly #telling: readonly AskedTerm[];
  readonly #names = new Map<string, readonly FoundWord[]>();

  constructor(decoded: DecodedText, contexts: RecordContexts, asked: Asked) {
    this.#decoded = decoded;
    this.#contexts = contexts;
    this.#asked = asked;

    this.#telling = asked.terms.filter(({ isTelling }) => isTelling);
  }

  valueOf({ start, end }: Field): string {
    return this.#decoded.shown(start, end).trim();
  }

  /** A quick look: something that is asked for stands in the record, or in a name of its fields, or above it. */
  mayAnswer({ start, end, path, fields }: TextRecord): boolean {
    const asked = this.#asked;
    const has = (text: string) => {
      const lower = text.toLowerCase();
      return asked.terms.some(({ beginnings }) => beginnings.some((beginning) => lower.includes(beginning)));
    };
    if (path && namesOf(path).slice(-DEPTH).some(has)) return true;
    const text = end - start < 4000 ? this.#decoded.shown(start, end) : '';
    return (text !== '' && has(text)) || (text === '' && fields.some(({ name }) => has(name)));
  }

  /** Fields that answer with all that is asked for; and those of a row that is named by a number or name only. */
  candidates(record: TextRecord): { whole: Candidate[]; named: Candidate[] } {
    const cells = record.fields.map((field): Cell => {
      const text = this.valueOf(field);
      return { field, text, words: text.length > 400 ? [] : wordsIn(text), name: this.#wordsOf(field.name) };
    });
    const { titles, before } = this.#contexts.of(record);
    const path = namesOf(record.path)
      .slice(-DEPTH)
      .flatMap((name) => this.#wordsOf(name));
    const above = { path, titles: titles.map((title) => this.#wordsOf(title)), before: wordsIn(before) };
    const whole: Candidate[] = [];
    const named: Candidate[] = [];
    for (const cell of cells) {
      if (cell.text === '' || this.#asked.question.includes(cell.text)) continue;
      if (!this.#isAskedFor(cell, cells, record)) continue;
      const { score, missing } = this.#scoreOf(cell, cells, above, record.kind === 'row');
      const candidate = { record, field: cell.field, score };
      if (missing.length === 0) whole.push(candidate);
      else if (record.kind === 'row' && missing.every(({ isName }) => !isName) && this.#isNamed(cells))
        named.push({ ...candidate, score: score - MISSING * missing.length });
    }
    return { whole, named };
  }

  /** A cell is a number or name of the question, as a whole. */
  #isNamed(cells: readonly Cell[]): boolean {
    return this.#telling.some(
      (term) => term.isName && cells.some(({ text }) => text.toLowerCase() === term.key),
    );
  }

  /** Whether the question asks for this field: by its name, by a name that heads its column, or by its kind. */
  #isAskedFor({ field, text, name }: Cell, cells: readonly Cell[], { kind }: TextRecord): boolean {
    const { head, terms, kind: wanted } = this.#asked;
    if (head.some((term) => strengthIn(term, name) > 0)) return true;
    if (terms.some((term) => term.isName && strengthIn(term, name) > 0)) return true;
    if (wanted === 'date')
      return DATE.test(text) && !cells.some((c) => c.field !== field && DATE.test(c.text));
    if (wanted === 'amount') return NUMBER.test(text) && terms.some((term) => strengthIn(term, name) > 0);
    const isOwn = terms.some((term) => strengthIn(term, name) > 0);
    if (head.length > 0) return isOwn && kind === 'keys' && head.every((term) => !term.isTelling);
    if (isOwn) return true;
    const texts = cells.filter(
      (c) => /\p{L}{2}/u.test(c.text) && !DATE.test(c.text) && !this.#asked.question.includes(c.text),
    );
    return kind === 'row' && texts.length === 1 && texts[0]!.field === field;
  }

  #scoreOf(
    cell: Cell,
    cells: readonly Cell[],
    above: {
      path: readonly FoundWord[];
      titles: readonly (readonly FoundWord[])[];
      before: readonly FoundWord[];
    },
    isRow: boolean,
  ): { score: number; missing: AskedTerm[] } {
    const others = cells.filter((other) => other !== cell);
    const cellWords = isRow ? others.flatMap(({ words }) => words) : [];
    const headers = isRow ? others.flatMap(({ name }) => name) : [];
    const places: readonly (readonly [readonly FoundWord[], number])[] = [
      [cell.name, WEIGHTS.name],
      [cellWords, WEIGHTS.cell],
      [above.path, WEIGHTS.path],
      [above.titles.flat(), WEIGHTS.title],
      [above.before, WEIGHTS.before],
      [headers, WEIGHTS.header],
    ];
    const bestOf = (term: AskedTerm) =>
      places.reduce((best, [words, weight]) => Math.max(best, weight * strengthIn(term, words)), 0);
    const missing: AskedTerm[] = [];
    let score = 0;
    for (const term of this.#asked.terms) {
      const strength = bestOf(term);
      if (term.isTelling && strength === 0) missing.push(term);
      score += term.isTelling ? strength : LIGHT * strengthIn(term, cell.name);
    }
    // Of the cells those that name the row are the ones with words of the question.
    const naming = others.filter(({ words }) =>
      this.#asked.terms.some((term) => strengthIn(term, words) > 0),
    );
    score -= EXTRA.name * this.#extra(cell.name);
    if (isRow) score -= EXTRA.cell * this.#extra(naming.flatMap(({ words }) => words));
    score -= EXTRA.title * this.#extra(above.titles[0] ?? []);
    return { score, missing };
  }

  /** Words that nobody asked for. */
  #extra(words: readonly FoundWord[]): number {
    const extra = words.filter(
      (word) => !isEmptyWord(word.key) && !this.#asked.terms.some((term) => strengthIn(term, [word]) > 0),
    ).length;
    return Math.min(extra, 5);
  }

  #wordsOf(name: string): readonly FoundWord[] {
    let words = this.#names.get(name);
    if (!words) {
      words = wordsIn(name);
      if (this.#names.size < 10_000) this.#names.set(name, words);
    }
    return words;
  }
}
