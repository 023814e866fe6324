/** Words of a text in small letters; of scripts without spaces every character is one. Punctuation is left out. */
export function wordsOf(text: string): string[] {
  const words = text.normalize('NFKC').replaceAll('\u00ad', '').toLowerCase();
  return (
    words.match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}])+/gu,
    ) ?? []
  );
}

/**
 * Length of the longest common subsequence of two lists of words, by the number of insertions and deletions between them
 * (E. Myers, An O(ND) difference algorithm, 1986).
 */
export function commonWords(a: readonly string[], b: readonly string[]): number {
  const ids = new Map<string, number>();
  const number = (word: string) => {
    const known = ids.get(word);
    if (known !== undefined) return known;
    ids.set(word, ids.size);
    return ids.size - 1;
  };
  const x = Uint32Array.from(a, number);
  const y = Uint32Array.from(b, number);
  const most = x.length + y.length;
  /** By diagonal: the furthest place in `x`. */
  const reached = new Int32Array(2 * most + 3);
  for (let edits = 0; edits <= most; edits++) {
    for (let k = -edits; k <= edits; k += 2) {
      const at = k + most + 1;
      const down = k === -edits || (k !== edits && reached[at - 1]! < reached[at + 1]!);
      let i = down ? reached[at + 1]! : reached[at - 1]! + 1;
      let j = i - k;
      while (i < x.length && j < y.length && x[i] === y[j]) {
        i++;
        j++;
      }
      reached[at] = i;
      if (i >= x.length && j >= y.length) return (most - edits) / 2;
    }
  }
  return 0;
}
