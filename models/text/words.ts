/** Words of a text as retrieval and salience see them. */
import { isStopWord } from './stop-words.js';
import { stem } from './stems.js';

/** Transcribers' marks, such as `{vocalsound}`, are no words. */
const MARKS = /\{[a-z_ ]{2,20}\}/gu;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’_-]*/gu;
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

export interface Word {
  /** Lower-case, without possessive ending. */
  readonly key: string;
  readonly text: string;
  /** Offset in the text that was given. */
  readonly start: number;
}

/** What is to be known of a word, whatever the text. */
export interface KnownWord {
  /** Lower-case, without possessive ending. */
  readonly key: string;
  /** As it is spelled, without that ending. */
  readonly text: string;
  readonly isStop: boolean;
  /** UTF-16 units of `text` that are letters. */
  readonly letters: number;
  /** Whether its key begins with a letter. */
  readonly isLettered: boolean;
  /** {@link stem} of the key, or undefined where it carries no meaning. */
  readonly term: string | undefined;
  /** Porter's stem of the key, once it was asked for. */
  stem?: string;
}

/** Words remembered in each of two generations; a book has about 20,000 spellings. */
const REMEMBERED = 1 << 16;
let young = new Map<string, KnownWord>();
let old = new Map<string, KnownWord>();

/** A word as it was found; text repeats itself, so most were met before. */
function known(found: string): KnownWord {
  const met = young.get(found);
  if (met) return met;
  const word = old.get(found) ?? describe(found);
  if (young.size >= REMEMBERED) {
    old = young;
    young = new Map();
  }
  // A slice would keep the whole text in memory that it is of.
  young.set(word.text === found ? word.text : detached(found), word);
  return word;
}

function describe(found: string): KnownWord {
  const text = detached(found.replace(/(?:['’]s|['’_-]+)$/iu, ''));
  return described(text, text.toLowerCase().replaceAll('’', "'"));
}

function described(text: string, key: string): KnownWord {
  const isStop = isStopWord(key);
  const letters = text.replace(/[^\p{L}]/gu, '').length;
  const isLettered = /^\p{L}/u.test(key);
  return { key, text, isStop, letters, isLettered, term: isStop ? undefined : stem(key) };
}

/** A copy of its own; short slices are copies. */
function detached(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

/** Whether a code unit can begin a word, go on with it, or is of a script without spaces, by bits. */
const BEGINS = 1;
const GOES_ON = 2;
const IS_CJK = 4;
const OUTSIDE = 8;
/** Half of a surrogate pair: what it is, only the pair says. */
const PAIRED = 16;
const UNKNOWN = 0;
const classes = new Uint8Array(1 << 16);

function classOf(unit: number): number {
  const met = classes[unit]!;
  if (met !== UNKNOWN) return met;
  const character = String.fromCharCode(unit);
  let made = 0;
  if ((unit & 0xf800) === 0xd800) made = PAIRED;
  else {
    if (/[\p{L}\p{N}]/u.test(character)) made |= BEGINS | GOES_ON;
    if (/[\p{M}'’_-]/u.test(character)) made |= GOES_ON;
    if (CJK.test(character)) made |= IS_CJK;
    if (made === 0) made = OUTSIDE;
  }
  return (classes[unit] = made);
}

/**
 * Visits the words of `text`; scripts without spaces are cut by the platform's dictionary.
 *
 * @param visit is given the word and where it starts
 */
export function eachWord(text: string, visit: (word: KnownWord, start: number) => void): void {
  const words = text.includes('{') ? text.replace(MARKS, (mark) => ' '.repeat(mark.length)) : text;
  const { length } = words;
  for (let at = 0; at < length;) {
    let kind = classOf(words.charCodeAt(at));
    if ((kind & (BEGINS | PAIRED)) === 0) {
      at++;
      continue;
    }
    const start = at;
    let all = 0;
    while ((kind & (GOES_ON | PAIRED)) !== 0) {
      all |= kind;
      if (++at === length) break;
      kind = classOf(words.charCodeAt(at));
    }
    if ((all & (IS_CJK | PAIRED)) === 0) visit(known(words.slice(start, at)), start);
    else visitUnusual(words.slice(start, at), start, visit);
  }
}

/** Words of a run of characters that are of a script without spaces, or beyond the basic plane. */
function visitUnusual(run: string, base: number, visit: (word: KnownWord, start: number) => void): void {
  for (const { index, 0: found } of run.matchAll(WORD)) {
    if (!CJK.test(found)) {
      visit(known(found), base + index);
      continue;
    }
    if (found.length === 1) {
      if (isWordAlone(found)) visit(known(found), base + index);
      continue;
    }
    for (const { segment, index: inside, isWordLike } of segmenter().segment(found)) {
      if (isWordLike) visit(known(segment), base + index + inside);
    }
  }
}

/** Whether characters alone are words; the platform's dictionary takes long to say so. */
const alone = new Map<string, boolean>();

function isWordAlone(character: string): boolean {
  let isWord = alone.get(character);
  if (isWord === undefined) {
    isWord = [...segmenter().segment(character)].some(({ isWordLike }) => isWordLike === true);
    alone.set(character, isWord);
  }
  return isWord;
}

/** The words of `text` (see {@link eachWord}). */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  eachWord(text, ({ key, text: spelling }, start) => words.push({ key, text: spelling, start }));
  return words;
}

let dictionary: Intl.Segmenter | undefined;
function segmenter(): Intl.Segmenter {
  return (dictionary ??= new Intl.Segmenter(undefined, { granularity: 'word' }));
}

/** Stems of the words that carry meaning. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  eachWord(text, ({ term }) => {
    if (term !== undefined) terms.push(term);
  });
  return terms;
}
