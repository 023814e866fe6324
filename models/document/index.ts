import { MemMambaDocument, type DocumentMemoryOptions } from './document-memory.js';

export type { DocumentMemoryOptions } from './document-memory.js';
export type { MemoryLimits } from '../reading/kept-document.js';
export { perplexityByLength } from '../fidelity/perplexity.js';
export type * from './types.js';

/** A document that has not been read yet. */
export function createDocumentMemory(options: DocumentMemoryOptions): MemMambaDocument {
  return new MemMambaDocument(options);
}
