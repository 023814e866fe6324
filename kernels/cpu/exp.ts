/**
 * exp for arguments ≤ 0, the inner operation of the scan, several times faster than `Math.exp`.
 *
 * exp(x) = 2^(-i/64) · e^r with i = ⌊-x · 64/ln 2⌋ and r in (-ln 2/64, 0]: the power of two comes from a
 * table, e^r from its Taylor polynomial of degree 3. The relative error is below 6e-10 (the next term,
 * r⁴/24), a hundredth of an f32 rounding. Below {@link EXP_FLOOR} the result is 0, as on GPUs, which
 * flush f32 numbers below 2^-126.
 *
 * Hot loops inline these lines: they scale their argument by {@link EXP_SCALE} once, outside the loop.
 */
export const EXP_STEPS = 64;

/** Steps of the table in one unit of the argument: 64 / ln 2. */
export const EXP_SCALE = EXP_STEPS / Math.LN2;

/** Below this argument exp underflows in f32: ln 2^-126. */
export const EXP_FLOOR = -126 * Math.LN2;

/** The table's last index; its entry is 0, and arguments below {@link EXP_FLOOR} are clamped to it. */
export const EXP_LAST = 126 * EXP_STEPS + 1;

/** 2^(-i/64) for i = 0 … 126 · 64, then one 0. */
export const EXP_TABLE = Float64Array.from({ length: EXP_LAST + 1 }, (_, i) =>
  i < EXP_LAST ? 2 ** (-i / EXP_STEPS) : 0,
);

/** Coefficients of e^r for r counted in table steps: (ln 2/64)^k / k!. */
export const EXP_C1 = 1 / EXP_SCALE;
export const EXP_C2 = 1 / (2 * EXP_SCALE ** 2);
export const EXP_C3 = 1 / (6 * EXP_SCALE ** 3);

/** exp(x) for x ≤ 0; 0 below {@link EXP_FLOOR}. */
export function expNegative(x: number): number {
  let steps = -x * EXP_SCALE;
  if (steps > EXP_LAST) steps = EXP_LAST;
  const i = steps | 0;
  const r = i - steps;
  return EXP_TABLE[i]! * (1 + r * (EXP_C1 + r * (EXP_C2 + r * EXP_C3)));
}
