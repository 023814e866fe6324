import { ShapeError } from '../shapes.js';

/** @throws {ShapeError} unless the distances are 0 or powers of two up to 2^30, each larger than the one before */
export function checkLags(operator: string, lags: readonly number[]): void {
  lags.forEach((lag, i) => {
    const power = lag === 0 || (Number.isInteger(lag) && lag > 0 && Number.isInteger(Math.log2(lag)));
    if (!power || lag > 2 ** 30 || (i > 0 && lag <= lags[i - 1]!)) {
      throw new ShapeError(
        operator,
        `lags must be rising, each 0 or a power of two up to 2^30; they are ${lags.join(', ')}`,
      );
    }
  });
}

/** ETMF at each distance and the number of tokens it is the mean of, from (lags, length) fidelities. */
export function meanFidelity(
  fidelity: Float32Array,
  lags: readonly number[],
  length: number,
): { etmf: Float32Array; count: Int32Array } {
  const etmf = new Float32Array(lags.length);
  const count = new Int32Array(lags.length);
  lags.forEach((lag, row) => {
    const tokens = Math.max(0, length - lag);
    let sum = 0;
    for (let t = 0; t < tokens; t++) sum += fidelity[row * length + t]!;
    etmf[row] = tokens > 0 ? sum / tokens : NaN;
    count[row] = tokens;
  });
  return { etmf, count };
}
