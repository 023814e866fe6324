import type { Engine, ForwardOptions, ForwardResult, ModelState } from '../../models/memmamba/engine.js';

/** What a whole sequence gives, put together from its segments; arrays as in `engine.ts`, L the whole length. */
export interface Reading {
  logits: Float32Array;
  scores: Float32Array;
  chunkEnds: Int32Array;
  poolPositions: Int32Array;
  archiveNotes: Float32Array;
  deltaSums: Float64Array;
  /** Of no length where the model has no sentence head. */
  salience: Float32Array;
  weights: Float32Array;
  weightPositions: Int32Array;
  queries: Float32Array;
  updates: Float32Array;
}

/** Reads `tokens` in segments of at most `length`, everything asked for, and joins the results. */
export async function readAll(
  engine: Engine,
  state: ModelState,
  tokens: Uint32Array,
  length: number,
  options: ForwardOptions = {},
): Promise<Reading> {
  const results: ForwardResult[] = [];
  for (let start = 0; start < tokens.length; start += length) {
    const all = { logits: 'all', trace: true, attention: true, updates: true } as const;
    results.push(await engine.forward(state, tokens.subarray(start, start + length), { ...all, ...options }));
  }
  const { nLayer, archiveLayers, dInner } = engine.config;
  const traces = results.map((result) => result.trace!);
  const attentions = results.map((result) => result.attention!);
  const deltaSums = new Float64Array(nLayer * dInner);
  for (const trace of traces) trace.deltaSums.forEach((sum, i) => (deltaSums[i]! += sum));
  return {
    logits: joinFloats(
      results.map((result) => result.logits!),
      1,
    ),
    scores: joinFloats(
      traces.map((trace) => trace.scores),
      nLayer,
    ),
    chunkEnds: Int32Array.from(traces.flatMap((trace) => [...trace.chunkEnds])),
    poolPositions: joinInts(
      traces.map((trace) => trace.poolPositions),
      nLayer,
    ),
    archiveNotes: joinFloats(
      traces.map((trace) => trace.archiveNotes),
      archiveLayers.length,
    ),
    deltaSums,
    salience: joinFloats(
      traces.flatMap((trace) => trace.salience ?? []),
      1,
    ),
    weights: joinFloats(
      attentions.map((attention) => attention.weights),
      nLayer,
    ),
    weightPositions: joinInts(
      attentions.map((attention) => attention.positions),
      nLayer,
    ),
    queries: joinFloats(
      attentions.map((attention) => attention.queries),
      archiveLayers.length,
    ),
    updates: joinFloats(
      results.map((result) => result.updates!),
      nLayer,
    ),
  };
}

/** Joins arrays of shape (outer, …) along their second axis. */
function join<T extends Float32Array | Int32Array>(parts: readonly T[], outer: number, out: T): T {
  const row = out.length / outer;
  for (let i = 0; i < outer; i++) {
    let at = i * row;
    for (const part of parts) {
      const own = part.length / outer;
      out.set(part.subarray(i * own, (i + 1) * own), at);
      at += own;
    }
  }
  return out;
}

const total = (parts: readonly { length: number }[]) => parts.reduce((sum, part) => sum + part.length, 0);

function joinFloats(parts: readonly Float32Array[], outer: number): Float32Array {
  return join(parts, outer, new Float32Array(total(parts)));
}

function joinInts(parts: readonly Int32Array[], outer: number): Int32Array {
  return join(parts, outer, new Int32Array(total(parts)));
}

/** Rows `rows` of an array of shape (outer, length, width). */
export function takeRows(
  array: Float32Array,
  outer: number,
  length: number,
  rows: ArrayLike<number>,
): Float32Array {
  const width = array.length / outer / length;
  const out = new Float32Array(outer * rows.length * width);
  for (let i = 0; i < outer; i++) {
    for (let r = 0; r < rows.length; r++) {
      const from = (i * length + rows[r]!) * width;
      out.set(array.subarray(from, from + width), (i * rows.length + r) * width);
    }
  }
  return out;
}

/** Index of the largest value of each row. */
export function argmaxRows(array: Float32Array, width: number): Int32Array {
  return Int32Array.from({ length: array.length / width }, (_, row) => {
    let best = row * width;
    for (let i = best; i < (row + 1) * width; i++) if (array[i]! > array[best]!) best = i;
    return best - row * width;
  });
}

/** The first `count` of `length` rows of an array of shape (outer, length, width). */
export function firstRows(array: Float32Array, outer: number, length: number, count: number): Float32Array {
  return takeRows(
    array,
    outer,
    length,
    Array.from({ length: count }, (_, i) => i),
  );
}

/** Largest |a - b|; throws on different lengths, NaN counts as infinitely far. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length} and ${b.length}`);
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }
  return worst;
}
