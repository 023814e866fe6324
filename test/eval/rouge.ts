/**
 * ROUGE (Lin 2004) as Google's `rouge_score` counts it without stemming: lower-case runs of letters and digits
 * are words, no word is left out. ROUGE-L is the summary-level union of longest common subsequences
 * (`rougeLsum`), sentence against sentence.
 */

/** F-measures in [0, 1]. */
export interface Rouge {
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
}

/** Letters of every script and digits; a Chinese character is a word of its own. */
export function rougeWords(text: string): string[] {
  return text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}]+/gu) ?? [];
}

/** @param summary and reference, a sentence each */
export function rouge(summary: readonly string[], reference: readonly string[]): Rouge {
  const found = summary.map(rougeWords);
  const wanted = reference.map(rougeWords);
  return {
    rouge1: ofGrams(found.flat(), wanted.flat(), 1),
    rouge2: ofGrams(found.flat(), wanted.flat(), 2),
    rougeL: ofSubsequences(found, wanted),
  };
}

/** The reference that is met best, measure by measure, as is usual where there are several. */
export function bestRouge(summary: readonly string[], references: readonly (readonly string[])[]): Rouge {
  const all = references.map((reference) => rouge(summary, reference));
  const best = (measure: keyof Rouge) => Math.max(0, ...all.map((each) => each[measure]));
  return { rouge1: best('rouge1'), rouge2: best('rouge2'), rougeL: best('rougeL') };
}

function ofGrams(found: readonly string[], wanted: readonly string[], n: number): number {
  const counts = countGrams(wanted, n);
  let hits = 0;
  for (const [gram, count] of countGrams(found, n)) hits += Math.min(count, counts.get(gram) ?? 0);
  return fMeasure(hits, found.length - n + 1, wanted.length - n + 1);
}

function countGrams(words: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const gram = words.slice(i, i + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** Union LCS: of each wanted sentence the words that some found sentence has in its order, each word once. */
function ofSubsequences(
  found: readonly (readonly string[])[],
  wanted: readonly (readonly string[])[],
): number {
  const left = countGrams(found.flat(), 1);
  let hits = 0;
  for (const sentence of wanted) {
    const union = new Set(found.flatMap((other) => longestCommon(sentence, other)));
    for (const i of [...union].sort((a, b) => a - b)) {
      const count = left.get(sentence[i]!) ?? 0;
      if (count === 0) continue;
      left.set(sentence[i]!, count - 1);
      hits++;
    }
  }
  return fMeasure(hits, found.flat().length, wanted.flat().length);
}

/** Indices in `a` of one longest common subsequence of `a` and `b`. */
function longestCommon(a: readonly string[], b: readonly string[]): number[] {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i * width + j] =
        a[i - 1] === b[j - 1]
          ? table[(i - 1) * width + j - 1]! + 1
          : Math.max(table[(i - 1) * width + j]!, table[i * width + j - 1]!);
    }
  }
  const indices: number[] = [];
  for (let i = a.length, j = b.length; i > 0 && j > 0;) {
    if (a[i - 1] === b[j - 1]) {
      indices.unshift(i - 1);
      i--;
      j--;
    } else if (table[i * width + j - 1]! > table[(i - 1) * width + j]!) j--;
    else i--;
  }
  return indices;
}

function fMeasure(hits: number, found: number, wanted: number): number {
  if (hits <= 0) return 0;
  const precision = hits / Math.max(1, found);
  const recall = hits / Math.max(1, wanted);
  return (2 * precision * recall) / (precision + recall);
}
