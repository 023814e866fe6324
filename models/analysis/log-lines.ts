/**
 * What stands out in a log: lines of rare form, and lines that report a failure. Two lines have the same form
 * if they differ in numbers and hexadecimal identifiers only.
 */

const FATAL =
  /\b(?:FATAL|CRITICAL|EMERG(?:ENCY)?|PANIC|ALERT)\b|\bpanic(?:ked)?\b|segmentation fault|out of memory/iu;
const ERROR =
  /\b(?:ERR(?:OR)?|SEVERE|FAIL(?:ED|URE|URES|S)?|EXCEPTION|TRACEBACK|ABORT(?:ED)?|REFUSED|DENIED)\b/iu;
const WARNING = /\b(?:WARN(?:ING)?|TIMEOUT|TIMED OUT|RETRY(?:ING)?|DEPRECATED)\b/iu;

/** A line's form: what varies is replaced by `#`. */
export function formOfLine(line: string): string {
  return line
    .replace(/\b(?=[\da-f-]*\d)[\da-f]{6,}(?:-[\da-f]+)*\b/giu, '#')
    .replace(/\d+(?:[.:,/-]\d+)*/gu, '#')
    .replace(/\s+/gu, ' ')
    .slice(0, 200);
}

/** How bad a line sounds: 0 nothing, 1 a warning, 2 an error, 3 fatal. */
export function severityOf(line: string): 0 | 1 | 2 | 3 {
  if (FATAL.test(line)) return 3;
  if (ERROR.test(line)) return 2;
  return WARNING.test(line) ? 1 : 0;
}

/** Lines of one form. */
export interface LineForm {
  /** Its first line, by number. */
  readonly first: number;
  readonly count: number;
  /**
   * Higher where it is rarer and sounds worse: ln(N / lines of the form) relative to ln N, in [0, 1], plus a third
   * of the severity.
   */
  readonly salience: number;
}

/** The forms of the lines, in the order of their first lines. */
export function formsOfLines(lines: readonly string[]): LineForm[] {
  const forms = new Map<string, { first: number; count: number }>();
  for (const [i, line] of lines.entries()) {
    const form = formOfLine(line);
    const known = forms.get(form);
    if (known) known.count++;
    else forms.set(form, { first: i, count: 1 });
  }
  const most = Math.log(Math.max(2, lines.length));
  return [...forms.values()].map(({ first, count }) => ({
    first,
    count,
    salience: Math.log(lines.length / count) / most + severityOf(lines[first]!) / 3,
  }));
}
