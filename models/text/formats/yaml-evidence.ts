import type { TextLine } from '../lines.js';

/** Lines looked at. */
const SAMPLE = 2000;
const KEY = /^((?:- )*)(["']?[\p{L}_$@/.][\p{L}\p{N}_.$@/ -]{0,60}["']?):(?:\s|$)/u;
/** What no YAML has: rules below titles, ends of statements. */
const FOREIGN = /^([=~^*#-])\1{3,}$|^\*\*.*\*\*$|[;{]$|,$|^\.\. /u;

/**
 * Whether a text is YAML: most lines are keys or items of lists, keys of one map differ, and what is said behind them are
 * values and no sentences.
 */
export function isYaml(lines: readonly TextLine[]): boolean {
  const said = lines.slice(0, SAMPLE).filter(({ trimmed }) => trimmed !== '' && !trimmed.startsWith('#'));
  if (said.length < 2 || said.some(({ text }) => text.startsWith('\t'))) return false;
  const keys = said.filter(({ trimmed }) => KEY.test(trimmed));
  const isMarked = /^(?:%YAML|---)/u.test(said[0]!.trimmed);
  if (keys.length === 0 || (keys.length < 2 && !isMarked)) return false;
  const lists = said.filter(({ trimmed }) => /^- \S/u.test(trimmed) && !KEY.test(trimmed)).length;
  const foreign = said.filter(({ trimmed }) => FOREIGN.test(trimmed) && !/^[-.]{3,}$/u.test(trimmed)).length;
  const spoken = said.filter(
    ({ trimmed }) => /[.!?]\)?$/u.test(trimmed) || (KEY.test(trimmed) && trimmed.length > 160),
  ).length;
  const values = keys.filter(({ trimmed }) => trimmed.endsWith(':')).length;
  const rest = said.length - keys.length - lists;
  const isNested = values > 0 || said.some(({ text: line }) => /^ {1,8}\S/u.test(line));
  return (
    rest <= said.length * (isMarked ? 0.4 : 0.25) &&
    foreign <= said.length * 0.05 &&
    spoken <= said.length * 0.3 &&
    twice(said) <= keys.length * 0.05 &&
    (isNested || isMarked || keys.every(({ trimmed }) => /^["']?[a-z_$][\w.-]*["']?:/u.test(trimmed)))
  );
}

/** Keys that stand twice in one map. */
function twice(lines: readonly TextLine[]): number {
  let count = 0;
  const maps = new Map<number, Set<string>>();
  for (const { text, trimmed } of lines) {
    const [, dashes = '', name] = KEY.exec(trimmed) ?? [];
    const indent = text.length - text.trimStart().length;
    // An item of a list, or a document, begins new maps; a key further left ends those further right.
    const from =
      trimmed === '---'
        ? 0
        : dashes !== '' || trimmed.startsWith('- ')
          ? indent + 1
          : indent + dashes.length + 1;
    for (const column of maps.keys()) if (column >= from) maps.delete(column);
    if (name === undefined) continue;
    const column = indent + dashes.length;
    const map = maps.get(column) ?? new Set();
    if (map.has(name)) count++;
    map.add(name);
    maps.set(column, map);
  }
  return count;
}
