import { decodeHTML } from 'entities';
import type { Format } from './detect-format.js';

/** How the words of a text are told from its markup. */
export interface Markup {
  /** The text with markup blanked out, of the same length: offsets in it are those of the text. */
  readonly blanked: (text: string) => string;
  /** The words as a reader sees them, of any length. */
  readonly readable: (text: string) => string;
}

/** What is taken away, and what stands for it in the words that are read. */
type Rule = readonly [pattern: RegExp, readable: string];

const HTML: readonly Rule[] = [
  [/<!--[\s\S]*?-->/gu, ''],
  [/<\/?[a-z][^<>]*>/giu, ''],
];
const ENTITY: Rule = [/&#?[a-z0-9]{1,31};/giu, ''];
const LATEX: readonly Rule[] = [
  [/(?<!\\)%.*/gu, ''],
  // Commands whose argument is no text.
  [
    /\\(?:[a-zA-Z]*cite[a-zA-Z]*|[a-zA-Z]*ref|label|index|input|include|includegraphics|vspace|hspace|begin|end|url|bibliography[a-z]*)\*?(?:\[[^\]]*\])*\{[^{}]*\}/gu,
    '',
  ],
  [/\\item(?:\[[^\]]*\])?/gu, ''],
  [/\\(?:[a-zA-Z]+\*?(?:\[[^\]]*\])?|\\(?:\[[^\]]*\])?)/gu, ' '],
  [/(?<!\\)[{}]/gu, ''],
  [/\\(?=[%&#_${}])/gu, ''],
  [/~/gu, ' '],
  [/``|''/gu, '"'],
];

const NONE: Markup = { blanked: (text) => text, readable: (text) => text };

/** The markup of a document of this format; what has none, or as little as Markdown, stays as it is. */
export function markupOf(format: Format): Markup {
  if (format !== 'html' && format !== 'latex') return NONE;
  const rules = format === 'html' ? HTML : LATEX;
  return {
    blanked: (text) =>
      [...rules, ...(format === 'html' ? [ENTITY] : [])].reduce(
        (rest, [pattern]) => rest.replace(pattern, (found) => found.replace(/[^\n]/gu, ' ')),
        text,
      ),
    readable: (text) => {
      const words = rules.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
      const decoded = format === 'html' ? decodeHTML(words) : words;
      return decoded
        .replace(/\s+/gu, ' ')
        .replace(/ (?=[,.;:!?)\]])/gu, '')
        .trim();
    },
  };
}
