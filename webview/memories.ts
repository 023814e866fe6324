import type { Coverage, Fidelity, PoolEntry, TokenRetention } from '../models/analysis/types.js';
import type { DocumentKey, TextRange } from '../extension/protocol.js';

/** A document whose memory the worker holds, with what was computed of it. */
export interface Memory {
  readonly document: DocumentKey;
  readonly name: string;
  readonly coverage: Coverage;
  readonly pool: () => Promise<readonly PoolEntry[]>;
  readonly fidelity: () => Promise<Fidelity>;
  readonly retention: (range: TextRange) => Promise<readonly TokenRetention[]>;
}

/** Computes at most once, and again after a failure: panels and commands ask for the same things. */
export function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    if (!result) {
      const current = compute();
      result = current;
      current.catch(() => {
        if (result === current) result = undefined;
      });
    }
    return result;
  };
}
