import type { DocumentMemory } from '../../models/document/types.js';

/** Stretches of a document whose tokens stand for all of its tokens, and their length in UTF-16 code units. */
const STRETCHES = 16;
const LENGTH = 256;

/**
 * Retention (mean of the layers, the pool not counted) of about a thousand tokens from evenly spread places of what
 * was read, in rising order; of a short text all of them. A word's percentile within its document is its rank here.
 */
export async function retentionSample(
  memory: Pick<DocumentMemory, 'length' | 'retention'>,
  signal: AbortSignal,
): Promise<number[]> {
  const values: number[] = [];
  const part = memory.length / STRETCHES;
  for (let i = 0; i < STRETCHES; i++) {
    const middle = (i + 0.5) * part;
    const half = Math.min(part, LENGTH) / 2;
    const range = { start: Math.floor(middle - half), end: Math.ceil(middle + half) };
    for (const token of await memory.retention({ ...range, signal })) values.push(token.retention);
    signal.throwIfAborted();
  }
  return values.sort((a, b) => a - b);
}
