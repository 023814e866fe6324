import type { Engine } from '../memmamba/engine.js';
import type { Tokenizer } from '../tokenizer/index.js';
import type { DocumentMemory } from './types.js';

export type * from './types.js';

export interface DocumentMemoryOptions {
  /**
   * Gives a live engine: called once before the first use, and again after that engine's device was lost, when
   * it must give another. The memory never disposes an engine; one may serve many documents.
   */
  readonly engine: () => Promise<Engine>;
  readonly tokenizer: Tokenizer;
  /** `off`: the same weights as a plain Mamba, for comparison. Default `on`. */
  readonly pool?: 'on' | 'off';
  readonly limits?: Partial<MemoryLimits>;
}

/** What one document may cost in main memory, besides its text and about 8 bytes a token. */
export interface MemoryLimits {
  /** Bytes of saved states (resume points). Default 192 MiB. */
  readonly snapshotBytes: number;
  /** Bytes of archived notes. Default 64 MiB. */
  readonly archiveBytes: number;
}

/** A document that has not been read yet. */
export declare function createDocumentMemory(options: DocumentMemoryOptions): DocumentMemory;
