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

/** The words of `text`; scripts without spaces are cut by the platform's dictionary. */
export function* wordsOf(text: string): Generator<Word, void, undefined> {
  const words = text.replace(MARKS, (mark) => ' '.repeat(mark.length));
  for (const match of words.matchAll(WORD)) {
    const [found] = match;
    if (CJK.test(found)) {
      for (const { segment, index, isWordLike } of segmenter().segment(found)) {
        if (isWordLike) yield { key: segment.toLowerCase(), text: segment, start: match.index + index };
      }
    } else {
      const trimmed = found.replace(/(?:['’]s|['’_-]+)$/iu, '');
      yield { key: trimmed.toLowerCase().replaceAll('’', "'"), text: trimmed, start: match.index };
    }
  }
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
  for (const { key } of wordsOf(text)) if (!isStopWord(key)) terms.push(stem(key));
  return terms;
}
