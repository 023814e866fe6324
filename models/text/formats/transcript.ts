import { blockOf, type Block } from '../block.js';
import type { TextLine } from '../lines.js';
import { secondsOf } from './clock-time.js';
import { groupsOf } from './line-groups.js';

/** Who speaks, perhaps after a time. */
export const TURN =
  /^(?:[[(]?(\d{1,3}(?::\d\d){1,3}(?:[.,]\d+)?)[\])]?\s+)?(?!(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|Note|Warning|Example)\b)([\p{Lu}\p{Lo}][\p{L}\p{N} .'’_-]{0,40})[:：]\s*(?=\S)/u;
/** A time alone, as where a line says who and when, and the next ones what. */
export const TIME = /^[[(]?(\d{1,3}(?::\d\d){1,3})[\])]?$/u;

/** Turns of speakers, with the lines that follow each; a turn may say when it began. */
export function turnBlocks(lines: readonly TextLine[]): Block[] {
  let time: number | undefined;
  return groupsOf(
    lines,
    ({ trimmed }) => TURN.test(trimmed),
    (turn) => {
      const [first, ...rest] = turn;
      const found = TURN.exec(first!.trimmed);
      const said = first!.trimmed.slice(found?.[0].length ?? 0);
      const stamp = found?.[1] ?? TIME.exec(said)?.[1];
      if (stamp !== undefined) time = secondsOf(stamp);
      // A line of its own says who and when; what is said follows.
      const isApart = found && stamp !== undefined && found[1] === undefined;
      const block = blockOf(isApart ? rest.filter(({ trimmed }) => trimmed !== '') : turn, 'turn');
      if (!block) return undefined;
      const named = isApart ? 0 : (found?.[0].length ?? 0);
      return { ...block, said: block.start + named, ...(time !== undefined && { time }) };
    },
  );
}
