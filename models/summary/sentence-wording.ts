import type { Layout } from '../reading/layout.js';
import { quotationsOf, wordsBySpeech } from './quoted-speech.js';
import { isJoined, pointsBack } from './sentence-openings.js';
import {
  CODE,
  CONCLUDES,
  DECIDES,
  DEFINES,
  EXEMPLIFIES,
  EXPLAINS,
  FIGURES,
  FIRST_PERSON,
  HESITATES,
  REFERS,
  SECOND_PERSON,
  WARNS,
} from './sentence-statements.js';

/** Fewer words say little, more are too much at once. */
export const FEW_WORDS = 8;
export const MANY_WORDS = 40;
export const MOST_WORDS = 60;
const ENDS = /[.!?。！？…]["'”’)\]*_`]*$/u;
const OPENS_LOWER = /^[\s"'“‘(*_-]*\p{Ll}/u;
const LETTERED = /[\p{L}\p{N}]/u;
/** Words outside quotation marks below which nobody is said to speak. */
const ATTRIBUTION = 2;

/** What the wording of every sentence shows, and its place in its paragraph. Flags are 0 or 1. */
export interface Wording {
  /** Runs between white space that hold a letter or a digit. */
  readonly words: Int32Array;
  /** Quoted words alone. */
  readonly dialogue: Float64Array;
  /** Holds quoted words beside others. */
  readonly quotation: Float64Array;
  readonly question: Float64Array;
  /** Its opening points to what stands before. */
  readonly unresolved: Float64Array;
  /** Its opening joins it to what stands before. */
  readonly joined: Float64Array;
  /** Has no end, or begins within a sentence. */
  readonly fragment: Float64Array;
  /** Ends in a colon. */
  readonly colon: Float64Array;
  readonly short: Float64Array;
  /** ln of its words over 20, from ln 1/4 to ln 2. */
  readonly length: Float64Array;
  readonly wordy: Float64Array;
  readonly long: Float64Array;
  readonly item: Float64Array;
  /** First of a paragraph of several sentences. */
  readonly leads: Float64Array;
  readonly last: Float64Array;
  /** Share of its words that begin with a capital, the first left out; at most a half. */
  readonly names: Float64Array;
  readonly defines: Float64Array;
  readonly decides: Float64Array;
  readonly warns: Float64Array;
  readonly figures: Float64Array;
  readonly explains: Float64Array;
  readonly concludes: Float64Array;
  readonly refers: Float64Array;
  readonly exemplifies: Float64Array;
  readonly code: Float64Array;
  /** Marks of speech that was written down, in tenths of its words. */
  readonly hesitates: Float64Array;
  readonly firstPerson: Float64Array;
  readonly secondPerson: Float64Array;
}

/** @param texts of the layout's sentences */
export function wordingOf(layout: Layout, texts: readonly string[]): Wording {
  const runs = texts.map((text) => text.split(/\s+/u).filter((run) => LETTERED.test(run)));
  const words = Int32Array.from(runs, ({ length }) => length);
  const flag = (test: (text: string, i: number) => boolean) =>
    Float64Array.from(texts, (text, i) => Number(test(text, i)));
  const has = (pattern: RegExp) => flag((text) => pattern.test(text));
  const { dialogue, quotation, item, leads, last } = placesOf(layout);
  return {
    words,
    ...{ dialogue, quotation, item, leads, last },
    question: has(/[?？]["'”’)\]*_]*(?:\s|$)/u),
    unresolved: flag(pointsBack),
    joined: flag(isJoined),
    fragment: flag((text) => OPENS_LOWER.test(text) || !(ENDS.test(text) || text.endsWith(':'))),
    colon: flag((text) => text.endsWith(':')),
    short: flag((_, i) => words[i]! < FEW_WORDS),
    length: Float64Array.from(words, (count) => Math.log(Math.min(40, Math.max(5, count)) / 20)),
    wordy: flag((_, i) => words[i]! > MANY_WORDS),
    long: flag((_, i) => words[i]! > MOST_WORDS),
    names: Float64Array.from(runs, (list) => {
      const capitals = list.slice(1).filter((run) => /^\p{P}*\p{Lu}\p{Ll}/u.test(run)).length;
      return Math.min(0.5, capitals / Math.max(1, list.length));
    }),
    defines: has(DEFINES),
    decides: has(DECIDES),
    warns: has(WARNS),
    figures: has(FIGURES),
    explains: has(EXPLAINS),
    concludes: has(CONCLUDES),
    refers: has(REFERS),
    exemplifies: has(EXEMPLIFIES),
    code: has(CODE),
    hesitates: Float64Array.from(
      texts,
      (text, i) => (10 * (text.match(HESITATES)?.length ?? 0)) / Math.max(1, words[i]!),
    ),
    firstPerson: has(FIRST_PERSON),
    secondPerson: has(SECOND_PERSON),
  };
}

/** What the paragraphs show that the sentences stand in. */
function placesOf({ blocks, sentences, decoded }: Layout) {
  const zeros = () => new Float64Array(sentences.length);
  const [dialogue, quotation, item, leads, last] = [zeros(), zeros(), zeros(), zeros(), zeros()];
  let next = 0;
  for (const { kind, start, end } of blocks) {
    while (next < sentences.length && sentences[next]!.start < start) next++;
    const first = next;
    while (next < sentences.length && sentences[next]!.start < end) next++;
    if (first === next) continue;
    const range = decoded.fromSource(start, end);
    const quotations = quotationsOf(decoded.text.slice(range.start, range.end), range.start);
    for (let i = first; i < next; i++) {
      const place = decoded.fromSource(sentences[i]!.start, sentences[i]!.end);
      if (quotations.length > 0) {
        const { inside, outside } = wordsBySpeech(decoded.text, place, quotations);
        dialogue[i] = Number(inside > 0 && outside < ATTRIBUTION);
        quotation[i] = Number(inside > 0 && outside >= ATTRIBUTION);
      }
      item[i] = Number(kind === 'item');
    }
    leads[first] = Number(next - first > 1);
    last[next - 1] = Number(next - first > 1);
  }
  return { dialogue, quotation, item, leads, last };
}
