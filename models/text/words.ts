/** Words of a text as retrieval and salience see them. */

/** English words that say nothing about what a text is about. */
const STOP = new Set(
  `a about above across after again against ago all almost alone along already also although always am among an and
  another any anybody anyone anything are around as at away back be became because become been before began behind
  being below between both but by came can cannot could did do does doing done down during each either else enough
  etc even ever every everybody everyone everything except few first for from get gets getting give given go goes
  going gone got had has have having he hence her here hers herself him himself his how however i if in indeed
  instead into is it its itself just keep kept knew know known last least less let like likely little long look made
  make makes making many may maybe me might mine more most mr mrs ms much must my myself near nearly need needs
  neither never new next no nobody none nor not nothing now of off often oh on once one only onto or other others
  otherwise ought our ours ourselves out over own per perhaps please put quite rather really s said same saw say
  saying says second see seem seemed seems seen several shall she should since so some somebody someone something
  sometimes somewhere soon still such t take taken than that the their theirs them themselves then there thereby
  therefore these they thing things think this those though thought three through throughout thus till to together
  told too took toward towards two under unless until up upon us use used uses using usually very via want was way
  we well went were what whatever when where whether which while who whole whom whose why will with within without
  would yes yet you your yours yourself yourselves ll ve re um uh mm hmm yeah okay ok gonna wanna i'm i've i'll i'd it's that's he's she's we're we've they're you're don't didn't doesn't isn't wasn't won't
  can't couldn't wouldn't there's what's let's don didn doesn isn wasn won couldn wouldn`.split(/\s+/u),
);

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
    for (const { segment, index: inside, isWordLike } of segmenter().segment(found)) {
      if (isWordLike) visit(described(segment, segment.toLowerCase()), base + index + inside);
    }
  }
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

export function isStopWord(key: string): boolean {
  return STOP.has(key);
}

/** The form under which inflected words meet: English plurals and -ing, -ed lose their ending, no more. */
export function stem(key: string): string {
  if (key.length > 4 && key.endsWith('ies')) return `${key.slice(0, -3)}y`;
  if (key.length > 4 && /(?:ss|sh|ch|x|z)es$/u.test(key)) return key.slice(0, -2);
  if (key.length > 3 && key.endsWith('s') && !/(?:ss|us|is)$/u.test(key)) return key.slice(0, -1);
  if (key.length > 6 && key.endsWith('ing')) return key.slice(0, -3);
  if (key.length > 5 && key.endsWith('ed')) return key.slice(0, -2);
  return key;
}

/** Stems of the words that carry meaning. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  eachWord(text, ({ term }) => {
    if (term !== undefined) terms.push(term);
  });
  return terms;
}
