import type { NoteSurvival, PoolEntry } from './types.js';

/**
 * How long notes last. At distance k: of the notes of tokens t that had k tokens time, t + k ≤ T, the share that
 * was not replaced by t + k, over all layers together. No unit, in [0, 1]; distances 1, 2, 4, … below T. A note
 * enters with the end of its token's chunk; until then, less than a chunk, it counts as kept. The definition
 * is ours.
 *
 * @param length T, tokens that were read
 */
export function noteSurvival(
  entries: readonly Pick<PoolEntry, 'token' | 'leftAt'>[],
  length: number,
): NoteSurvival {
  const lags: number[] = [];
  const share: number[] = [];
  const notes: number[] = [];
  for (let lag = 1; lag < length; lag *= 2) {
    const had = entries.filter(({ token }) => token + lag <= length);
    if (had.length === 0) break;
    const kept = had.filter(({ token, leftAt }) => leftAt === null || leftAt > token + lag);
    lags.push(lag);
    share.push(kept.length / had.length);
    notes.push(had.length);
  }
  return { lags, share, notes };
}
