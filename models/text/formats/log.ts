import { blockOf, type Block } from '../block.js';
import { indentOf, type TextLine } from '../lines.js';
import { groupsOf } from './line-groups.js';
import { RECORD } from './json-lines.js';

/**
 * How the lines of logs begin: dates and times of every fashion, addresses, levels, klog's letter and date, and what
 * became of a test (DejaGnu, Automake, TAP).
 */
export const STAMP =
  /^(?:<\d{1,3}>)?(?:\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[-T _,]\s?\d{1,2}:\d\d(?::\d\d)?|\d{8}[-T _]\d{1,2}:\d{1,2}:\d{1,2}\b|\d\d?[-/.]\d\d?[-/.]\d{2,4}[-T _,]\s?\d{1,2}:\d\d\b|\d\d?[-/]\w{2,3}[-/]\d{2,4}[: ]\d\d:\d\d:\d\d|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\s+\d\d:\d\d:\d\d|\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\b|\d{6}\s\d{6}\b|\(?\d\d:\d\d:\d\d\b)|[IWEFD]\d{4} \d\d:\d\d:\d\d|\S+ \S+ \S+ \[\d\d\/\w{3}\/\d{4}:|\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b\]?[\s:]|(?:X?PASS(?:ED)?|[XK]?FAIL(?:ED)?|UNSUPPORTED|UNRESOLVED|UNTESTED|SKIP(?:PED)?): |(?:not )?ok \d+\b|1\d{9}(?:\.\d+)?\s)/u;

/**
 * Entries of a log: what follows a stamped line without a stamp, a stack trace for example, belongs to it; where lines
 * have no stamps, what is indented.
 */
export function logBlocks(lines: readonly TextLine[]): Block[] {
  const isStamped = ({ trimmed }: TextLine) => STAMP.test(trimmed) || RECORD.test(trimmed);
  const some = lines.filter(({ trimmed }) => trimmed !== '');
  const haveStamps = some.filter(isStamped).length > some.length / 4;
  return groupsOf(lines, haveStamps ? isStamped : (line) => indentOf(line) === 0, (entry) =>
    blockOf(entry, 'log'),
  );
}
