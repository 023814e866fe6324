import { type DecodedText, TextDecoding } from '../decoded-text.js';

/**
 * What a text holds and nobody sees: soft hyphens, spaces without width, marks of direction, byte order marks within the
 * text, escape sequences of terminals (ECMA-48), other control characters; NUL bytes are white space. A joiner is left
 * where its script needs it. The places are found in one pass; offsets of the source stay by the map.
 */

const ANY = /(?![\t\n\f\r])[\p{Cc}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/u;
const EACH = new RegExp(ANY.source, 'gu');
const LATIN = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}]/u;
/** Units that an escape sequence may have. */
const LONGEST = 4096;

/** The text as it is seen, or undefined where all of it is. */
export function seen(text: string): DecodedText | undefined {
  if (!ANY.test(text)) return undefined;
  const decoding = new TextDecoding(text);
  let edits = 0;
  for (let found = ((EACH.lastIndex = 0), EACH.exec(text)); found; found = EACH.exec(text)) {
    const at = found.index;
    const end = endOf(text, at);
    if (end === at) continue;
    decoding.replace(at, end, insteadOf(text, at));
    edits++;
    EACH.lastIndex = end;
  }
  return edits > 0 ? decoding.end() : undefined;
}

function insteadOf(text: string, at: number): string {
  const code = text.charCodeAt(at);
  return code === 0 ? ' ' : code === 0x85 ? '\n' : '';
}

/** Where what is unseen at an offset ends; the offset itself where it is to stay. */
function endOf(text: string, at: number): number {
  const unit = text[at]!;
  if (unit === '\u200c' || unit === '\u200d') {
    return LATIN.test(text[at - 1] ?? '') && LATIN.test(text[at + 1] ?? '') ? at + 1 : at;
  }
  if (unit === '\u001b') return escapeEnd(text, at + 1);
  if (unit === '\u009b') return controlEnd(text, at + 1);
  return at + 1;
}

function escapeEnd(text: string, at: number): number {
  const kind = text[at] ?? '';
  if (kind === '[') return controlEnd(text, at + 1);
  // Strings, such as a window's title, end with BEL or ESC \; one that does not end hides nothing.
  if (/[\]PX^_]/u.test(kind)) {
    for (let end = at + 1; end < Math.min(text.length, at + LONGEST); end++) {
      const unit = text[end]!;
      if (unit === '\u0007' || unit === '\u009c') return end + 1;
      if (unit === '\u001b') return text[end + 1] === '\\' ? end + 2 : end;
      if (unit === '\n') break;
    }
    return at + 1;
  }
  if (/[ -/]/u.test(kind)) return at + 2;
  return /[0-~]/u.test(kind) ? at + 1 : at;
}

/** Behind a control sequence: parameters, intermediate characters, one final character. */
function controlEnd(text: string, at: number): number {
  let end = at;
  while (end - at < 64 && /[0-?]/u.test(text[end] ?? '')) end++;
  while (end - at < 64 && /[ -/]/u.test(text[end] ?? '')) end++;
  return /[@-~]/u.test(text[end] ?? '') ? end + 1 : end;
}
