import { silu, softplus } from '../cpu/activations.js';
import { EXP_C1, EXP_C2, EXP_C3, EXP_LAST, EXP_SCALE, EXP_TABLE } from '../cpu/exp.js';
import { checkArray, checkRows, type Rows } from '../cpu/rows.js';
import { checkInteger } from '../shapes.js';

export interface SelectiveScanCpu {
  /** Tokens. */
  readonly length: number;
  readonly dInner: number;
  readonly dState: number;
  /** (length, dInner) input after the convolution. */
  readonly u: Rows;
  /** (length, dInner) Δ before softplus, its bias added. */
  readonly deltaRaw: Rows;
  /** (length, dInner) gate before silu. */
  readonly z: Rows;
  /** (length, dState). */
  readonly b: Rows;
  /** (length, dState). */
  readonly c: Rows;
  /** (dInner, dState) A = -exp(A_log), all ≤ 0. */
  readonly a: Float32Array;
  /** (dInner) skip. */
  readonly d: Float32Array;
  /** (dInner, dState) state before the first token; replaced by the state after the last. */
  readonly h: Float32Array;
  /** (length, dInner) output; may be the same rows as u, deltaRaw or z. */
  readonly y: Rows;
  /** (dInner) receives ΣΔ over the tokens. */
  readonly deltaSum?: Float32Array | Float64Array;
}

/** Channels a pass: their states and decay rates (f64) fit the first-level cache together. */
const BLOCK = 64;

/**
 * Selective scan (Mamba, arXiv 2312.00752, algorithm 2), fused with discretization, skip and gate:
 * Δ = softplus(deltaRaw), h_t = exp(Δ_t A) h_{t-1} + Δ_t u_t B_tᵀ, y_t = (h_t C_t + D u_t) silu(z_t).
 * The state and ΣΔ are kept in f64 between the first and the last token.
 *
 * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkSelectiveScan}
 */
export function selectiveScanCpu(args: SelectiveScanCpu): void {
  const { length, dInner, dState, u, deltaRaw, z, b, c, a, d, h, y, deltaSum } = args;
  checkSelectiveScan(args);
  // Local copies: the loop would look imported bindings up at every use.
  const [table, last, c1, c2, c3] = [EXP_TABLE, EXP_LAST, EXP_C1, EXP_C2, EXP_C3];
  const state = new Float64Array(BLOCK * dState);
  const rate = new Float64Array(BLOCK * dState);
  const bRow = new Float64Array(dState);
  const cRow = new Float64Array(dState);
  const sums = new Float64Array(BLOCK);
  for (let first = 0; first < dInner; first += BLOCK) {
    const channels = Math.min(BLOCK, dInner - first);
    const from = first * dState;
    for (let i = 0; i < channels * dState; i++) {
      state[i] = h[from + i]!;
      // Table steps a unit of Δ; see cpu/exp.ts.
      rate[i] = -a[from + i]! * EXP_SCALE;
    }
    sums.fill(0);
    for (let t = 0; t < length; t++) {
      const bAt = b.offset + t * b.stride;
      const cAt = c.offset + t * c.stride;
      for (let n = 0; n < dState; n++) {
        bRow[n] = b.data[bAt + n]!;
        cRow[n] = c.data[cAt + n]!;
      }
      const uAt = u.offset + t * u.stride + first;
      const deltaAt = deltaRaw.offset + t * deltaRaw.stride + first;
      const zAt = z.offset + t * z.stride + first;
      const yAt = y.offset + t * y.stride + first;
      for (let channel = 0; channel < channels; channel++) {
        const delta = softplus(deltaRaw.data[deltaAt + channel]!);
        const input = u.data[uAt + channel]!;
        const write = delta * input;
        sums[channel]! += delta;
        let read = 0;
        const row = channel * dState;
        for (let n = 0; n < dState; n++) {
          let steps = delta * rate[row + n]!;
          if (steps > last) steps = last;
          const i = steps | 0;
          const r = i - steps;
          const decay = table[i]! * (1 + r * (c1 + r * (c2 + r * c3)));
          const next = decay * state[row + n]! + write * bRow[n]!;
          state[row + n] = next;
          read += next * cRow[n]!;
        }
        y.data[yAt + channel] = (read + d[first + channel]! * input) * silu(z.data[zAt + channel]!);
      }
    }
    for (let i = 0; i < channels * dState; i++) h[from + i] = state[i]!;
    if (deltaSum) for (let i = 0; i < channels; i++) deltaSum[first + i] = sums[i]!;
  }
}

/**
 * @throws {ShapeError} unless `length` and `dInner` are at least 1, `dState` is 1 to 64, and every array has its
 * shape
 */
export function checkSelectiveScan(args: SelectiveScanCpu): void {
  const { length, dInner, dState, u, deltaRaw, z, b, c, a, d, h, y, deltaSum } = args;
  const name = 'selective scan';
  checkInteger(name, 'length', length, 1);
  checkInteger(name, 'dInner', dInner, 1);
  checkInteger(name, 'dState', dState, 1, 64);
  for (const [key, view] of Object.entries({ u, deltaRaw, z, y })) {
    checkRows(name, key, view, length, dInner);
  }
  checkRows(name, 'b', b, length, dState);
  checkRows(name, 'c', c, length, dState);
  checkArray(name, 'a', a, dInner, dState);
  checkArray(name, 'd', d, dInner);
  checkArray(name, 'h', h, dInner, dState);
  if (deltaSum) checkArray(name, 'deltaSum', deltaSum, dInner);
}
