import { silu } from '../cpu/activations.js';
import { checkArray, checkRows, type Rows } from '../cpu/rows.js';
import { checkInteger } from '../shapes.js';

export interface CausalConvCpu {
  /** Tokens. */
  readonly length: number;
  readonly dInner: number;
  readonly dConv: number;
  /** (length, dInner) input; may be the first half of wider rows. */
  readonly x: Rows;
  /** (dInner, dConv); the last tap meets the current token. */
  readonly weight: Float32Array;
  /** (dInner). */
  readonly bias: Float32Array;
  /** (dConv - 1, dInner) the inputs before the first token, oldest first; replaced by the last inputs. */
  readonly tail: Float32Array;
  /** (length, dInner) output; must not overlap x. */
  readonly y: Rows;
}

/**
 * Depthwise causal convolution with bias, then silu:
 * y[t, c] = silu(bias[c] + Σ_k weight[c, k] · x[t - (dConv - 1) + k, c]).
 *
 * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkCausalConv}
 */
export function causalConvCpu(args: CausalConvCpu): void {
  const { length, dInner, dConv, x, weight, bias, tail, y } = args;
  checkCausalConv(args);
  const before = dConv - 1;
  for (let t = 0; t < length; t++) {
    const out = y.offset + t * y.stride;
    for (let c = 0; c < dInner; c++) {
      let sum = bias[c]!;
      for (let k = 0; k < dConv; k++) {
        const row = t - before + k;
        const value = row >= 0 ? x.data[x.offset + row * x.stride + c]! : tail[(row + before) * dInner + c]!;
        sum += weight[c * dConv + k]! * value;
      }
      y.data[out + c] = silu(sum);
    }
  }
  for (let r = 0; r < before; r++) {
    const row = length - before + r;
    const to = r * dInner;
    if (row < 0) {
      // A segment shorter than the tail: the younger old inputs move up.
      tail.copyWithin(to, (row + before) * dInner, (row + before + 1) * dInner);
    } else {
      const from = x.offset + row * x.stride;
      tail.set(x.data.subarray(from, from + dInner), to);
    }
  }
}

/** @throws {ShapeError} unless `length`, `dInner` and `dConv` are at least 1 and every array has its shape */
export function checkCausalConv(args: CausalConvCpu): void {
  const { length, dInner, dConv, x, weight, bias, tail, y } = args;
  const name = 'causal conv';
  checkInteger(name, 'length', length, 1);
  checkInteger(name, 'dInner', dInner, 1);
  checkInteger(name, 'dConv', dConv, 1);
  checkRows(name, 'x', x, length, dInner);
  checkArray(name, 'weight', weight, dInner, dConv);
  checkArray(name, 'bias', bias, dInner);
  checkArray(name, 'tail', tail, dConv - 1, dInner);
  checkRows(name, 'y', y, length, dInner);
}
