import type { AnchorKind, Unread, UnreadReason } from '../../models/packed/types.js';
import type { UnpackedFile } from '../protocol/unpack.js';
import type { Translate } from './translate.js';

/** Parts that are named; of more the number says enough. */
const MOST_NAMED = 5;

/** What of a file gave no text, in words; undefined where all of it did. */
export function unreadWords(
  { parts, unread }: Pick<UnpackedFile, 'parts' | 'unread'>,
  t: Translate,
): string | undefined {
  if (unread.length === 0) return undefined;
  if (!parts) return t('The file is damaged, or unpacks to more than 256 MB: only its beginning was read.');
  const labels = new Map<UnreadReason, string[]>();
  for (const { label, reason } of unread) labels.set(reason, [...(labels.get(reason) ?? []), label]);
  const reasons = [...labels].map(([reason, named]) => {
    const shown = named.slice(0, MOST_NAMED).join(', ') + (named.length > MOST_NAMED ? ', …' : '');
    return reasonWords(reason, shown, t);
  });
  return [countWords(parts.kind, parts.read, parts.total, t), ...reasons].join(' ');
}

function countWords(kind: AnchorKind, read: number, total: number, t: Translate): string {
  switch (kind) {
    case 'page':
      return t('{0} of {1} pages could be read.', read, total);
    case 'chapter':
      return t('{0} of {1} chapters could be read.', read, total);
    case 'slide':
      return t('{0} of {1} slides could be read.', read, total);
    case 'sheet':
      return t('{0} of {1} sheets could be read.', read, total);
  }
}

function reasonWords(reason: Unread['reason'], labels: string, t: Translate): string {
  switch (reason) {
    case 'no-text':
      return t('Without text: {0}.', labels);
    case 'broken':
      return t('Damaged: {0}.', labels);
    case 'too-large':
      return t('Larger than is unpacked: {0}.', labels);
    case 'encrypted':
      return t('Encrypted: {0}.', labels);
  }
}
