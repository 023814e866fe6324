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

  /**
   * Hands on what may be had of a piece.
   *
   * @throws {PackedError} `too-large` behind a piece that was cut off
   */
  *take(piece: Uint8Array): Generator<Uint8Array, void, undefined> {
    const allowed = Math.min(this.#bytes, piece.length);
    this.#bytes -= allowed;
    if (allowed > 0) yield piece.subarray(0, allowed);
    if (allowed < piece.length)
      throw new PackedError('too-large', 'It unpacks to more than the bound on bytes.');
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
    for (const piece of out) yield* budget.take(piece);
    out = [];
    if (broken !== undefined)
      throw new PackedError('broken', 'Its packed bytes are damaged.', { cause: broken });
  }
}
