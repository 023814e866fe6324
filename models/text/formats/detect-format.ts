import { CUE } from './captions.js';
import { RECORD } from './json-lines.js';
import { STAMP } from './log.js';
import { TIME, TURN } from './transcript.js';
import { areRepetitive } from '../log-templates.js';
import { withoutNumbers } from '../log-lines.js';
import { sampleOf, type TextLine } from '../lines.js';

/**
 * What kind of text a document is, told from its lines alone, never from a file name. `text` is everything that
 * has paragraphs: plain text, Markdown, reStructuredText.
 */
export type Format = 'text' | 'latex' | 'html' | 'code' | 'log' | 'records' | 'turns' | 'captions';

/** Keys by which an object is an entry of a log. */
const LOG_KEY = /"(?:level|severity|lvl|ts|time|timestamp|@timestamp|msg)"\s*:/u;

const CODE_LINE =
  /[{};]$|^(?:\/\/|\/\*|\*\/|#include|#!|import |from \S+ import|package \w+$|use \w+(?:::|;)|def |fn |func |class |return\b|if \(|for \(|\}|@\w+)|=>|\w\(.*\)[;:]?$|^\w[\w.[\]]* (?:[-+*/|&]|:)?= \S/u;
const HTML_LINE =
  /^<(?:!doctype html|html|head|body|p|div|h[1-6]|ul|ol|li|table|section|article|main)\b[^>]*>/iu;
const LATEX_LINE =
  /^\\(?:documentclass|usepackage|begin\{document\}|(?:part|chapter|(?:sub)*section|paragraph)\*?\{|maketitle)/u;

/** Share of the lines that must look alike for the document to be of their format. */
const MOSTLY = 0.4;
/** Lines looked at. */
const SAMPLE = 2000;

export function formatOf(lines: readonly TextLine[]): Format {
  const sample = sampleOf(lines, SAMPLE);
  const share = (test: (line: TextLine) => boolean) =>
    sample.filter(test).length / Math.max(1, sample.length);
  const matching = (pattern: RegExp) => share(({ trimmed }) => pattern.test(trimmed));

  const records = matching(RECORD);
  if (sample.length >= 3 && records > MOSTLY) return matching(LOG_KEY) > MOSTLY ? 'log' : 'records';
  const cues = lines.slice(0, 200).filter(({ trimmed }) => CUE.test(trimmed)).length;
  if (cues >= 2 && cues * 6 >= Math.min(200, sample.length)) return 'captions';
  if (sample.length >= 6 && matching(TURN) > MOSTLY && isTalk(sample)) return 'turns';
  if (sample.length >= 3 && matching(STAMP) + records > MOSTLY) return 'log';
  // The first lines say it, however long the text is.
  const head = lines.slice(0, 400);
  if (head.some(({ trimmed }) => LATEX_LINE.test(trimmed)) && matching(/^#{1,6} /u) === 0) return 'latex';
  if (/^<(?:!doctype html|html)\b/iu.test(sample[0]?.trimmed ?? '') || matching(HTML_LINE) > 0.25)
    return 'html';
  const isFenced = lines.some(({ trimmed }) => /^(?:```|~~~)/u.test(trimmed));
  if (!isFenced && sample.length >= 6 && matching(CODE_LINE) > MOSTLY) return 'code';
  // Rows of a table repeat themselves as well.
  if (matching(/^\|.*\|$/u) > MOSTLY) return 'text';
  return areRepetitive(sample.map(({ trimmed }) => withoutNumbers(trimmed))) ? 'log' : 'text';
}

/** Words that a turn has on average, at least; fields of a list and of settings have fewer. */
const TURN_WORDS = 4;

/** Share of the turns that begin as sentences do, at least; those of a report begin with a name or a number. */
const SPOKEN = 1 / 3;

/** Names of what is said of a change or a message, and nobody's. */
const FIELD =
  /^(?:Author|AuthorDate|Commit|CommitDate|Committer|Date|Merge|From|To|Cc|Subject|Changes|Reviewed-by|Signed-off-by|Acked-by|Tested-by|Reported-by|Fixes|Link|Description|Depends|Version|Package|Source|Files|Copyright|License)$/iu;

/** People speak more than once, and in sentences; what stands before a colon in a list does not. */
function isTalk(sample: readonly TextLine[]): boolean {
  const turns = sample.flatMap(({ trimmed }) => {
    const found = TURN.exec(trimmed);
    const said = trimmed.slice(found?.[0].length ?? 0);
    if (!found) return [];
    return {
      speaker: found[2]!,
      words: said.split(/\s+/u).length,
      isTime: TIME.test(said),
      isSpoken: /^[^\p{L}\p{N}]*[\p{Lu}\p{Lo}]/u.test(said),
    };
  });
  // Entries of a version control's history say who and when, too.
  const fields = turns.filter(({ speaker }) => FIELD.test(speaker)).length;
  if (fields * 2 > turns.length) return false;
  const speakers = new Set(turns.map(({ speaker }) => speaker)).size;
  const words = turns.reduce((sum, turn) => sum + turn.words, 0) / Math.max(1, turns.length);
  const isApart = turns.filter(({ isTime }) => isTime).length > turns.length / 2;
  const isSpoken = turns.filter(({ isSpoken }) => isSpoken).length >= turns.length * SPOKEN;
  return speakers * 2 <= turns.length + 2 && ((words >= TURN_WORDS && isSpoken) || isApart);
}
