import { Gunzip } from 'fflate';
import { Budget } from './inflate.js';
import { BOUNDS, PackedError, type PackedOptions } from './types.js';
import { append } from '../text/lists.js';

const SLICE = 8192;
/** Bytes of a gzip file with nothing in it: header, empty block, checksum and length. */
const SHORTEST = 20;

/** What came out of a gzip file. */
export interface Gunzipped {
  readonly bytes: Uint8Array;
  /** Why it is not all; the bytes before that are good. */
  readonly cut?: 'broken' | 'too-large';
}

/**
 * Unpacks gzip, all members one behind the other.
 *
 * @throws {PackedError} `broken` or `no-text` where nothing comes out
 */
export function gunzipped(packed: Uint8Array, { bounds = BOUNDS, signal }: PackedOptions = {}): Gunzipped {
  const budget = new Budget(bounds);
  const pieces: Uint8Array[] = [];
  const gunzip = new Gunzip((piece) => {
    if (piece.length > 0) append(pieces, budget.take(piece));
  });
  let cut: Gunzipped['cut'];
  try {
    for (let at = 0; at < packed.length; at += SLICE) {
      signal?.throwIfAborted();
      gunzip.push(packed.subarray(at, at + SLICE), at + SLICE >= packed.length);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    cut = error instanceof PackedError && error.kind === 'too-large' ? 'too-large' : 'broken';
  }
  const bytes = joined(pieces);
  if (bytes.length === 0) {
    if (cut !== undefined || packed.length < SHORTEST)
      throw new PackedError('broken', 'Its packed bytes are damaged.');
    throw new PackedError('no-text', 'It is empty.');
  }
  if (cut === undefined && !hasItsLength(packed, bytes)) cut = 'broken';
  return { bytes, ...(cut && { cut }) };
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
