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

/** Strongest opacity of the accent colour under text of the theme's own: more would make that hard to read. */
export const MAX_UNDER_TEXT = 0.4;

/**
 * Opacity of a note's bar by its score in [0, 1]. In high contrast the weakest bar, too, stands out from the
 * background as WCAG asks of what is needed to understand a picture (3 to 1).
 */
export function noteOpacity(score: number, isHighContrast: boolean): number {
  return isHighContrast ? 0.67 + 0.33 * score : 0.3 + 0.4 * score;
}

/** Opacity of a plate of the background's colour that makes a bar of this opacity fit to be written on. */
export function plateOpacity(bar: number): number {
  return Math.max(0, 1 - MAX_UNDER_TEXT / bar);
}
