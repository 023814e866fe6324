/** Levels of nesting that a parser is given; a person writes no deeper, and recursion ends somewhere. */
export const DEEPEST = 40;

/** Marks of quotations and lists that open one within the other at a line's beginning. */
const MARKS = /^[ \t]*(?:(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*){40,}/gmu;

/**
 * The text with what is nested deeper than {@link DEEPEST} made flat: of a run of marks that open quotations and lists at
 * a line's beginning the rest becomes spaces. Offsets stay.
 */
export function boundedNesting(text: string): string {
  return text.replace(MARKS, (marks) => {
    let depth = 0;
    return marks.replace(/>|[-*+]|\d+[.)]/gu, (mark) => (++depth > DEEPEST ? ' '.repeat(mark.length) : mark));
  });
}
