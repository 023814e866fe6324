import { PackedError, type PackedDocument } from './types.js';

/**
 * The document, if there is text in it.
 *
 * @throws {PackedError} what keeps it from being read: `encrypted`, `too-large`, `broken`, else `no-text`
 */
export function requireText(document: PackedDocument): PackedDocument {
  if (document.blocks.length > 0) return document;
  const has = (reason: string) => document.unread.some((part) => part.reason === reason);
  if (has('encrypted')) throw new PackedError('encrypted', 'It asks for a password.');
  if (has('too-large')) throw new PackedError('too-large', 'It unpacks to more than the bound on bytes.');
  if (has('broken')) throw new PackedError('broken', 'It is damaged, and no text of it could be read.');
  throw new PackedError('no-text', 'There is no text in it.');
}
