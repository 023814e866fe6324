import { LONGEST_STRETCH } from './stretches.js';

/** Kinds of literals: by length up to 63, without letters and with them. */
export const LITERAL_CLASSES = 128;

/** Kinds of characters; sums of them are made below. */
const SPACE = 0;
const MARK = 1;
const LETTER = 2;
const DIGIT = 3;
/** Of a script without spaces: a word by itself. */
const CHARACTER = 4;

const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/\s/.test(character) || code < 0x20) return SPACE;
  if (/[a-z_]/i.test(character)) return LETTER;
  return /\d/.test(character) ? DIGIT : MARK;
});

/**
 * Finds the words of a stretch, fast and without making strings: a word is a run of letters, digits and `_`, of
 * East Asian scripts a single character. A word with a digit in it is a literal (a number, an identifier, a
 * hash), of which only the class counts: its length, and whether it has letters. So lines that differ in times,
 * addresses and identifiers only have the same words.
 */
export class WordScanner {
  /** (count) hashes of the words, letters taken as lower case; of a literal the hash of its class. */
  readonly hashes = new Uint32Array(LONGEST_STRETCH + 2);
  /** (count) the class of a literal; 0 for any other word. */
  readonly classes = new Uint8Array(LONGEST_STRETCH + 2);
  /** (count) UTF-16 units of each word. */
  readonly lengths = new Uint16Array(LONGEST_STRETCH + 2);
  count = 0;
  /** About how many tokens the stretch has: every digit and mark is one, five letters are one. */
  tokens = 0;

  scan(text: string, from: number, to: number): void {
    this.count = 0;
    this.tokens = 0;
    for (let i = from; i < to;) {
      const kind = kindOf(text.charCodeAt(i));
      if (kind < LETTER) {
        this.tokens += kind;
        i++;
      } else if (kind === CHARACTER) {
        this.#add(Math.imul(text.charCodeAt(i), 0x01000193), 1, 0);
        i++;
      } else {
        const start = i;
        let hash = 0x811c9dc5;
        let digits = 0;
        for (; i < to; i++) {
          const unit = text.charCodeAt(i);
          const kind = kindOf(unit);
          if (kind < LETTER || kind === CHARACTER) break;
          digits += kind - LETTER;
          // Lower case of ASCII letters, and digits as they are.
          hash = Math.imul(hash ^ (unit | 0x20), 0x01000193);
        }
        this.#add(hash, i - start, digits);
      }
    }
  }

  #add(hash: number, length: number, digits: number): void {
    const at = this.count++;
    const literal = digits > 0 ? Math.min(63, length) + (digits < length ? 64 : 0) : 0;
    this.classes[at] = literal;
    this.lengths[at] = length;
    this.hashes[at] = mixed(literal > 0 ? literal : hash);
    this.tokens += digits + Math.ceil((length - digits) / 5);
  }
}

/** What a UTF-16 unit is to a word. */
function kindOf(unit: number): number {
  if (unit < 0x80) return KINDS[unit]!;
  return unit < 0x2e80 ? LETTER : CHARACTER;
}

/** Spreads a hash over all of its bits (the finalizer of MurmurHash3). */
export function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
