import type {
  Comparison,
  Coverage,
  Fidelity,
  PoolEntry,
  ReadProgress,
  TokenRetention,
} from '../models/document/types.js';
import type { DocumentKey, TextRange } from '../extension/protocol.js';

/** A document whose memory the worker holds, with what was computed of it. */
export interface Memory {
  readonly document: DocumentKey;
  readonly name: string;
  readonly coverage: Coverage;
  /** UTF-16 code units that were read. */
  readonly length: number;
  readonly pool: () => Promise<readonly PoolEntry[]>;
  readonly fidelity: () => Promise<Fidelity>;
  readonly retention: (range: TextRange, signal: AbortSignal) => Promise<readonly TokenRetention[]>;
  /** The text as it was read. */
  readonly slice: (range: TextRange) => Promise<string>;
}

/** Where the comparison of a document with the pool off stands. */
export type ComparisonState =
  | { readonly phase: 'running'; readonly question: string; readonly progress: ReadProgress | undefined }
  | { readonly phase: 'done'; readonly comparison: Comparison }
  | { readonly phase: 'failed'; readonly question: string; readonly message: string };

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
