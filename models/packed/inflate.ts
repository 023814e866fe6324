import { Inflate } from 'fflate';
import { PackedError, type Bounds } from './types.js';

/**
 * Bytes that are unpacked at once. Deflate makes at most 1,032 bytes of one, so that no more than 8 MB lie between two
 * looks at the bounds.
 */
const SLICE = 8192;

/** What may still be unpacked of one file. All its entries draw on the same one. */
export class Budget {
  #bytes: number;

  constructor({ bytes }: Pick<Bounds, 'bytes'>) {
    this.#bytes = bytes;
  }

  /** @throws {PackedError} `too-large` */
  take(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes < 0) throw new PackedError('too-large', 'It unpacks to more than the bound on bytes.');
  }
}

/**
 * Unpacks raw deflate piece by piece.
 *
 * @throws {PackedError} `broken` where the bytes are no deflate or end early, `too-large` beyond the budget; the pieces
 *   before that are good
 */
export function* inflated(packed: Uint8Array, budget: Budget): Generator<Uint8Array, void, undefined> {
  let out: Uint8Array[] = [];
  const inflate = new Inflate((piece) => {
    if (piece.length > 0) out.push(piece);
  });
  for (let at = 0; at < packed.length; at += SLICE) {
    let broken: unknown;
    try {
      inflate.push(packed.subarray(at, at + SLICE), at + SLICE >= packed.length);
    } catch (error) {
      broken = error;
    }
    for (const piece of out) {
      budget.take(piece.length);
      yield piece;
    }
    out = [];
    if (broken !== undefined)
      throw new PackedError('broken', 'Its packed bytes are damaged.', { cause: broken });
  }
}
