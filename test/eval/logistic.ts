/** Weighted logistic regression with an L2 penalty, by Newton's method. */

export interface Example {
  readonly x: readonly number[];
  readonly y: 0 | 1;
  readonly weight: number;
}

const ROUNDS = 30;

/**
 * Minimizes Σ weight · cross entropy + penalty · |w|² (the bias left out).
 *
 * @returns the weights of the features; the bias, which orders nothing, is left out
 */
export function fitLogistic(examples: readonly Example[], penalty: number): number[] {
  const size = (examples[0]?.x.length ?? 0) + 1;
  let w = new Array<number>(size).fill(0);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = w.map((value, i) => (i < size - 1 ? 2 * penalty * value : 0));
    const hessian = w.map((_, i) => w.map((__, j) => (i === j && i < size - 1 ? 2 * penalty : 0)));
    for (const { x, y, weight } of examples) {
      const row = [...x, 1];
      const p = 1 / (1 + Math.exp(-row.reduce((sum, value, i) => sum + value * w[i]!, 0)));
      const curve = weight * p * (1 - p);
      for (let i = 0; i < size; i++) {
        if (row[i] === 0) continue;
        gradient[i]! += weight * (p - y) * row[i]!;
        for (let j = 0; j <= i; j++) hessian[i]![j]! += curve * row[i]! * row[j]!;
      }
    }
    for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) hessian[i]![j] = hessian[j]![i]!;
    const step = solve(hessian, gradient);
    w = w.map((value, i) => value - step[i]!);
    if (Math.max(...step.map(Math.abs)) < 1e-6) break;
  }
  return w.slice(0, -1);
}

/** Solves A x = b by elimination with pivots; a row of zeros, of a feature that never varies, gives 0. */
export function solve(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  const a = matrix.map((row, i) => [...row, vector[i]!]);
  const size = vector.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(a[row]![column]!) > Math.abs(a[pivot]![column]!)) pivot = row;
    [a[column], a[pivot]] = [a[pivot]!, a[column]!];
    if (Math.abs(a[column]![column]!) < 1e-12) continue;
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = a[row]![column]! / a[column]![column]!;
      for (let j = column; j <= size; j++) a[row]![j]! -= factor * a[column]![j]!;
    }
  }
  return a.map((row, i) => (Math.abs(row[i]!) < 1e-12 ? 0 : row[size]! / row[i]!));
}
