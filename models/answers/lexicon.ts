import { lemmaOf } from '../text/lemmas.js';
import { porterStem } from '../text/stems.js';
import { isStopWord } from '../text/stop-words.js';

/**
 * Words that say the same where keys, dates, amounts and identifiers are asked for, a group a line. Opposites and
 * sisters (first and last, key and lock) are never in one.
 */
const SAME = `
code key pin combination password passphrase passcode passkey secret keyword credential pwd
identifier id ident
number no nr num
mark label tag
registration register
license licence
begin start commence
end expire finish conclude terminate lapse
build construct erect
pay cost price spend
pension allowance
large high tall
buy purchase acquire
sell sale
die death
bear birth
marry wedding marriage
open unlock
type enter dial
telephone phone
room chamber
hire employ
client customer
delete remove
change alter modify
own owner belong possess
carry bear hold have
file filed catalogue list record register
quit leave depart departure
arrive arrival reach
found establish
sign signed signature
credential login`;

/** Words of a question that its answer need not have beside it: they name the kind of the value, or only ask. */
const LIGHT = `number value word identifier id figure amount sum digit date day year month time name line item
have has had be need state mention tell find show see high large big long tall deep wide far size much many do make
exact exactly current currently following called named given please recall remember forget text document file page
book log exist happen answer accord appear occur far again still now ever wonder remind retrieve extract identify
provide question quick check briefly mind help look think speak like wish love able certain sure fill blank complete
stated mentioned noted sorry ask regard special`;
/** The same where a key is asked for: verbs that go with any. When and how much tell one deed from another. */
const LIGHT_OF_KEYS = `hold carry stand enter give use keep take write call read say know belong contain concern hide
store set type dial get go come put place open unlock require choose`;
/** Of one group a statement speaks or of none, where a question asks for one. */
const DIMENSIONS = [
  'high tall height',
  'wide broad width breadth',
  'deep depth',
  'long length',
  'old age',
  'heavy weight',
  'far distance',
].map((row) => row.split(' '));
/** Nouns that name the kind of a value; after another noun they make one name with it: “serial number”. */
const KINDS = new Set('number id identifier code key value date'.split(' ').map((noun) => porterStem(noun)));

/** Words that say little about a text, but tell one thing from another. */
const TELLING = new Set('first last second third two three four next new old not never'.split(' '));

const groups = new Map<string, number[]>();
const members = SAME.trim()
  .split('\n')
  .map((row) => row.split(' '));
for (const [index, words] of members.entries()) {
  for (const word of words) groups.set(lemmaOf(word), [...(groups.get(lemmaOf(word)) ?? []), index]);
}
const light = new Set(LIGHT.split(/\s+/u).map(lemmaOf));
const lightOfKeys = new Set(LIGHT_OF_KEYS.split(/\s+/u).map(lemmaOf));
const dimensions = new Map(
  DIMENSIONS.flatMap((words, group) => words.map((word) => [lemmaOf(word), group] as const)),
);

/** Light words that tell something as the second half of a name: “security answer”, “user name”. */
const SECOND_HALVES = new Set(
  'answer line item name word time file page log place text size'.split(' ').map(lemmaOf),
);

/** True if one of two lemmas may stand for the other. */
export function areSame(a: string, b: string): boolean {
  if (a === b) return true;
  const others = groups.get(b);
  return groups.get(a)?.some((group) => others?.includes(group)) ?? false;
}

/** The words that may stand for one. */
export function sameAs(lemma: string): readonly string[] {
  return (groups.get(lemma) ?? [])
    .flatMap((group) => members[group]!)
    .filter((word) => lemmaOf(word) !== lemma);
}

/** Which dimension a word is of, if any: height, width, age. */
export function dimensionOf(lemma: string): number | undefined {
  return dimensions.get(lemma);
}

export function isLight(lemma: string, kind?: string): boolean {
  return light.has(lemma) || ((kind === 'key' || kind === undefined) && lightOfKeys.has(lemma));
}

export function isKindNoun(lemma: string): boolean {
  return KINDS.has(lemma);
}

/** True if a light word tells something where it follows another noun. */
export function isSecondHalf(lemma: string): boolean {
  return SECOND_HALVES.has(lemma);
}

export function isEmptyWord(key: string): boolean {
  return isStopWord(key) && !TELLING.has(key);
}
