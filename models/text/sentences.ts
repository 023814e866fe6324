import type { Span } from './span.js';
import { BEFORE_MORE, BEFORE_NUMBER, NEVER_LAST } from './abbreviations.js';
import { LONGEST_PIECE, piecesOf } from './pieces.js';
import { isStopWord } from './stop-words.js';

/**
 * Sentences with exact offsets.
 *
 * The borders are those of Unicode's sentence segmentation (UAX 29, the platform's `Intl.Segmenter`), 60 times
 * faster here than the library `sentence-splitter` (17 against 0.27 MB/s on a novel), which matters for a
 * book. What UAX 29 does not know is mended afterwards: abbreviations, initials, ordinals, addresses, marks of
 * footnotes and brackets that open behind a full stop, and a border after which the text goes on in lower case.
 */

/**
 * Units given to the segmenter at once. V8 takes time for each border that grows with the text it was given, so
 * short pieces are ten times faster; a sentence that fills the piece gets a longer one, up to the second limit,
 * and is cut there.
 */
const WINDOW = 2048;
const LONGEST = 1 << 13;
/** Characters with which sentences end (Unicode's Sentence_Terminal of scripts in use, and what separates paragraphs). */
const TERMINAL =
  /[.!?\u0085\u0589\u061d-\u061f\u06d4\u0700-\u0702\u0964\u0965\u104a\u104b\u1362\u1367\u1368\u166e\u1803\u1809\u17d4\u17d5\u2024\u2026\u2028\u2029\u203c\u203d\u2047-\u2049\u3002\ufe52\ufe56\ufe57\uff01\uff0e\uff1f\uff61]/u;
const TERMINALS = new RegExp(TERMINAL.source, 'gu');
/** Share of a window that are ends of sentences from which it is leaders, rules or noise, and no sentences. */
const MARKS = 0.3;

function isMarks(part: string): boolean {
  const ends = part.match(TERMINALS)?.length ?? 0;
  return ends > part.length * MARKS;
}

/** A sentence with an end stays whole up to this length; one that is longer is a list of something. */
const LONGEST_SENTENCE = 2000;

