import type { AboutDocument, EngineMethods } from '../../extension/protocol/engine.js';
import type { Remote } from '../../extension/protocol/rpc.js';
import type { Comparison, Coverage, ReadProgress } from '../../models/document/types.js';

/** A document whose memory the engine holds. */
export interface Memory extends AboutDocument {
  readonly name: string;
  readonly coverage: Coverage;
  /** UTF-16 code units that were read. */
  readonly length: number;
  /** Where the document can be asked about. */
  readonly engine: Remote<EngineMethods>;
}

/** Where the comparison of a document with the pool off stands. */
export type ComparisonState =
  | { readonly phase: 'running'; readonly question: string; readonly progress: ReadProgress | undefined }
  | { readonly phase: 'done'; readonly comparison: Comparison }
  | { readonly phase: 'failed'; readonly question: string; readonly message: string };
