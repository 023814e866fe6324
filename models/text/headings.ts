import { indentOf, type TextLine } from './lines.js';
import { isStopWord } from './stop-words.js';

/** What a line is the heading of: 1 is the highest level. */
export interface Heading {
  readonly level: number;
  readonly title: string;
}

/** What stands above lists of what the document holds. */
export const CONTENTS =
  /^(?:(?:table of )?contents\.?|list of (?:figures|tables|illustrations|plates|maps|abbreviations|contents))$/iu;
/** Page numbers behind dots or a gap, as in such lists. */
export const LEADERS = /(?:\.\s?){4,}\s*\w+$|\s{3,}(?:\d{1,4}|[ivxlc]{1,7})$/u;
/** The beginning of a list's item. */
export const ITEM = /^(?:[-*+•‣–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S/u;

/** No title: what ends as a quotation or goes on, brackets, a name below a letter, columns of names. */
const NO_TITLE = /["“”,;]$|^\(.*\)$|^_.*\._$|\S\s{3,}\S|\w_\w/u;
const CHAPTER =
  /^(?:chapter|book|part|volume|canto|act|scene|letter|stave|section|appendix|lecture|essay|epilogue|prologue|preface|introduction|conclusion|kapitel|teil|abschnitt|chapitre|partie|capítulo|parte|capitolo|hoofdstuk|rozdział|глава|часть|раздел)(?:\s+(?:the\s+)?(?:[ivxlcdm]+|\d+|[a-z]|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)(?:[-\s]\w+)?)?\s*(?:[.:—–-].{0,90})?$/iu;
/** Parts of laws and contracts, perhaps with what they are about. */
const ARTICLE =
  /^(?:(?:article|clause|schedule|annex|exhibit|artikel|artículo|articolo|artigo|статья|anlage|anhang)\.?\s+(?:[ivxlcdm]+|\d+|[a-z])\.?(?:\s*[:—–-]\s*\S.{0,80}[^\s.:;,!?])?|§\s?\d+[a-z]?\.?(?:\s+\S.{0,80}[^\s.:;,!?])?)$/iu;
const HIGH_CHAPTER = /^(?:book|part|volume|act)\b/iu;
const HTML = /^<h([1-6])\b[^>]*>(.*?)<\/h\1>/iu;
/** Chapters and numbered sections of Chinese books and reports. */
const CHINESE =
  /^第[一二三四五六七八九十百千零〇两\d]{1,6}([卷部篇章回节])(?:[\s\u3000:：].{0,30}|.{0,20})$/u;
const CHINESE_LEVELS: Readonly<Record<string, number>> = { 卷: 1, 部: 1, 篇: 1, 章: 2, 回: 2, 节: 3 };
const CHINESE_NUMBERED =
  /^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）])[^。！？；，]{1,30}$/u;
const NUMBERED = /^(\d{1,2}(?:\.\d{1,2})*)\.?\s+(\p{Lu}[^.!?]{1,80})$/u;
/** The same with a full stop, as licences and contracts have it: a title above a paragraph, not a step in a list. */
const STOPPED = /^(\d{1,2}(?:\.\d{1,2})*)\.\s+(\p{Lu}[^.!?:;*`]{1,80})\.$/u;

/** Headings that say so: Markdown, and HTML in it; AsciiDoc, and wikis. */
export function markedHeading(line: string): Heading | undefined {
  const markdown = /^(#{1,6})\s+(.+?)\s*#*$/u.exec(line);
  if (markdown) return { level: markdown[1]!.length, title: markdown[2]! };
  const ascii = /^(={2,6}) ([\p{Lu}\p{Lo}\p{N}][^=<>]*?) ?=*$/u.exec(line);
  if (ascii) return { level: ascii[1]!.length, title: ascii[2]! };
  const html = HTML.exec(line);
  return html ? { level: Number(html[1]), title: html[2]!.replace(/<[^>]+>/gu, '').trim() } : undefined;
}

/** Headings of plain text: a short line between empty ones that is a chapter's, all capitals, or numbered. */
export function bareHeading(line: string): Heading | undefined {
  if (line.length > 100) return undefined;
  if (CHAPTER.test(line)) return { level: HIGH_CHAPTER.test(line) ? 1 : 2, title: line };
  if (/^[IVXLC]{1,7}\.?$/u.test(line)) return { level: 3, title: line };
  const chinese = CHINESE.exec(line);
  if (chinese && !/[。！？；]$/u.test(line)) return { level: CHINESE_LEVELS[chinese[1]!]!, title: line };
  if (CHINESE_NUMBERED.test(line)) return { level: line.includes('、') ? 3 : 4, title: line };
  if (CONTENTS.test(line)) return { level: 2, title: line };
  if (isCapitals(line) && line.length <= 70 && !LEADERS.test(line) && !NO_TITLE.test(line))
    return { level: 3, title: line };
  if (ARTICLE.test(line) && /^[\p{Lu}§]/u.test(line)) return { level: 2, title: line };
  const numbered = NUMBERED.exec(line);
  return numbered ? numberedHeading(numbered[1]!, line) : undefined;
}

function isCapitals(line: string): boolean {
  const letters = line.replace(/[^\p{L}]/gu, '');
  return letters.length >= 4 && letters === letters.toUpperCase() && letters !== letters.toLowerCase();
}

/** `2` is of the second level, `2.1` of the third. */
function numberedHeading(number: string, title: string): Heading {
  return { level: 1 + number.split('.').length, title };
}

/** Whether all words but those without a meaning of their own begin with a capital, as in no sentence. */
function isTitleCase(text: string): boolean {
  return text.split(/[\s,–—-]+/u).every((word) => !/^\p{Ll}/u.test(word) || isStopWord(word));
}

/** A numbered title with a full stop, where a paragraph is below it. */
export function stoppedHeading(lines: readonly TextLine[], i: number): Heading | undefined {
  const line = lines[i]!;
  const [, number, title] = STOPPED.exec(line.trimmed) ?? [];
  if (number === undefined || !isTitleCase(title!)) return undefined;
  let next = i + 1;
  while (lines[next]?.trimmed === '') next++;
  const below = lines[next];
  if (!below || indentOf(below) > indentOf(line)) return undefined;
  const isParagraph = /^["“(]?\p{Lu}/u.test(below.trimmed) && !ITEM.test(below.trimmed);
  return isParagraph ? numberedHeading(number, line.trimmed) : undefined;
}

/** A chapter by its number alone: what it is about stands below. */
const NUMBER_ALONE =
  /^(?:(?:chapter|book|part|volume|canto|act|letter|stave|lecture|essay|section|article|kapitel|chapitre|capítulo|capitolo|глава|teil|buch)\s+)?(?:[ivxlcdm]+|\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[.:]?$/iu;
/** Units of a chapter's title. */
const LONGEST_TITLE = 80;

/**
 * The title of a chapter whose number stands in line `i`: in the next line, or alone behind an empty one. Undefined where
 * none is there.
 *
 * @returns the last line of the heading, and number and title
 */
export function titleBelow(
  lines: readonly TextLine[],
  i: number,
): { readonly last: number; readonly title: string } | undefined {
  const number = lines[i]!.trimmed;
  if (!NUMBER_ALONE.test(number) || /^(?:i|\d{1,3})$/iu.test(number)) return undefined;
  let last = i + 1;
  if (lines[last]?.trimmed === '') last++;
  const below = lines[last]?.trimmed ?? '';
  const isAlone = (lines[last + 1]?.trimmed ?? '') === '';
  const isTitle =
    isAlone &&
    below !== '' &&
    below.length <= LONGEST_TITLE &&
    !NO_TITLE.test(below) &&
    !/[.!?…:]["”’»)]*$/u.test(below.replace(/\.$/u, '')) &&
    /^["“‘«„]?[\p{Lu}\p{Lo}\p{N}]/u.test(below) &&
    !NUMBER_ALONE.test(below) &&
    (last === i + 1 || (!below.endsWith('.') && (isTitleCase(below) || isCapitals(below))));
  if (!isTitle) return undefined;
  return { last, title: `${number.replace(/[.:]$/u, '')}. ${below.replace(/\.$/u, '')}` };
}

/** Whether these are the lines of a manual page as `man` prints it. */
export function isManualPage(lines: readonly TextLine[]): boolean {
  return lines.some(({ text }, i) => text === 'NAME' && indentOf(lines[i + 1] ?? lines[i]!) >= 4);
}

/** A heading of a manual page: in capitals at the margin, or indented by three, the text deeper right below it. */
export function manualHeading(lines: readonly TextLine[], i: number): Heading | undefined {
  const line = lines[i]!;
  const below = lines[i + 1];
  const indent = indentOf(line);
  if (!below || below.trimmed === '' || indentOf(below) < indent + 4) return undefined;
  if (indent === 0 && isCapitals(line.trimmed)) return { level: 2, title: line.trimmed };
  const isPart = indent === 3 && /^\p{Lu}[^.:;,!?]{1,60}$/u.test(line.trimmed);
  return isPart ? { level: 3, title: line.trimmed } : undefined;
}
