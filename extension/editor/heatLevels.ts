import type { TokenRetention } from '../../models/analysis/types.js';
import type { TextRange } from '../protocol.js';

/** Steps of tint; tokens in the lowest fifth have none. */
export const LEVELS = 5;

/**
 * The text in view by how much of it is retained, in steps of equal numbers of tokens: (LEVELS - 1) lists of
 * ranges, the faintest first. Neighbours of one step become one range. Ranks and not values: retention falls by
 * powers of ten, and a tint by value would show one word.
 */
export function heatLevels(tokens: readonly TokenRetention[]): TextRange[][] {
  const levels: { start: number; end: number }[][] = Array.from({ length: LEVELS - 1 }, () => []);
  const ranked = tokens.map(({ retention }) => retention).sort((a, b) => a - b);
  const rank = new Map<number, number>();
  // Of equal values the first counts, so that they have one tint.
  for (const [i, value] of ranked.entries()) if (!rank.has(value)) rank.set(value, i);
  for (const { start, end, retention } of tokens) {
    const level = Math.floor(((rank.get(retention) ?? 0) * LEVELS) / Math.max(1, ranked.length));
    const list = levels[level - 1];
    if (!list) continue;
    const last = list.at(-1);
    if (last?.end === start) last.end = end;
    else list.push({ start, end });
  }
  return levels;
}