/** Of such marks the rest of a paragraph may be, and no second sentence. */
const NO_MORE = /^[\s.!?…。！？"'”’»)\]*_]*$/u;
/** Units behind the first end that are looked at. */
const CLOSING = 40;

let segmenter: Intl.Segmenter | undefined;

/** No sentence ends before the paragraph does: then the segmenter need not be asked. */
function isOne(paragraph: string): boolean {
  const first = paragraph.search(TERMINAL);
  if (/\p{Script=Greek};/u.test(paragraph)) return false;
  return first < 0 || (paragraph.length - first < CLOSING && NO_MORE.test(paragraph.slice(first + 1)));
}

/**
 * Sentences of one paragraph, trimmed, without gaps other than white space. Single line breaks are read as
 * spaces, so that hard-wrapped text is not cut at every line. What has no end is cut into pieces of
 * {@link LONGEST_PIECE} units at most.
 *
 * @param base offset of the paragraph in the document
 */
export function sentencesOf(paragraph: string, base = 0): Span[] {
  if (isOne(paragraph)) {
    const spans: Span[] = [];
    pushTrimmed(spans, paragraph, 0, paragraph.length, base);
    return spans;
  }
  segmenter ??= new Intl.Segmenter('en', { granularity: 'sentence' });
  const flat = paragraph.replace(/[\r\n]/gu, ' ');
  const spans: Span[] = [];
  let start = 0;
  let size = WINDOW;
  const give = (end: number) => {
    for (const border of [...marksBefore(flat, start, end), end]) {
      pushTrimmed(spans, paragraph, start, border, base);
      start = border;
    }
  };
  for (let window = 0; window < flat.length;) {
    const part = flat.slice(window, window + size);
    const isLast = window + part.length === flat.length;
    if (!TERMINAL.test(part) || (part.length >= WINDOW && isMarks(part))) {
      // No sentence ends here; the segmenter would take its time to say so.
      window += part.length;
      continue;
    }
    let consumed = 0;
    for (const { index, segment } of segmenter.segment(part)) {
      const end = index + segment.length;
      // A sentence that touches the piece's end may go on behind it.
      if (!isLast && end === part.length && (index > 0 || size < LONGEST)) break;
      consumed = end;
      const border = window + end < flat.length ? borderAt(flat, start, window + end) : flat.length;
      if (border !== undefined && border > start) give(border);
    }
    size = consumed > 0 ? WINDOW : size * 2;
    window += consumed;
  }
  if (start < flat.length) give(flat.length);
  return spans;
}

/** Marks of a footnote behind a sentence: `[4]`, `[^1]`, `[12,13]`, superior digits, daggers. */
const FOOTNOTE = /^(?:\[(?:\^?[\w*-]{1,12}|\d+(?:[,–-] ?\d+)*)\]|[¹²³⁰-⁹*†‡]{1,3})+/u;
const OPENING = /[\p{Ps}\p{Pi}]$/u;
/** Ends of sentences in scripts that put no space behind them. */
const FULL_STOP = /[。！？｡︒﹒﹗！｡]["”’』」）)】》]*$/u;

/**
 * The border of sentences that UAX 29 sees at `end`, moved before an opening bracket and behind the marks of a footnote;
 * undefined where there is none.
 */
function borderAt(text: string, start: number, end: number): number | undefined {
  let border = end;
  const gap = text.slice(Math.max(start, end - 8), end);
  // In French a space stands before the mark that closes a quotation.
  const closing = /\s$/u.test(gap) ? /^[»”’」』]+(?=\s|$)/u.exec(text.slice(end, end + 8))?.[0] : undefined;
  if (closing !== undefined) {
    const behind = end + closing.length;
    return isInside(text, start, behind) ? undefined : behind;
  }
  // UAX 29 takes a bracket that opens behind the full stop for one that closes.
  if (OPENING.test(gap.trimEnd())) {
    const bracket = Math.max(start, end - 8) + gap.trimEnd().length - 1;
    const mark = FOOTNOTE.exec(text.slice(bracket, bracket + 60))?.[0].length ?? 0;
    if (mark > 0) border = bracket + mark;
    else if (
      /\s/u.test(text[bracket - 1] ?? '') ||
      FULL_STOP.test(text.slice(Math.max(start, bracket - 3), bracket))
    )
      border = bracket;
    else return undefined;
    if (mark > 0 && !/^(?:\s|$)/u.test(text.slice(border, border + 1))) return undefined;
  }
  if (isInside(text, start, border)) return undefined;
  // The mark of a note may stand behind a space.
  const mark = /^\s*(?:\[\^?\d{1,3}\])+(?=\s+["“‘«„(]?\p{Lu})/u.exec(text.slice(border, border + 40))?.[0];
  return border + (mark?.length ?? 0);
}

/**
 * Borders that UAX 29 does not see: behind marks of a footnote, behind a number that is one, of a version or a year before
 * another number, and behind the question mark of Greek.
 */
const UNSEEN =
  /[.!?…]["”’»)]{0,3}(?:\[(?:\^?[\w*-]{1,12}|(?:note|n\.?) ?\d+|\d+(?:[,–-] ?\d+)*)\]|\(\d{1,3}\)|[¹²³⁰-⁹†‡]{1,3})+\s+(?=["“‘«„(¿¡]?[\p{Lu}\p{N}])|…[ \u00a0\u202f]?[»”"]\s+(?=\p{Lu})|(?<=(\p{Ll}{3})[.!?]["”’»)]{0,3})\d{1,3}\s+(?=["“‘«„(]?\p{Lu})|(?<=\d\.\d{1,4}|\s(?:19|20)\d\d)\.\s+(?=\d{1,4}\s+\p{Ll})|(?<=\p{Script=Greek});\s+(?=["“«]?\p{Lu})/gu;
/** What must stand in a text for one of them. */
const MAY_BE_UNSEEN = /[.!?…]["”’»)]*(?:[¹²³⁰-⁹[(†‡\d]|\s+\d)|…\s?[»”"]|\p{Script=Greek};/u;

/** Borders within [start, end) that UAX 29 does not see. */
function marksBefore(text: string, start: number, end: number): number[] {
  const part = text.slice(start, end);
  if (!MAY_BE_UNSEEN.test(part)) return [];
  return Array.from(part.matchAll(UNSEEN), ({ index, 0: found, 1: isNumber }) => {
    // “fig.3 The” is no end of a sentence.
    const word = isNumber === undefined ? '' : (/(\p{L}+)[^\p{L}]*$/u.exec(part.slice(0, index))?.[1] ?? '');
    const isShort = BEFORE_NUMBER.has(word.toLowerCase()) || NEVER_LAST.has(word.toLowerCase());
    return isShort ? end : start + index + found.length;
  }).filter((border) => border < end);
}

/** Letters of the word before a border that are looked at. */
const WORD = /(?:^|[\s("“‘«„[_*~–—-])((?:[\p{L}]\.[ \u00a0\u202f]?)*[\p{L}\p{M}'’-]+|\d+)\.[_*]{0,3}$/u;
const ENDS = /[!?][ \u00a0\u202f]?["”’»)\]]*$/u;

/** True if the border at `end` of the sentence that starts at `start` is none. */
function isInside(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(start, end - 40), end).trimEnd();
  const behind = text.slice(end, end + 40);
  const next = /\S/u.exec(behind.slice(0, 20))?.[0] ?? '';
  // Within an address or a number no space stands behind the mark.
  if (/\S$/u.test(text.slice(end - 1, end)) && /^\S/u.test(behind) && !FULL_STOP.test(before)) return true;
  // Closing marks and a continuation in lower case belong to what stands before.
  const isItem = /^\p{Ll}\)\s/u.test(behind.trimStart());
  if (/^[\p{Ll}\p{Pe}\p{Pf},;:]$/u.test(next) && !isItem && !ENDS.test(before)) return true;
  // In Japanese a particle behind the mark that closes a quotation goes on.
  if (/[。！？][」』]+$/u.test(before) && /^(?:と|って|など)/u.test(behind)) return true;
  if (/[!?][ \u00a0\u202f]?["”’»]$/u.test(before)) return /^\p{Ll}$/u.test(next);
  const word = WORD.exec(before)?.[1];
  // Russian: a year stands before the mark of one, a town behind it.
  if (word === 'г' && !/\d\s*г\.$/u.test(before)) return next !== '';
  return word === undefined ? false : isAbbreviation(word, before, behind.trimStart());
}

/** The words with which a sentence begins, and no name: `The`, `Der`, `Это`. */
const OPENERS = new Set(
  `der die das ein eine es er sie wir ihr ich dieser diese dieses alle nach bei mit auch aber und wenn als so danach dann hier le la les
  un une il elle nous vous ils elles ce cette ces mais et on en dans el los las una lo su sus pero y il lo gli i una si ma het de een
  hij zij ze dit dat en maar это он она они мы вы в на и но а если когда как что так там тогда его её их`.split(
    /\s+/u,
  ),
);

function beginsSentence(behind: string): boolean {
  const [word = ''] = /^["“‘«„(_*[]*[\p{L}'’]+/u.exec(behind) ?? [];
  const bare = word.replace(/^[^\p{L}]+/u, '');
  return /^\p{Lu}/u.test(bare) && (isStopWord(bare.toLowerCase()) || OPENERS.has(bare.toLowerCase()));
}

/** Words before an ordinal: “am 14. August”, “der 2. Absatz”. */
const BEFORE_ORDINAL =
  /(?:^|[\s(])(?:am|vom|zum|im|beim|bis|ab|seit|der|die|das|den|dem|des|ein|einem|einen|unser|ihr|sein|und|oder|jeden|v|den|d|il|le|il|до|с|от|на)\.? \d{1,3}\.$/iu;
const MONTH =
  /^(?:jan|feb|m[äa]r|apr|ma[iy]|ju[nl]|aug|sep|o[ck]t|nov|de[czs]|janv|févr|mars|avril|juin|juil|août|янв|фев|мар|апр|ма[йя]|ию[нл]|авг|сен|окт|ноя|дек|leden|března|května|tammi|helmi)\p{L}*/iu;

function isAbbreviation(word: string, before: string, behind: string): boolean {
  const key = word.toLowerCase().replace(/[ \u00a0\u202f]/gu, '');
  const next = behind[0] ?? '';
  const opens = beginsSentence(behind);
  if (/^\d+$/u.test(word)) {
    // The number of a list item: “12. Open the lid.”, or an ordinal.
    if (/^\d{1,3}$/u.test(word) && before.trim() === `${word}.`) return true;
    if (word.length > 2 || opens) return false;
    return MONTH.test(behind) || (BEFORE_ORDINAL.test(before) && /^\p{Lu}/u.test(next));
  }
  // “said no.”, “see” and the like are words where no number follows.
  const isNumber =
    /^(?:[\p{N}§#(]|\p{Lu}(?:[\s.,;)-]|$))/u.test(behind) &&
    !/^(?:I|A)\s+\p{Ll}/u.test(behind.replace(/^A for\b/u, ''));
  // In capitals: “MM. Petit”; small letters are millimetres.
  if (NEVER_LAST.has(key) || word === 'MM') return next !== '';
  if (BEFORE_NUMBER.has(key) || /(?:str|gasse|nr)$/u.test(key)) {
    if (isNumber) return true;
    if (key.length > 1 || !/^\p{Lu}$/u.test(word)) return false;
  }
  // “Roe v. Wade”
  if (key === 'v' || key === 'c') return /^[\p{Lu}\p{N}]/u.test(next) && !opens;
  if (BEFORE_MORE.has(key)) return /^[\p{L}\p{N}§#(]$/u.test(next) && !opens;
  // An initial (“J. Brown”) or a dotted abbreviation (“U.S. Army”) before a capital; “I.” may end a sentence.
  if (/^\p{Lu}$/u.test(word)) return word !== 'I' && /^\p{Lu}$/u.test(next) && !opens;
  if (/^(?:\p{L}\.[ \u00a0\u202f]?)+\p{L}$/u.test(word)) return /^\p{Lu}$/u.test(next) && !opens;
  return false;
}

const HAS_END = /[.!?…。！？؟।]["”’»)\]*_』」]*(?:\[[^\]\s]{1,12}\]|[¹²³⁰-⁹†‡])*$/u;

function pushTrimmed(spans: Span[], text: string, start: number, end: number, base: number): void {
  const raw = text.slice(start, end);
  const lead = raw.length - raw.trimStart().length;
  const length = raw.trim().length;
  if (length === 0) return;
  const from = start + lead;
  const isLong = length > LONGEST_PIECE && (length > LONGEST_SENTENCE || !HAS_END.test(raw.trimEnd()));
  if (isLong) for (const piece of piecesOf(text.slice(from, from + length), base + from)) spans.push(piece);
  else spans.push({ start: base + from, end: base + from + length });
}
