import { Random } from './random.js';
import type { ScanProblem } from './reference.js';

type Range = readonly [low: number, high: number];

export interface ScanProblemOptions {
  readonly length: number;
  readonly dInner: number;
  readonly dState: number;
  /** Δ before softplus; by default as trained models have it, Δ between 0.0003 and 0.7. */
  readonly raw?: Range;
  readonly z?: Range;
  /** -A; by default 0.5 to 16. */
  readonly rate?: Range;
}

/** A random scan that always comes out the same for the same sizes. */
export function scanProblem(options: ScanProblemOptions): ScanProblem {
  const { length, dInner, dState, raw = [-8, 0], z = [-4, 4], rate = [0.5, 16] } = options;
  const random = new Random(length * 7919 + dInner * 131 + dState);
  return {
    length,
    dInner,
    dState,
    u: random.uniform(length * dInner, -2, 2),
    deltaRaw: random.uniform(length * dInner, ...raw),
    z: random.uniform(length * dInner, ...z),
    b: random.uniform(length * dState, -1, 1),
    c: random.uniform(length * dState, -1, 1),
    a: random.uniform(dInner * dState, Math.log(rate[0]), Math.log(rate[1])).map((x) => -Math.exp(x)),
    d: random.uniform(dInner, -1, 1),
    h: random.uniform(dInner * dState, -1, 1),
  };
}

/** Tokens [start, end) of a problem, with the whole problem's first state. */
export function sliceProblem(p: ScanProblem, start: number, end: number): ScanProblem {
  const cut = (values: Float32Array<ArrayBuffer>, width: number): Float32Array<ArrayBuffer> =>
    values.slice(start * width, end * width);
  return {
    ...p,
    length: end - start,
    u: cut(p.u, p.dInner),
    deltaRaw: cut(p.deltaRaw, p.dInner),
    z: cut(p.z, p.dInner),
    b: cut(p.b, p.dState),
    c: cut(p.c, p.dState),
  };
}
