import type { Anchor } from './types.js';

/** The anchor that an offset stands behind, or undefined where there are none. */
export function anchorAt(anchors: readonly Anchor[], offset: number): Anchor | undefined {
  let low = 0;
  let high = anchors.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (anchors[middle]!.start <= offset) low = middle + 1;
    else high = middle;
  }
  return anchors[low - 1];
}
