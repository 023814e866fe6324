import { expNegative } from './exp.js';

/**
 * log(1 + e) for e in [0, 1]: 2 artanh(e / (2 + e)) by its series in s = e/(2 + e) ≤ 1/3. There is no
 * 1 + e to round, so a small e keeps all its digits. Relative error below 1e-9; `activations.wgsl` has
 * the same series.
 */
export function log1p(e: number): number {
  const s = e / (2 + e);
  const q = s * s;
  return (
    2 *
    s *
    (1 +
      q *
        (1 / 3 +
          q *
            (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13 + q * (1 / 15 + q * (1 / 17)))))))))
  );
}

/** log(1 + eˣ) = max(x, 0) + log(1 + e^-|x|); never overflows, 0 where it would be below 2^-126. */
export function softplus(x: number): number {
  return x > 0 ? x + log1p(expNegative(-x)) : log1p(expNegative(x));
}

/** 1 / (1 + e^-x), from e^-|x| so that nothing overflows. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + expNegative(-x));
  const e = expNegative(x);
  return e / (1 + e);
}

/** x σ(x). */
export function silu(x: number): number {
  return x * sigmoid(x);
}

/**
 * x Φ(x) = x (1 + erf(x / √2)) / 2, the exact GELU, with erf by formula 7.1.26 of Abramowitz and Stegun: |error of erf| ≤
 * 1.5e-7. `activations.wgsl` has the same formula.
 */
export function gelu(x: number): number {
  const z = Math.abs(x) * Math.SQRT1_2;
  const t = 1 / (1 + 0.3275911 * z);
  const polynomial =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * polynomial * Math.exp(-z * z);
  return x * (x < 0 ? tail : 1 - tail);
}
