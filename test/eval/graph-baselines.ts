/**
 * The extractive summarizers that everyone knows, to compare with: Lead, TextRank and LexRank. Each gives the
 * sentences in the order in which it would take them.
 */
import { cosine, tfIdf } from '../../models/summary/tf-idf.js';
import { termsOf } from '../../models/text/words.js';

/** Damping of both random walks. */
const DAMPING = 0.85;
/** Cosines below are no edge (LexRank). */
const THRESHOLD = 0.1;

/** Sentences as they come. */
export function lead(sentences: readonly string[]): number[] {
  return sentences.map((_, i) => i);
}

/** TextRank (Mihalcea and Tarau 2004): words in common / (ln |a| + ln |b|), weighted PageRank. */
export function textRank(sentences: readonly string[]): number[] {
  const words = sentences.map(termsOf);
  const sets = words.map((list) => new Set(list));
  const lengths = words.map((list) => Math.log(list.length));
  const weights = pairs(sets, (i, j) => {
    let shared = 0;
    const [small, large] = sets[i]!.size < sets[j]!.size ? [sets[i]!, sets[j]!] : [sets[j]!, sets[i]!];
    for (const word of small) if (large.has(word)) shared++;
    const length = lengths[i]! + lengths[j]!;
    return length > 0 ? shared / length : 0;
  });
  return byScore(pageRank(weights, sentences.length));
}

/** LexRank (Erkan and Radev 2004) with its threshold of 0.1 on tf-idf cosines and unweighted edges. */
export function lexRank(sentences: readonly string[]): number[] {
  const vectors = tfIdf(sentences);
  const sets = sentences.map((sentence) => new Set(termsOf(sentence)));
  return byScore(
    lexRankScores(
      pairs(sets, (i, j) => cosine(vectors[i]!, vectors[j]!)),
      sentences.length,
    ),
  );
}

/** Scores of LexRank from cosines between different sentences. */
export function lexRankScores(cosines: Edges, count: number, threshold = THRESHOLD): Float64Array {
  // A sentence's cosine with itself is an edge as well, as in the paper.
  const edges = cosines.map((row, i) => [
    ...row.filter(({ weight }) => weight > threshold).map(({ to }) => ({ to, weight: 1 })),
    { to: i, weight: 1 },
  ]);
  return pageRank(edges, count);
}

/** By sentence: the others that it is joined with. */
export type Edges = readonly (readonly { readonly to: number; readonly weight: number }[])[];

/** Weights of all pairs that have a word in common. */
function pairs(sets: readonly ReadonlySet<string>[], weight: (i: number, j: number) => number): Edges {
  const byWord = new Map<string, number[]>();
  for (const [i, words] of sets.entries()) {
    for (const word of words) {
      const list = byWord.get(word);
      if (list) list.push(i);
      else byWord.set(word, [i]);
    }
  }
  const edges: { to: number; weight: number }[][] = sets.map(() => []);
  for (const [i, words] of sets.entries()) {
    const others = new Set<number>();
    for (const word of words) for (const j of byWord.get(word)!) if (j > i) others.add(j);
    for (const j of others) {
      const w = weight(i, j);
      if (w <= 0) continue;
      edges[i]!.push({ to: j, weight: w });
      edges[j]!.push({ to: i, weight: w });
    }
  }
  return edges;
}

/** PageRank by power iteration until no score moves by more than 1e-6 of the mean. */
export function pageRank(edges: Edges, count: number): Float64Array {
  const out = edges.map((row) => row.reduce((sum, { weight }) => sum + weight, 0));
  let scores = new Float64Array(count).fill(1 / Math.max(1, count));
  for (let round = 0; round < 200; round++) {
    const next = new Float64Array(count).fill((1 - DAMPING) / count);
    for (const [i, row] of edges.entries()) {
      for (const { to, weight } of row) next[to]! += (DAMPING * scores[i]! * weight) / out[i]!;
    }
    const moved = Math.max(0, ...next.map((value, i) => Math.abs(value - scores[i]!)));
    scores = next;
    if (moved * count < 1e-6) break;
  }
  return scores;
}

function byScore(scores: Float64Array): number[] {
  return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
}
