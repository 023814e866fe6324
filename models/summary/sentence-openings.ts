/** How a sentence begins: with a word that points to what stands before it, or with one that only joins it on. */

/** Marks before the first word. */
const MARKS = /^[\s"'“”‘’«»(*_>…•–—-]+/u;
/** Words that join a sentence to the one before and may be cut off; the rest stands by itself. */
const JOINS =
  /^(?:and|but|or|so|yet|now|well|okay|ok|however|therefore|thus|hence|moreover|furthermore|additionally|also|besides|consequently|accordingly|nevertheless|nonetheless|similarly|likewise|finally|in addition(?! to)|in fact|in particular|of course|as a result|as a consequence|for example|for instance|in other words|on the other hand|in contrast(?! to)|by contrast|conversely|meanwhile|anyway|i mean|you know|um|uh)\b(?:\s*,)?\s+/iu;
const PRONOUN =
  /^(?:he|she|they|him|her|his|hers|their|theirs|its|it|one of (?:them|these|those)|some of (?:them|these|those)|both|neither|either way)\b/iu;
/** “It is clear that”, “It was his duty to”: what it stands for follows. */
const FORMAL_IT =
  /^it(?:\s+\p{L}+|['’]\p{L}+)(?:\s+[\p{L}'’-]+){0,7}?\s+(?:that|to|whether|how|why|when|who)\b/iu;
const DEMONSTRATIVE = /^(?:this|that|these|those|such)\b/iu;
/** “This document”, “This agreement” is the text itself. */
const OWN =
  /^(?:this|these)\s+(?:\p{L}+\s+){0,2}?(?:document|proposal|pep|kep|rfc|eip|erc|paper|article|chapter|section|module|package|specification|standard|book|guide|manual|report|enhancement|agreement|contract|policy|licen[cs]e|study|work|thesis|page|bill|act|tutorial|release|library|tool)\b/iu;
const ORDINAL =
  /^(?:the (?:latter|former|others?|same|second|third|fourth|fifth|sixth|rest|remaining|next|above|previous|first (?:one|of|is|was))|another|others?|again|then|still|instead|otherwise|here|there again|later|afterwards?|even so|as such|yes|yeah|yep|no|nope|right|sure|exactly|okay|ok|in (?:this|that|these|those|such|either|both)|at (?:this|that)|to (?:this|that|do (?:this|that|so))|with (?:this|that|these)|by (?:this|that|then)|from (?:this|that|these)|after (?:this|that|these)|because of (?:this|that)|for (?:this|that|these|those)|of these|nor)\b/iu;

/** UTF-16 units of an opening that are looked at. */
const OPENING = 160;

function openingOf(text: string): string {
  return text.slice(0, OPENING).replace(/\s+/gu, ' ').replace(MARKS, '');
}

/** True if it begins with a pronoun, a demonstrative or an ordinal whose antecedent stands before it. */
export function pointsBack(text: string): boolean {
  let opening = openingOf(text);
  for (let joint = JOINS.exec(opening); joint; joint = JOINS.exec(opening))
    opening = opening.slice(joint[0].length);
  if (DEMONSTRATIVE.test(opening)) return !OWN.test(opening);
  return ORDINAL.test(opening) || (PRONOUN.test(opening) && !FORMAL_IT.test(opening));
}

/** True if it begins with a word such as “However”. */
export function isJoined(text: string): boolean {
  return JOINS.test(openingOf(text));
}

/** UTF-16 units at the beginning of a sentence that join it to the one before; 0 where there are none. */
export function jointLength(text: string): number {
  let at = 0;
  for (;;) {
    const joint = JOINS.exec(text.slice(at, at + OPENING));
    if (!joint) return at;
    at += joint[0].length;
  }
}
