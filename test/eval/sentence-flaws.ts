/**
 * What readers mind in a sentence of a summary, counted from its text and what stands before it. None of it is used
 * where sentences are chosen: who counts must not share rules with who is counted. Checked on sentences that were
 * labelled by hand (`test/fixtures/summaries`).
 */

export interface SentenceFlaws {
  /** Quoted words alone: nothing outside the marks says who speaks. */
  readonly bareDialogue: boolean;
  /** Asks something, be it in a part of it. */
  readonly question: boolean;
  /** Opens with a word that points to what stands before. */
  readonly unresolved: boolean;
  /** Runs of characters between white space that hold a letter or a digit. */
  readonly words: number;
}

/** @param before the document's text before the sentence, or its last part */
export function flawsOf(sentence: string, before: string): SentenceFlaws {
  return {
    bareDialogue: isBareDialogue(sentence, before),
    question: /[?？]["'”’)\]*_]*(?:[\s:;,—–-]|$)/u.test(sentence),
    unresolved: isUnresolved(sentence),
    words: countWords(sentence),
  };
}

export function countWords(text: string): number {
  return text.split(/\s+/u).filter((run) => /[\p{L}\p{N}]/u.test(run)).length;
}

/** Words outside the marks below which nobody is said to speak. */
const ATTRIBUTION = 2;
/** UTF-16 units after which a quotation that was not closed is none. */
const LONGEST_SPEECH = 1500;
/** UTF-16 units of a phrase that is quoted for its wording, and closes behind a letter. */
const LONGEST_PHRASE = 40;
/** What an apostrophe stands before that opens nothing: “it 's”, “'em”. */
const CLITIC = /^(?:s|m|ll|re|d|ve|t|em|til|tis|twas|cause|n)(?!\p{L})/iu;

function isBareDialogue(sentence: string, before: string): boolean {
  const paragraph = before.slice(before.search(/(?:(?!\n\s*\n)[\s\S])*$/u));
  let mark = '';
  let opened = 0;
  let outside = '';
  let inside = '';
  const text = paragraph + sentence;
  for (let i = 0; i < text.length; i++) {
    if (mark !== '' && i - opened > LONGEST_SPEECH) mark = '';
    const next = markAfter(mark, text, i, i - opened);
    if (mark === '' && next !== '') opened = i;
    if (i >= paragraph.length) {
      if (mark === '' && next === '') outside += text[i]!;
      else {
        outside += ' ';
        inside += text[i]!;
      }
    }
    mark = next;
  }
  return countWords(inside) > 0 && countWords(outside) < ATTRIBUTION;
}

/**
 * The mark of the quotation that is open behind the character at `i`; empty where none is.
 *
 * @param length units since the one that is open was opened
 */
function markAfter(open: string, text: string, i: number, length: number): string {
  const unit = text[i]!;
  const before = text[i - 1] ?? ' ';
  const after = text[i + 1] ?? ' ';
  if (open === '') {
    if (unit === '"' || unit === '“') return unit;
    const opensSingle =
      /[\s—(-]/u.test(before) && /\p{L}/u.test(after) && !CLITIC.test(text.slice(i + 1, i + 6));
    return (unit === "'" || unit === '‘') && opensSingle ? unit : '';
  }
  if (open === '"') return unit === '"' ? '' : open;
  if (open === '“') return unit === '”' ? '' : open;
  // An apostrophe within a word closes nothing, nor does one that ends a plural, but for that of a short phrase.
  const closesSingle =
    (unit === "'" || unit === '’') &&
    !/\p{L}/u.test(after) &&
    (/\p{P}/u.test(before) || length <= LONGEST_PHRASE);
  return closesSingle ? '' : open;
}

/** Marks, labels of list items, times and the name of who speaks, which come before the first word. */
const LEADING =
  /^(?:[\s"'“‘«(*_>…#-]|\[?\d[\d:.,]*\]?\s+(?=\p{Lu}{1,3}: )|\p{Lu}[\p{L}\d.'’-]*(?: [\p{L}\d.'’-]+){0,3}: )*/u;
const ANSWER =
  '(?:yes|yeah|yep|no|nope|ok|okay|right)(?=[\\s,.!]|$)(?! [a-z]+ (?:may|shall|can|must|is|are|was|were)\\b)';
const CONNECTIVE =
  `however|therefore|thus|hence|moreover|furthermore|additionally|also|instead|otherwise|similarly
 likewise|nevertheless|nonetheless|consequently|accordingly|conversely|then|still|yet|but|and|or|nor|so|besides
 meanwhile|afterwards?|later|in addition(?! to)|in (?:this|that|these|those|such|either|both) |in contrast(?! to)|by contrast|in particular
 in fact|in other words|on the (?:other hand|contrary)|as a (?:result|consequence)|as such|for (?:example|instance|this|that|these|those)
 even so|after (?:this|that|these|those)|at (?:this|that) |to (?:this|that) |with (?:this|that|these) |because of (?:this|that|these)
 from (?:this|that|these)|by (?:this|that|then)|of these|that is`
    .split(/[|]|\n /u)
    .join('|');
const POINTS_BACK =
  `such|another|others?|both|neither|the (?:latter|former|others?|same|second|third|fourth|fifth|sixth|above|rest|remaining|next)
 the first (?:one|of (?:these|them)|is|was)|one of (?:these|them)|some of (?:these|them)|all of (?:these|them)|the reasons? (?:is|for (?:this|that))`
    .split(/[|]|\n /u)
    .join('|');
const PRONOUN = 'he|she|they|his|her|hers|their|theirs|him|them|its';
const DEMONSTRATIVE = 'this|that|these|those';
/** What a document calls itself. */
const ITSELF =
  `pep|kep|rfc|eip|erc|aip|document|proposal|paper|article|chapter|section|module|specification|standard|book
 guide|manual|report|enhancement|agreement|contract|policy|licen[cs]e|study|work|thesis|page|package|bill|act|story|tutorial|release`
    .split(/[|]|\n /u)
    .join('|');
const UNRESOLVED = new RegExp(
  `^(?:${ANSWER}|(?:${CONNECTIVE}|${POINTS_BACK}|${PRONOUN})(?![\\p{L}\\p{N}_-])|` +
    `(?:${DEMONSTRATIVE})(?![\\p{L}\\p{N}_-])(?! (?:[\\p{L}-]+ ){0,2}(?:${ITSELF})\\b)|it(?:['’](?:s|ll|d))?(?![\\p{L}\\p{N}_-]))`,
  'iu',
);
/** “It is clear that …”, “It was his duty as a noble to …” speak of what follows. */
const ANTICIPATES =
  /^it(?:['’]s| (?:is|was|has been|had been|will be|would be|may be|might be|must be|seems|seemed|appears|appeared|follows|turns out|takes|took))\b(?: [\p{L}'’-]+){0,6}? (?:that|to|whether|how|why|who|when)\b/iu;

function isUnresolved(sentence: string): boolean {
  const opening = sentence.replace(LEADING, '').replace(/\s+/gu, ' ').slice(0, 120);
  return UNRESOLVED.test(opening) && !ANTICIPATES.test(opening);
}
