/** What stands before a document and describes it, between lines of marks. */
const FENCES: readonly (readonly [open: RegExp, close: RegExp])[] = [
  [/^---[ \t]*\r?\n(?=[ \t]*[\w"'#-][^\n]*(?:\n|$)|---)/u, /^(?:---|\.\.\.)[ \t]*$/mu],
  [/^\+\+\+[ \t]*\r?\n/u, /^\+\+\+[ \t]*$/mu],
  [/^;;;[ \t]*\r?\n/u, /^;;;[ \t]*$/mu],
];
/** A front matter is no longer. */
const LONGEST = 1 << 16;

/** UTF-16 units of the front matter, YAML, TOML or JSON between its fences, that a text begins with; 0 without one. */
export function frontMatterOf(text: string): number {
  for (const [open, close] of FENCES) {
    const opening = open.exec(text);
    if (!opening) continue;
    const rest = text.slice(opening[0].length, LONGEST);
    const closing = close.exec(rest);
    if (!closing) continue;
    const body = rest.slice(0, closing.index);
    const lines = body.split('\n').filter((line) => line.trim() !== '');
    const isData = lines.every((line) => /^\s*(?:[\w"'.@/-][^:=]*[:=]|-\s|#|\[|\]|\{|\}|\s)/u.test(line));
    if (isData || lines.length === 0) return opening[0].length + closing.index + closing[0].length;
  }
  return 0;
}
