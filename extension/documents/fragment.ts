/** A place in a text: line and character count from 0, characters are UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly character: number;
}

/** A selection in an editor; `end` is exclusive. */
export interface TextSelection {
  readonly start: TextPosition;
  readonly end: TextPosition;
}

/**
 * Writes a selection as the fragment of a link, `L12,5-14,20`: line and column from 1, the form that VS
 * Code's own links take. GitHub and the Markdown preview read the line and pass over the rest.
 */
export function selectionToFragment({ start, end }: TextSelection): string {
  return `L${start.line + 1},${start.character + 1}-${end.line + 1},${end.character + 1}`;
}

/** Reads what `selectionToFragment` writes, and a bare `L12`; undefined for anything else. */
export function fragmentToSelection(fragment: string): TextSelection | undefined {
  const match = /^L(\d+)(?:,(\d+))?(?:-L?(\d+)(?:,(\d+))?)?$/.exec(fragment);
  if (!match) return undefined;
  const at = (line: string, column: string | undefined): TextPosition => ({
    line: Math.max(0, Number(line) - 1),
    character: Math.max(0, Number(column ?? 1) - 1),
  });
  const [, line = '1', column, endLine, endColumn] = match;
  const start = at(line, column);
  return { start, end: endLine === undefined ? start : at(endLine, endColumn) };
}
