/**
 * The operators as their definitions read, in float64, one loop after another: what both engines are
 * held to. Nothing here is fast or shipped. Matrices are dense and row-major.
 */
export type Numbers = ArrayLike<number>;

export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

export function causalConv(
  length: number,
  dInner: number,
  dConv: number,
  x: Numbers,
  weight: Numbers,
  bias: Numbers,
  tail: Numbers,
): { y: Float64Array; tail: Float64Array } {
  const before = dConv - 1;
  const all = Float64Array.from([...Array.from(tail), ...Array.from(x)]);
  const y = new Float64Array(length * dInner);
  for (let t = 0; t < length; t++) {
    for (let c = 0; c < dInner; c++) {
      let sum = bias[c]!;
      for (let k = 0; k < dConv; k++) sum += weight[c * dConv + k]! * all[(t + k) * dInner + c]!;
      y[t * dInner + c] = silu(sum);
    }
  }
  return { y, tail: all.slice(all.length - before * dInner) };
}

export interface ScanProblem {
  readonly length: number;
  readonly dInner: number;
  readonly dState: number;
  readonly u: Float32Array<ArrayBuffer>;
  readonly deltaRaw: Float32Array<ArrayBuffer>;
  readonly z: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
  readonly c: Float32Array<ArrayBuffer>;
  readonly a: Float32Array<ArrayBuffer>;
  readonly d: Float32Array<ArrayBuffer>;
  readonly h: Float32Array<ArrayBuffer>;
}

export function selectiveScan(p: ScanProblem): { y: Float64Array; h: Float64Array; deltaSum: Float64Array } {
  const { length, dInner, dState } = p;
  const h = Float64Array.from(p.h);
  const y = new Float64Array(length * dInner);
  const deltaSum = new Float64Array(dInner);
  for (let t = 0; t < length; t++) {
    for (let e = 0; e < dInner; e++) {
      const at = t * dInner + e;
      const delta = softplus(p.deltaRaw[at]!);
      deltaSum[e]! += delta;
      let read = p.d[e]! * p.u[at]!;
      for (let n = 0; n < dState; n++) {
        const i = e * dState + n;
        h[i] = Math.exp(delta * p.a[i]!) * h[i]! + delta * p.u[at]! * p.b[t * dState + n]!;
        read += h[i] * p.c[t * dState + n]!;
      }
      y[at] = read * silu(p.z[at]!);
    }
  }
  return { y, h, deltaSum };
}

/** Retention at T by the definition, with W written out. */
export function retention(p: ScanProblem, after: Numbers): Float64Array {
  const out = new Float64Array(p.length);
  for (let t = 0; t < p.length; t++) {
    const sums = sumsAfter(p, t, p.length);
    out[t] = survival(p, t, 1, (e) => sums[e]! + after[e]!);
  }
  return out;
}

/** Token memory fidelity at one distance, NaN where the range is too short. */
export function memoryFidelity(p: ScanProblem, lag: number): Float64Array {
  const out = new Float64Array(p.length).fill(NaN);
  for (let t = 0; t + lag < p.length; t++) {
    const sums = sumsAfter(p, t, t + lag + 1);
    out[t] = survival(p, t, 2, (e) => sums[e]!);
  }
  return out;
}

function sumsAfter(p: ScanProblem, t: number, end: number): Float64Array {
  const sums = new Float64Array(p.dInner);
  for (let j = t + 1; j < end; j++) {
    for (let e = 0; e < p.dInner; e++) sums[e]! += softplus(p.deltaRaw[j * p.dInner + e]!);
  }
  return sums;
}

function survival(p: ScanProblem, t: number, power: number, sum: (channel: number) => number): number {
  let kept = 0;
  let written = 0;
  for (let e = 0; e < p.dInner; e++) {
    const at = t * p.dInner + e;
    for (let n = 0; n < p.dState; n++) {
      const w = Math.abs(softplus(p.deltaRaw[at]!) * p.u[at]! * p.b[t * p.dState + n]!) ** power;
      kept += w * Math.exp(p.a[e * p.dState + n]! * sum(e));
      written += w;
    }
  }
  return written > 0 ? kept / written : 0;
}

export interface Note {
  readonly position: number;
  readonly score: number;
}

/** The pool after each chunk that ends within the scores, best first; the stream starts at position 0. */
export function pools(
  scores: Numbers,
  rule: { poolSize: number; chunk: number; replacement: 'priority' | 'fifo'; tau1: number },
): Note[][] {
  const fifo = rule.replacement === 'fifo';
  const after: Note[][] = [];
  for (let end = rule.chunk; end <= scores.length; end += rule.chunk) {
    const seen: Note[] = [];
    for (let position = 0; position < end; position++) {
      const score = scores[position]!;
      const importance = 1 / (1 + Math.exp(-score));
      if (fifo ? importance > 0.5 : importance > rule.tau1) seen.push({ position, score });
    }
    seen.sort((x, y) => (fifo ? y.position - x.position : y.score - x.score || x.position - y.position));
    after.push(seen.slice(0, rule.poolSize));
  }
  return after;
}

/** Softmax attention of one query over scored notes; weights and read. */
export function attend(
  query: Numbers,
  notes: readonly { score: number; note: Numbers }[],
): { weights: number[]; read: Float64Array } {
  const logits = notes.map(({ score, note }) => {
    let dot = -softplus(-score);
    for (let i = 0; i < note.length; i++) dot += query[i]! * note[i]!;
    return dot;
  });
  const max = Math.max(...logits);
  const exps = logits.map((logit) => Math.exp(logit - max));
  const total = exps.reduce((sum, value) => sum + value, 0);
  const weights = exps.map((value) => value / total);
  const read = new Float64Array(query.length);
  notes.forEach(({ note }, j) => {
    for (let i = 0; i < note.length; i++) read[i]! += weights[j]! * note[i]!;
  });
  return { weights, read };
}
