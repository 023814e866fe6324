/** Levels of nesting that a parser is given; a person writes no deeper, and recursion ends somewhere. */
export const DEEPEST = 40;

/**
 * The text with what is nested deeper than {@link DEEPEST} made flat: of a run of opening marks at a line's beginning
 * the rest becomes spaces. Offsets stay.
 */
export function boundedQuotes(text: string): string {
  if (!/(?:>[ \t]*){40}/u.test(text)) return text;
  return text.replace(/^[ \t]*>[> \t]*/gmu, (marks) => {
    let depth = 0;
    return marks.replace(/>/gu, (mark) => (++depth > DEEPEST ? ' ' : mark));
  });
}
