import type { Archive } from '../archive.js';
import { localName } from '../xml.js';

/** What a cell's number format shows of a day count. */
export interface DateStyle {
  readonly hasDate: boolean;
  readonly hasTime: boolean;
}

const DAY = 86_400_000;

/** Formats that come with Excel, by number (ECMA-376 part 1, 18.8.30). */
function builtin(id: number): DateStyle | undefined {
  if (id >= 14 && id <= 17) return { hasDate: true, hasTime: false };
  if (id === 22) return { hasDate: true, hasTime: true };
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return { hasDate: false, hasTime: true };
  return undefined;
}

/** Which cell styles show dates, by the number that cells give. */
export function dateStylesOf(archive: Archive, part: string): Map<number, DateStyle> {
  const formats = new Map<number, DateStyle | undefined>();
  const styles = new Map<number, DateStyle>();
  let isCell = false;
  let index = 0;
  archive.readAside(part, {
    open: (qualified, { numFmtId, formatCode = '' }) => {
      const name = localName(qualified);
      if (name === 'cellXfs') isCell = true;
      else if (name === 'numFmt') formats.set(Number(numFmtId), styleOf(formatCode));
      else if (name === 'xf' && isCell) {
        const id = Number(numFmtId ?? 0);
        const style = formats.has(id) ? formats.get(id) : builtin(id);
        if (style) styles.set(index, style);
        index++;
      }
    },
    close: (qualified) => {
      if (localName(qualified) === 'cellXfs') isCell = false;
    },
  });
  return styles;
}

/** What a format code such as `dd.mm.yyyy hh:mm` shows. Words in quotes and conditions in brackets are no code. */
function styleOf(code: string): DateStyle | undefined {
  const bare = code
    .split(';', 1)[0]!
    .replace(/"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*./giu, '')
    .toLowerCase();
  const hasTime = /[hs]/u.test(bare);
  const hasDate = /[yd]/u.test(bare) || (bare.includes('m') && !hasTime);
  return hasDate || hasTime ? { hasDate, hasTime } : undefined;
}

/** `2024-03-01`, `2024-03-01 14:30` or `14:30` of a count of days; undefined where it is none. */
export function dateOf(value: number, { hasDate, hasTime }: DateStyle, is1904: boolean): string | undefined {
  if (!Number.isFinite(value) || value < 0 || value > 2_958_466) return undefined;
  // Excel's calendar has a 29 February 1900; days before it count from one day later.
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, value < 60 ? 31 : 30);
  const iso = new Date(epoch + Math.round((value * DAY) / 1000) * 1000).toISOString();
  const day = iso.slice(0, 10);
  const time = iso.slice(11, iso.slice(17, 19) === '00' ? 16 : 19);
  if (!hasDate) return value >= 1 ? undefined : time;
  return hasTime ? `${day} ${time}` : day;
}
