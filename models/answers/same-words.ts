/** Words as they are compared: case, articles, marks around them and white space aside. */
export function sameWords(said: string): string {
  return said
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^(?:a|an|the) /u, '');
}
