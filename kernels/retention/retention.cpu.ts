import { softplus } from '../cpu/activations.js';
import { expNegative } from '../cpu/exp.js';
import { checkArray, checkRows, type Rows } from '../cpu/rows.js';
import { checkInteger } from '../shapes.js';
import { checkLags } from './lags.js';

export interface RetentionCpu {
  /** Tokens. */
  readonly length: number;
  readonly dInner: number;
  readonly dState: number;
  /** (length, dInner) input of the scan. */
  readonly u: Rows;
  /** (length, dInner) Δ before softplus. */
  readonly deltaRaw: Rows;
  /** (length, dState). */
  readonly b: Rows;
  /** (dInner, dState) A = -exp(A_log). */
  readonly a: Float32Array;
  /** (dInner) ΣΔ from the end of these tokens to T. */
  readonly after: Float32Array | Float64Array;
  /** (length) receives the retention at T. */
  readonly retention: Float32Array;
}

export interface MemoryFidelityCpu extends Omit<RetentionCpu, 'after' | 'retention'> {
  /** Distances k, each 0 or a power of two, rising. */
  readonly lags: readonly number[];
  /** (lags.length, length) receives the fidelity of token t at distance k, 0 where t + k ≥ length. */
  readonly fidelity: Float32Array;
}

/**
 * Retention of each token at T: Σ_{c,n} |W_t| exp(A ΣΔ_{t<j≤T}) / Σ_{c,n} |W_t|, W_t = Δ_t u_t B_tᵀ; in
 * [0, 1]. A token that writes nothing (W_t = 0) retains 0. Sums of Δ are added from the end, never
 * subtracted.
 *
 * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkRetention}
 */
export function retentionCpu(args: RetentionCpu): void {
  const { length, dInner, after, retention } = args;
  checkRetention(args);

  const sum = Float64Array.from(after);
  const delta = new Float64Array(dInner);
  const survival = new Survival(args, 1);
  for (let t = length - 1; t >= 0; t--) {
    deltaOf(args, t, delta);
    retention[t] = survival.of(t, delta, sum, 0);
    for (let c = 0; c < dInner; c++) sum[c]! += delta[c]!;
  }
}

/**
 * Token memory fidelity at distance k: ⟨W_t, W_t ⊙ exp(A ΣΔ_{t<j≤t+k})⟩ / ‖W_t‖²; 1 at k = 0, never rising
 * with k. ETMF is its mean over the tokens with t + k < length. Sums over 2k tokens are made from sums
 * over k: S_2k(t) = S_k(t) + S_k(t + k).
 *
 * @throws {ShapeError} if a size or a distance is out of range or an array does not fit, as of
 * {@link checkMemoryFidelity}
 */
export function memoryFidelityCpu(args: MemoryFidelityCpu): void {
  const { length, dInner, lags, fidelity } = args;
  checkMemoryFidelity(args);

  const delta = new Float64Array(length * dInner);
  const sums = new Float64Array(length * dInner);
  for (let t = 0; t < length; t++) deltaOf(args, t, delta.subarray(t * dInner, (t + 1) * dInner));
  fidelity.fill(0);
  const survival = new Survival(args, 2);
  let k = 0;
  lags.forEach((lag, row) => {
    while (k < lag) {
      if (k === 0) sums.set(delta.subarray(dInner));
      else for (let i = 0; i + k * dInner < sums.length; i++) sums[i]! += sums[i + k * dInner]!;
      k = k === 0 ? 1 : 2 * k;
    }
    for (let t = 0; t + lag < length; t++) {
      fidelity[row * length + t] = survival.of(t, delta.subarray(t * dInner), sums, t * dInner);
    }
  });
}

/**
 * @throws {ShapeError} unless `length` and `dInner` are at least 1, `dState` is 1 to 64, and every array has its
 * shape
 */
export function checkRetention(args: RetentionCpu): void {
  const name = 'retention';
  checkCommon(name, args);
  checkArray(name, 'after', args.after, args.dInner);
  checkArray(name, 'retention', args.retention, args.length);
}

/**
 * @throws {ShapeError} unless `length` and `dInner` are at least 1, `dState` is 1 to 64, and every array has its
 * shape
 * @throws {ShapeError} as of {@link checkLags}
 */
export function checkMemoryFidelity(args: MemoryFidelityCpu): void {
  const { length, lags, fidelity } = args;
  const name = 'memory fidelity';
  checkCommon(name, args);
  checkLags(name, lags);
  checkArray(name, 'fidelity', fidelity, lags.length, length);
}

function checkCommon(name: string, args: Omit<RetentionCpu, 'after' | 'retention'>): void {
  const { length, dInner, dState, u, deltaRaw, b, a } = args;
  checkInteger(name, 'length', length, 1);
  checkInteger(name, 'dInner', dInner, 1);
  checkInteger(name, 'dState', dState, 1, 64);
  checkRows(name, 'u', u, length, dInner);
  checkRows(name, 'deltaRaw', deltaRaw, length, dInner);
  checkRows(name, 'b', b, length, dState);
  checkArray(name, 'a', a, dInner, dState);
}

function deltaOf(
  args: { readonly dInner: number; readonly deltaRaw: Rows },
  t: number,
  out: Float64Array,
): void {
  const { data, offset, stride } = args.deltaRaw;
  for (let c = 0; c < args.dInner; c++) out[c] = softplus(data[offset + t * stride + c]!);
}

/** Σ |W|^power exp(A S) / Σ |W|^power for one token; W factorises, so it is never formed. */
class Survival {
  readonly #args: Pick<RetentionCpu, 'dInner' | 'dState' | 'u' | 'b' | 'a'>;
  readonly #power: 1 | 2;

  readonly #bPower: Float64Array;

  constructor(args: Pick<RetentionCpu, 'dInner' | 'dState' | 'u' | 'b' | 'a'>, power: 1 | 2) {
    this.#args = args;
    this.#power = power;

    this.#bPower = new Float64Array(args.dState);
  }

  /** `sums` holds S from index `from` on, one a channel. */
  of(t: number, delta: Float64Array, sums: Float64Array, from: number): number {
    const { dInner, dState, u, b, a } = this.#args;
    const bPower = this.#bPower;
    const power = this.#power;
    let bTotal = 0;
    for (let n = 0; n < dState; n++) {
      const value = Math.abs(b.data[b.offset + t * b.stride + n]!);
      bPower[n] = power === 1 ? value : value * value;
      bTotal += bPower[n]!;
    }
    let kept = 0;
    let written = 0;
    for (let c = 0; c < dInner; c++) {
      const value = Math.abs(delta[c]! * u.data[u.offset + t * u.stride + c]!);
      if (value === 0) continue;
      const write = power === 1 ? value : value * value;
      const sum = sums[from + c]!;
      let channel = 0;
      for (let n = 0; n < dState; n++) channel += bPower[n]! * expNegative(a[c * dState + n]! * sum);
      kept += write * channel;
      written += write;
    }
    const total = written * bTotal;
    return total > 0 ? Math.min(1, kept / total) : 0;
  }
}
