import { blockOf, type Block } from '../block.js';
import type { TextLine } from '../lines.js';

/** One JSON object a line. */
export const RECORD = /^\{\s*".*\}$/u;

/** Values of strings, as far as they hold no escapes but those of line ends and quotation marks. */
const VALUE = /:\s*"((?:[^"\\]|\\.)*)"/gu;
/** UTF-16 units from which a value may be a text. */
const TEXT = 40;

/** JSON lines that are no log: the longest string of a record is its text, if it is long enough to be one. */
export function recordBlocks(lines: readonly TextLine[]): Block[] {
  return lines.flatMap((line): Block[] => {
    let longest = { at: 0, length: 0 };
    for (const { index, 0: found, 1: value } of line.text.matchAll(VALUE)) {
      if (value!.length > longest.length) {
        longest = { at: index + found.length - 1 - value!.length, length: value!.length };
      }
    }
    if (longest.length < TEXT) {
      const whole = blockOf([line], 'table');
      return whole ? [whole] : [];
    }
    const start = line.start + longest.at;
    return [{ kind: 'prose', start, end: start + longest.length }];
  });
}
