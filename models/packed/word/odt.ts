import { Archive } from '../archive.js';
import { Flow } from '../flow.js';
import { requireText } from '../result.js';
import { TextBuilder } from '../text-builder.js';
import { PackedError, type PackedDocument, type PackedOptions } from '../types.js';
import { OdtReader } from './odt-content.js';

/**
 * An OpenDocument text (ISO/IEC 26300): headings, lists, tables by row, notes behind the paragraphs that call them. What
 * was deleted under revision and comments are left out.
 *
 * @throws {PackedError} `encrypted`, `broken` or `no-text`
 */
export function readOdt(bytes: Uint8Array, options: PackedOptions = {}): PackedDocument {
  const archive = new Archive(bytes, options);
  const encrypted: string[] = [];
  archive.readAside('META-INF/manifest.xml', {
    open: (name) => {
      if (name.endsWith(':encryption-data')) encrypted.push(name);
    },
  });
  if (encrypted.length > 0) throw new PackedError('encrypted', 'It asks for a password.');
  const text = new TextBuilder();
  const reader = new OdtReader(new Flow(text));
  const isThere = archive.read('content.xml', reader, { kind: 'file', label: 'content.xml' });
  const { unread } = archive;
  const title = titleOf(archive);
  return requireText({
    format: 'odt',
    ...text.finish(),
    ...(title !== '' && { title }),
    parts: {
      kind: 'chapter',
      total: 1,
      read: isThere && !unread.some(({ label }) => label === 'content.xml') ? 1 : 0,
    },
    unread,
  });
}

function titleOf(archive: Archive): string {
  let title = '';
  let isOpen = false;
  archive.readAside('meta.xml', {
    open: (name) => {
      isOpen = name === 'dc:title';
    },
    text: (text) => {
      if (isOpen) title += text;
    },
    close: () => {
      isOpen = false;
    },
  });
  return title.trim();
}
