import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect } from 'vitest';
import type { PackedDocument } from '../../models/packed/types.js';
import { unpack } from '../../models/packed/unpack/unpack.js';

const maps = path.join(
  path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')),
  'cmaps',
);

/** pdf.js's character maps as they lie in its package. */
export const characterMaps = (name: string) =>
  Promise.resolve(new Uint8Array(readFileSync(path.join(maps, name))));

export const packedFixture = (name: string) =>
  new Uint8Array(readFileSync(path.join(import.meta.dirname, '../fixtures/packed', name)));

/** The document in some bytes, with all that must hold for any. */
export async function documentIn(bytes: Uint8Array, signal?: AbortSignal): Promise<PackedDocument> {
  const unpacked = await unpack(bytes, { characterMaps, signal });
  if (unpacked.kind !== 'document') throw new Error('read as text');
  expectSound(unpacked.document);
  return unpacked.document;
}

/** Ranges are in order and slices of the text, and nothing but line breaks stands between them. */
export function expectSound({ text, blocks, anchors, parts, unread }: PackedDocument): void {
  const faults: string[] = [];
  let end = 0;
  for (const block of blocks) {
    const slice = text.slice(block.start, block.end);
    if (!/^\n*$/u.test(text.slice(end, block.start))) faults.push(`text before ${block.start}`);
    if (slice.trim() === '' || slice.trimEnd() !== slice) faults.push(`white space at ${block.start}`);
    for (const cell of block.cells ?? []) {
      if (cell.start < block.start || cell.end > block.end || cell.end < cell.start) {
        faults.push(`cell at ${cell.start}`);
      }
    }
    end = block.end;
  }
  if (end !== text.length) faults.push(`text after ${end}`);
  if (/\p{Surrogate}/u.test(text)) faults.push('half a character');
  if (anchors.length > 0 && anchors[0]!.start !== 0) faults.push('no anchor at 0');
  for (let i = 1; i < anchors.length; i++) {
    if (anchors[i]!.start < anchors[i - 1]!.start) faults.push(`anchor ${i} goes back`);
  }
  if (parts.read > parts.total || parts.read < 0) faults.push('more read than there is');
  if (parts.read < parts.total && unread.length === 0) faults.push('unread without a word');
  expect(faults).toEqual([]);
}

/** Kind and text of every block, for comparing. */
export const outlineOf = ({ text, blocks }: PackedDocument) =>
  blocks.map(({ kind, level, start, end }) => `${kind}${level ?? ''} ${text.slice(start, end)}`);
