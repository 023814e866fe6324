import { Gunzip } from 'fflate';
import { Budget } from './inflate.js';
import { BOUNDS, PackedError, type PackedOptions } from './types.js';

const SLICE = 8192;

/** What came out of a gzip file. */
export interface Gunzipped {
  readonly bytes: Uint8Array;
  /** True where it ends early or is damaged; the bytes before that are good. */
  readonly isDamaged: boolean;
}

/**
 * Unpacks gzip, all members one behind the other.
 *
 * @throws {PackedError} `broken` where nothing comes out, `too-large` beyond the bound
 */
export function gunzipped(packed: Uint8Array, { bounds = BOUNDS, signal }: PackedOptions = {}): Gunzipped {
  const budget = new Budget(bounds);
  const pieces: Uint8Array[] = [];
  const gunzip = new Gunzip((piece) => {
    budget.take(piece.length);
    pieces.push(piece);
  });
  let isDamaged = false;
  try {
    for (let at = 0; at < packed.length; at += SLICE) {
      signal?.throwIfAborted();
      gunzip.push(packed.subarray(at, at + SLICE), at + SLICE >= packed.length);
    }
  } catch (error) {
    if (error instanceof PackedError || signal?.aborted) throw error;
    isDamaged = true;
  }
  const bytes = joined(pieces);
  if (bytes.length === 0) {
    if (isDamaged) throw new PackedError('broken', 'Its packed bytes are damaged.');
    throw new PackedError('no-text', 'It is empty.');
  }
  return { bytes, isDamaged: isDamaged || !hasItsLength(packed, bytes) };
}

/** The last four bytes are the length of the last member: no more than all that came out. */
function hasItsLength(packed: Uint8Array, bytes: Uint8Array): boolean {
  const at = packed.length - 4;
  const length =
    (packed[at]! | (packed[at + 1]! << 8) | (packed[at + 2]! << 16) | (packed[at + 3]! << 24)) >>> 0;
  return length <= bytes.length;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
