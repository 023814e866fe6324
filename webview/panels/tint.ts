/** How a share in [0, 1] becomes a tint: along itself, or along its power of ten. */
export type TintScale = 'logarithmic' | 'highest' | 'whole';

/** Shares up to which the logarithmic scale tells nothing apart. */
export const LEAST = 1e-4;

/** A scale of tints. */
export interface Tint {
  readonly scale: TintScale;
  /** The share that has the strongest tint. */
  readonly max: number;
}

/**
 * Strength of the tint of a share, from 0 to 1. Retention falls by powers of ten within a hundred tokens: along
 * itself all but the last words are blank, along its logarithm (from `LEAST` to `max`) the fall itself is seen.
 */
export function strength(share: number, { scale, max }: Tint): number {
  if (!(max > 0) || !(share > 0)) return 0;
  if (scale !== 'logarithmic') return Math.min(1, share / max);
  if (share <= LEAST || max <= LEAST) return 0;
  return Math.min(1, Math.log(share / LEAST) / Math.log(max / LEAST));
}
