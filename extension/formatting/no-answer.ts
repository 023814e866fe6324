import type { Answer, Coverage } from '../../models/document/types.js';
import type { UnpackedFile } from '../protocol/unpack.js';
import type { Translate } from './translate.js';

/** What is said where a document holds no answer to a question, as far as it was read and searched. */
export function noAnswer(
  { name, packed }: { readonly name: string; readonly packed?: Pick<UnpackedFile, 'unread'> },
  { complete, scannedBytes }: Coverage,
  { lookedUp }: Pick<Answer, 'lookedUp'>,
  t: Translate,
): string {
  const hasUnread = (packed?.unread.length ?? 0) > 0;
  const isWhole = complete && !hasUnread && (scannedBytes === undefined || lookedUp === true);
  return isWhole
    ? t('{0} does not seem to say: all of it was searched for this question.', name)
    : t('MemMamba finds no answer to this in the part of {0} that was read.', name);
}

/** What is said of an answer that stands in the text; one that the memory did not give says so. */
export function foundWords(words: string, { remembered }: Pick<Answer, 'remembered'>, t: Translate): string {
  return remembered === undefined
    ? t('{0} — found in the text', words)
    : t('{0} — found in the text; the place was looked up for this question', words);
}
