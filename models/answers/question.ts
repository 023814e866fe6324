import { wordsOf } from '../text/words.js';
import { isEmptyWord, isKindNoun, isLight, isSecondHalf, sameAs } from './lexicon.js';
import { irregularFormsOf, lemmaOf } from '../text/lemmas.js';

/** What kind of value answers a question. */
export type ValueKind = 'date' | 'amount' | 'key' | 'any';

/** A word of a question that says what is asked for. */
export interface AskedTerm {
  readonly key: string;
  readonly lemma: string;
  /** Must stand beside the answer: it is none of the words that name the kind of a value or go with any. */
  readonly isTelling: boolean;
  /** A name or a number: it must stand there as it is. */
  readonly isName: boolean;
  /** Lower-case beginnings of words by which places are found that may have it. */
  readonly beginnings: readonly string[];
}

/** A question as the look-up sees it. */
export interface Asked {
  readonly question: string;
  readonly kind: ValueKind;
  readonly terms: readonly AskedTerm[];
  /** Pairs that are one name in the question: “pass key”, “serial number”. */
  readonly pairs: readonly (readonly [AskedTerm, AskedTerm])[];
  /** The words of the thing that is asked for: of “What is the door code of the barn?” “door code”; else empty. */
  readonly head: readonly AskedTerm[];
  /** What is counted: “men” in “How many men …?” */
  readonly counted: AskedTerm | undefined;
}

/** What may come before a question and says nothing of what is asked; names are never in it. */
const LEADS = [
  /^[^,:?!\p{N}]{3,40}:\s+/u,
  /^(?:according|based|from|as|going|having|looking|with|in|please|now|ok|okay|well|sorry)\b(?:[^,:?!]*\b(?:text|file|document|log|book|read|above|stated|said|told|mind|memory|ask)\b)?[^,:?!]{0,20},\s+/iu,
];
/** Shortest beginning of a word that is searched for. */
const SHORTEST = 3;

export function askedOf(question: string): Asked {
  const bare = withoutLead(question.trim());
  const kind = kindOf(bare);
  const terms = new Map<string, AskedTerm>();
  /** Where a telling word ended. */
  let telling = -1;
  for (const { text, start, of } of subwordsOf(bare)) {
    const key = text.toLowerCase();
    if (isEmptyWord(key) || /^\p{Ll}$/u.test(text)) continue;
    const lemma = lemmaOf(key);
    const isIdentifier =
      /\p{Ll}\p{Lu}|_/u.test(of) || (/^\p{Lu}{2,}$/u.test(of) && sameAs(lemma).length === 0);
    const isNumber = /\p{N}/u.test(text);
    const isName = isNumber || (!isIdentifier && start > 0 && /^\p{Lu}\p{Ll}/u.test(text));
    const isCompound = isSecondHalf(lemma) && start === telling + 1;
    const isTelling = isName || isIdentifier || isCompound || !isLight(lemma, kind);
    if (isTelling) telling = start + text.length;
    if (terms.get(lemma)?.isTelling) continue;
    terms.set(lemma, { key, lemma, isTelling, isName, beginnings: beginningsOf(key, lemma, isName) });
  }
  const found = [...terms.values()];
  // Where all is light, it is what is asked for.
  const isAllLight = found.every((term) => !term.isTelling);
  const all = isAllLight ? found.map((term) => ({ ...term, isTelling: true })) : found;
  const termsIn = (part: string | undefined) =>
    [...subwordsOf(part ?? '')].map(({ text }) => all.find(({ key }) => key === text.toLowerCase()));
  const inOrder = termsIn(bare);
  const pairs = inOrder.flatMap((term, i) => {
    const next = inOrder[i + 1];
    const isPair = term?.isTelling && next && (next.isTelling || isKindNoun(next.lemma));
    return isPair ? [[term, next] as const] : [];
  });
  return {
    question,
    kind,
    terms: all,
    pairs,
    head: termsIn(HEAD.exec(bare)?.[1]).filter((term) => term !== undefined),
    counted: termsIn(/\bhow (?:many|much)\s+(\p{L}+)/iu.exec(bare)?.[1])[0],
  };
}

const HEAD =
  /\b(?:what|which)(?:['’]s|\s+(?:is|was|are|were))\s+(?:the|a|an|his|her|their|our|my|its|\p{Lu}\p{L}+['’]s)\s+(.+?)(?=\s+(?:of|for|to|in|on|at|from|with|by|that|who|which|under|over|when|where|mentioned|given)\b|[?.,]|$)/iu;

/** What a question or a statement is about, word by word; identifiers (`apiKey`, `API_KEY`) are cut into theirs. */
export interface Subword {
  readonly text: string;
  /** Offset in the text that was given. */
  readonly start: number;
  /** The whole word or identifier. */
  readonly of: string;
}

export function* subwordsOf(text: string): Generator<Subword, void, undefined> {
  for (const { text: word, start } of wordsOf(text)) {
    if (!/[_’'-]|\p{Ll}\p{Lu}|passkey/iu.test(word)) {
      yield { text: word, start, of: word };
      continue;
    }
    for (const { index, 0: part } of word.matchAll(SUBWORD))
      yield { text: part.replace(/['’]\p{Ll}{1,2}$/u, ''), start: start + index, of: word };
  }
}

const SUBWORD =
  /pass(?=key)|Pass(?=key)|PASS(?=KEY)|\p{Lu}+(?!\p{Ll})\p{N}*|\p{Lu}?[\p{Ll}\p{M}\p{N}]+(?:['’]\p{Ll}{1,2}(?![\p{L}\p{N}]))?|[\p{L}\p{N}\p{M}]+/gu;

function withoutLead(question: string): string {
  let bare = question;
  for (const lead of LEADS) {
    const [found = ''] = lead.exec(bare) ?? [];
    const hasName = /(?<=.)\b\p{Lu}\p{Ll}/u.test(found);
    if (!hasName && found.length < bare.length - 8) bare = bare.slice(found.length);
  }
  return bare;
}

const AMOUNTS =
  /\bhow (?:many|much|high|large|big|long|tall|deep|wide|far|old|often|heavy|fast|strong)\b|\b(?:length|height|depth|width|weight|distance|diameter|size|price|cost|sum|amount|fee|salary|budget|rent|fine|dose|population|speed|temperature)\b/iu;

function kindOf(question: string): ValueKind {
  if (/\bwhen\b|\b(?:what|which) (?:date|day|year)\b|\bdate\b|\bbirthday\b/iu.test(question)) return 'date';
  if (AMOUNTS.test(question)) return 'amount';
  return /\b(?:who|whom|whose|where|why)\b/iu.test(question) ? 'any' : 'key';
}

function beginningsOf(key: string, lemma: string, isName: boolean): string[] {
  if (isName) return [key];
  const others = sameAs(lemma).flatMap((word) => [word, ...irregularFormsOf(lemmaOf(word))]);
  // A stem may end otherwise than its word: what both begin with is searched for.
  const beginnings = [key, ...irregularFormsOf(lemma), ...others].map((word) => {
    const stem = lemmaOf(word);
    return word.startsWith(stem) ? stem : word.replace(/[ye]$/u, '');
  });
  const unique = [
    ...new Set(beginnings.map((word, i) => (word.length >= SHORTEST ? word : i === 0 ? key : ''))),
  ];
  return unique.filter(
    (word) =>
      word !== '' && !unique.some((other) => other !== '' && other !== word && word.startsWith(other)),
  );
}
