import { templatesOf } from './log-templates.js';
import { smallest } from './lists.js';

/**
 * What stands out in a log: lines of rare template, and lines that report a failure. Two lines have the same template
 * if they differ in numbers, hexadecimal identifiers and the words that vary in their template only.
 */

const FATAL =
  /\b(?:FATAL|CRITICAL|EMERG(?:ENCY)?|PANIC|ALERT)\b|\bpanic(?:ked)?\b|segmentation fault|out of memory/iu;
const ERROR =
  /\b(?:ERR(?:OR)?|SEVERE|FAIL(?:ED|URE|URES|S)?|EXCEPTION|TRACEBACK|ABORT(?:ED)?|REFUSED|DENIED|NOT OK)\b/iu;
const WARNING = /\b(?:WARN(?:ING)?|TIMEOUT|TIMED OUT|RETRY(?:ING)?|DEPRECATED)\b/iu;

/** Of a test that passed, or failed as it should, or did not run: whatever its name says. */
const AS_EXPECTED = /^(?:(?:PASS(?:ED)?|[XK]FAIL(?:ED)?|UNSUPPORTED|UNTESTED|SKIP(?:PED)?): |ok \d)/u;

/** The status of an answered request, in the common format of web servers' logs; its first digit says how it went. */
const STATUS = /(?<=\bHTTP\/\d(?:\.\d)?"? )([1-5])\d\d\b/gu;
const STATUSES = ['', 'informational', 'success', 'redirection', 'client-error', 'server-error'];

/** A line with its numbers and identifiers replaced by `#`, but for what a request's status says. */
export function withoutNumbers(line: string): string {
  return line
    .replace(STATUS, (_, first: string) => STATUSES[Number(first)]!)
    .replace(/\b(?=[\da-f-]*\d)[\da-f]{6,}(?:-[\da-f]+)*\b/giu, '#')
    .replace(/\d+(?:[.:,/-]\d+)*/gu, '#')
    .replace(/\s+/gu, ' ')
    .slice(0, 200);
}

/** How bad a line sounds: 0 nothing, 1 a warning, 2 an error, 3 fatal. */
export function severityOf(line: string): 0 | 1 | 2 | 3 {
  if (AS_EXPECTED.test(line)) return 0;
  if (FATAL.test(line)) return 3;
  const statuses = Array.from(line.matchAll(STATUS), ([, first]) => Number(first));
  if (ERROR.test(line) || statuses.includes(5)) return 2;
  return WARNING.test(line) || statuses.includes(4) ? 1 : 0;
}

/** Lines of one template. */
export interface LineTemplate {
  /** Its first line, by number. */
  readonly first: number;
  readonly count: number;
  /**
   * Higher where it is rarer and sounds worse: the mean of ln(N / lines of the template) and ln(N / lines with the rarest
   * of its words) relative to ln N, in [0, 1], plus a third of the severity. Of many fields that vary for themselves
   * hardly any two lines have all in common; the rarest word tells such a line from one of which there is no second.
   */
  readonly salience: number;
}

/** The templates of the lines, in the order of their first lines. */
export function templatesOfLines(lines: readonly string[]): LineTemplate[] {
  const plain = lines.map(withoutNumbers);
  const counts = new Map<number, number>();
  for (const template of templatesOf(plain)) counts.set(template, (counts.get(template) ?? 0) + 1);
  const rarest = rarestWordOf(plain);
  const most = Math.log(Math.max(2, lines.length));
  return [...counts].map(([first, count]) => ({
    first,
    count,
    salience:
      Math.log((lines.length / count) * (lines.length / Math.max(count, rarest(plain[first]!)))) /
        (2 * most) +
      severityOf(lines[first]!) / 3,
  }));
}

/** Tells of a line in how many of `lines` the rarest of its words stands. */
function rarestWordOf(lines: readonly string[]): (line: string) => number {
  const counts = new Map<string, number>();
  for (const line of lines) {
    for (const word of new Set(line.split(' '))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return (line) => smallest(line.split(' ').map((word) => counts.get(word)!));
}
