/**
 * What `push(...items)` and `Math.max(...values)` do, for lists of any length: a spread of some 100,000 arguments is
 * more than an engine's stack bears.
 */

/** Adds `items` to the end of `list`. */
export function append<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}

/** The largest of some numbers, or `-Infinity` of none, as `Math.max` has it; NaN if one is NaN. */
export function largest(values: Iterable<number>): number {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** The smallest of some numbers, or `Infinity` of none; NaN if one is NaN. */
export function smallest(values: Iterable<number>): number {
  let least = Infinity;
  for (const value of values) least = Math.min(least, value);
  return least;
}
