/** A size or shape that an operator cannot work with; the message says which operator and what it wants. */
export class ShapeError extends Error {
  constructor(operator: string, problem: string) {
    super(`${operator}: ${problem}`);
    this.name = 'ShapeError';
  }
}

/** @throws {ShapeError} unless `value` is an integer in [min, max] */
export function checkInteger(
  operator: string,
  name: string,
  value: number,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`;
  throw new ShapeError(operator, `${name} must be an integer, ${range}; it is ${value}`);
}
