/** Wilson's score interval of a proportion, 95 %. */
export function wilson(successes: number, trials: number): [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const z = 1.959964;
  const p = successes / trials;
  const centre = p + z ** 2 / (2 * trials);
  const margin = z * Math.sqrt((p * (1 - p)) / trials + z ** 2 / (4 * trials ** 2));
  const scale = 1 + z ** 2 / trials;
  return [Math.max(0, (centre - margin) / scale), Math.min(1, (centre + margin) / scale)];
}

/** Deterministic numbers in [0, 1), the generator mulberry32. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export interface Mean {
  readonly mean: number;
  /** Half the width of a 95 % interval, 1.96 standard errors. */
  readonly interval: number;
}

export function meanWithInterval(values: readonly number[]): Mean {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, count);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, count - 1);
  return { mean, interval: 1.96 * Math.sqrt(variance / Math.max(1, count)) };
}

/**
 * Area under the ROC curve: how often a value of `found` is above one of `missed`, ties counting half.
 *
 * @returns with a 95 % interval after Hanley and McNeil 1982; NaN where either side is empty
 */
export function areaUnderCurve(
  found: readonly number[],
  missed: readonly number[],
): { readonly area: number; readonly interval: readonly [number, number] } {
  let wins = 0;
  for (const a of found) for (const b of missed) wins += a > b ? 1 : a === b ? 0.5 : 0;
  const area = wins / (found.length * missed.length);
  const q1 = area / (2 - area);
  const q2 = (2 * area ** 2) / (1 + area);
  const variance =
    (area * (1 - area) + (found.length - 1) * (q1 - area ** 2) + (missed.length - 1) * (q2 - area ** 2)) /
    (found.length * missed.length);
  const half = 1.96 * Math.sqrt(variance);
  return { area, interval: [Math.max(0, area - half), Math.min(1, area + half)] };
}

/** `count` of the items drawn without putting back, in their order; the same for the same seed. */
export function drawn<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = generator(seed);
  const keys = items.map(() => random());
  const chosen = [...items.keys()].sort((a, b) => keys[a]! - keys[b]!).slice(0, count);
  return chosen.sort((a, b) => a - b).map((i) => items[i]!);
}

/** Samples of a bootstrap. */
const SAMPLES = 2000;

/**
 * The mean of values that come in groups, with a 95 % interval: groups are drawn with putting back, the same for the same
 * seed. NaN of no values.
 */
export function bootstrap(
  rows: readonly { readonly group: number; readonly value: number }[],
  seed: number,
): { readonly mean: number; readonly interval: readonly [number, number]; readonly n: number } {
  const groups = new Map<number, { sum: number; count: number }>();
  for (const { group, value } of rows) {
    const own = groups.get(group) ?? { sum: 0, count: 0 };
    groups.set(group, { sum: own.sum + value, count: own.count + 1 });
  }
  const all = [...groups.values()];
  const random = generator(seed);
  const means = Array.from({ length: rows.length > 0 ? SAMPLES : 0 }, () => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < all.length; i++) {
      const own = all[Math.floor(random() * all.length)]!;
      sum += own.sum;
      count += own.count;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const mean = rows.reduce((sum, { value }) => sum + value, 0) / rows.length;
  const at = (share: number) => rounded(means[Math.floor(share * (SAMPLES - 1))] ?? NaN);
  return { mean: rounded(mean), interval: [at(0.025), at(0.975)], n: rows.length };
}

function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}
