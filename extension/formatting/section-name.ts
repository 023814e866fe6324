import type { SummarySection } from '../../models/document/types.js';
import type { Translate } from './translate.js';

/** What a section is called: as the text has it, or by what it is where the text gives no title. */
export function sectionName(
  { title, unnamed, lines }: Pick<SummarySection, 'title' | 'unnamed' | 'lines'>,
  t: Translate,
): string {
  if (unnamed === undefined) return title;
  if (unnamed === 'opening') return t('Before the first heading');
  return unnamed === 'untimed'
    ? t('Before the first time stamp')
    : t('Lines {0}–{1}', lines.first, lines.last);
}
