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
    const whole = HYPHEN.test(line.slice(-1)) ? line.slice(0, line.lastIndexOf(' ') + 1) : line;
    for (const [word] of whole.matchAll(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*/gu))
      this.#words.add(word.toLowerCase());
  }

  has(word: string): boolean {
    return this.#words.has(word.toLowerCase());
  }
}

/** How two lines are joined: units to take off the end of the first, and what to put between them. */
export interface Seam {
  readonly cut: 0 | 1;
  readonly between: '' | ' ';
}

const AS_IT_IS: Seam = { cut: 0, between: '' };
const WITHOUT_HYPHEN: Seam = { cut: 1, between: '' };
const WITH_SPACE: Seam = { cut: 0, between: ' ' };
/** The end of a text that decides; no word is longer. */
const TAIL = 80;

/** How the text goes on from one line to the next. */
export function seamOf(before: string, after: string, vocabulary: Vocabulary): Seam {
  if (before === '' || after === '') return AS_IT_IS;
  if (before.endsWith(SOFT_HYPHEN)) return WITHOUT_HYPHEN;
  if (HYPHEN.test(before.slice(-1))) {
    const tail = before.slice(-TAIL).replace(HYPHEN, '-');
    return seamAtHyphen(tail, after.slice(0, TAIL), vocabulary);
  }
  const isUnspaced = UNSPACED.test(before.slice(-2)) && UNSPACED.test(after.slice(0, 2));
  return isUnspaced ? AS_IT_IS : WITH_SPACE;
}

/** The text of some lines. */
export function joinLines(lines: readonly string[], vocabulary: Vocabulary): string {
  const pieces: string[] = [];
  for (const line of lines) {
    const before = pieces.at(-1) ?? '';
    const { cut, between } = seamOf(before, line, vocabulary);
    if (cut > 0) pieces[pieces.length - 1] = before.slice(0, -cut);
    pieces.push(between + line);
  }
  return pieces.join('');
}

/** A hyphen stays where the document writes the word with it, before a capital or a digit, and between two words. */
function seamAtHyphen(before: string, after: string, vocabulary: Vocabulary): Seam {
  const first = LAST_WORD.exec(before)?.[1];
  const second = FIRST_WORD.exec(after)?.[0];
  // A dash, an option such as “-” or a range.
  if (first === undefined) return /\s-$/u.test(before) ? WITH_SPACE : AS_IT_IS;
  const isCapital = second !== undefined && /^\p{Lu}{2}/u.test(second) && /\p{Lu}$/u.test(first);
  if (second === undefined || !(isCapital || /^\p{Ll}/u.test(second))) return AS_IT_IS;
  if (vocabulary.has(`${first}${second}`)) return WITHOUT_HYPHEN;
  if (vocabulary.has(`${first}-${second}`)) return AS_IT_IS;
  // What has a hyphen already has one more; only its last part could be parted.
  if (first.includes('-')) {
    return vocabulary.has(first.slice(first.lastIndexOf('-') + 1) + second) ? WITHOUT_HYPHEN : AS_IT_IS;
  }
  // Both halves are words, and the whole is not: “long-” and “term” are more often two words than one.
  const areWords = first.length > 2 && second.length > 3 && vocabulary.has(first) && vocabulary.has(second);
  return areWords ? AS_IT_IS : WITHOUT_HYPHEN;
}
