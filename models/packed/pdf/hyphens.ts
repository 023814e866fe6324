const LAST_WORD = /([\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*)-$/u;
const FIRST_WORD = /^[\p{L}\p{M}]+/u;
const HYPHEN = /[-\u2010]$/u;
const SOFT_HYPHEN = '\u00ad';
/** Scripts that are written without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff00-\uffef]/u;

/** The words of a document, to tell a word that was parted at the end of a line from one that has a hyphen. */
export class Vocabulary {
  readonly #words = new Set<string>();

  /** Takes the words of a line; the last one may be half a word. */
  add(line: string): void {
    const whole = HYPHEN.test(line) ? line.replace(/\S+$/u, '') : line;
    for (const [word] of whole.matchAll(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*/gu))
      this.#words.add(word.toLowerCase());
  }

  has(word: string): boolean {
    return this.#words.has(word.toLowerCase());
  }
}

/** The text of two lines that follow each other. */
export function joinLines(before: string, after: string, vocabulary: Vocabulary): string {
  if (before === '' || after === '') return before + after;
  if (before.endsWith(SOFT_HYPHEN)) return before.slice(0, -1) + after;
  if (HYPHEN.test(before)) return joinAtHyphen(before.replace(HYPHEN, '-'), after, vocabulary);
  const isUnspaced = UNSPACED.test(before.at(-1)!) && UNSPACED.test(after[0]!);
  return isUnspaced ? before + after : `${before} ${after}`;
}

/** A hyphen stays where the document writes the word with it, before a capital or a digit, and behind a short prefix. */
function joinAtHyphen(before: string, after: string, vocabulary: Vocabulary): string {
  const first = LAST_WORD.exec(before)?.[1];
  const second = FIRST_WORD.exec(after)?.[0];
  // A dash, an option such as “-” or a range.
  if (first === undefined) return /\s-$/u.test(before) ? `${before} ${after}` : before + after;
  const isCapital = second !== undefined && /^\p{Lu}{2}/u.test(second) && /\p{Lu}$/u.test(first);
  if (second === undefined || !(isCapital || /^\p{Ll}/u.test(second))) return before + after;
  const whole = before.slice(0, -1) + after;
  if (vocabulary.has(`${first}${second}`)) return whole;
  if (vocabulary.has(`${first}-${second}`)) return before + after;
  // Both halves are words, and the whole is not: “long-” and “term” are more often two words than one.
  const last = first.slice(first.lastIndexOf('-') + 1);
  const areWords = last.length > 2 && second.length > 3 && vocabulary.has(last) && vocabulary.has(second);
  return areWords ? before + after : whole;
}
