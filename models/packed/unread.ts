import type { PackedDocument, UnreadReason } from './types.js';

const REASONS: Readonly<Record<UnreadReason, string>> = {
  'no-text': 'without text',
  broken: 'damaged',
  'too-large': 'beyond the bound on unpacked bytes',
  encrypted: 'encrypted',
};

/** What of a file was not read, for people; undefined where all was. */
export function unreadInWords({
  parts,
  unread,
}: Pick<PackedDocument, 'parts' | 'unread'>): string | undefined {
  if (unread.length === 0) return undefined;
  const counts = new Map<UnreadReason, string[]>();
  for (const { label, reason } of unread) counts.set(reason, [...(counts.get(reason) ?? []), label]);
  const what = [...counts].map(([reason, labels]) => {
    const shown = labels.slice(0, 5).join(', ') + (labels.length > 5 ? ', …' : '');
    return `${REASONS[reason]}: ${shown}`;
  });
  return `Read ${parts.read} of ${parts.total} ${parts.kind}s; ${what.join('; ')}`;
}
