import { Tokenizer } from 'htmlparser2';
import type { Parsed } from '../parsed.js';
import { HtmlReader } from './html-reader.js';

/**
 * HTML by the tokenizer of `htmlparser2`: it reads tags, entities and comments with their places, in one pass whatever
 * stands in them. Blocks are the contents of block elements; text between them is prose. No tree is built, so a page
 * that closes nothing still has its paragraphs, and no nesting is too deep.
 */
export function parseHtml(text: string): Parsed {
  return htmlBlocks(text);
}

export function htmlBlocks(text: string): Parsed {
  const reader = new HtmlReader(text, titleOf);
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, reader);
  tokenizer.write(text);
  tokenizer.end();
  return reader.result();
}

/** UTF-16 units of a title that are looked at. */
const LONGEST_TITLE = 2000;
/** The mark behind a heading that links to it. */
const PERMALINK = /<a\b[^<>]*>\s*(?:<[^<>]*>)*\s*[#¶§🔗]?\s*(?:<\/[^<>]*>)*\s*<\/a>/giu;

/** The words of a heading or a cell. */
function titleOf(html: string): string {
  const { decoded } = htmlBlocks(html.slice(0, LONGEST_TITLE).replace(PERMALINK, ''));
  return decoded.text
    .replace(/\s+/gu, ' ')
    .replace(/\s*[¶🔗]+$/u, '')
    .trim();
}
