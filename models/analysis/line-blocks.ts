import { blockOf, type Block } from './blocks.js';
import { CUE, RECORD, STAMP, TIME, TURN } from './forms.js';
import { indentOf, type TextLine } from './text-lines.js';

/**
 * Entries of a log: what follows a stamped line without a stamp, a stack trace for example, belongs to it; where lines
 * have no stamps, what is indented.
 */
export function logBlocks(lines: readonly TextLine[]): Block[] {
  const isStamped = ({ trimmed }: TextLine) => STAMP.test(trimmed) || RECORD.test(trimmed);
  const some = lines.filter(({ trimmed }) => trimmed !== '');
  const haveStamps = some.filter(isStamped).length > some.length / 4;
  return grouped(lines, haveStamps ? isStamped : (line) => indentOf(line) === 0, (entry) =>
    blockOf(entry, 'log'),
  );
}

/** Values of strings, as far as they hold no escapes but those of line ends and quotation marks. */
const VALUE = /:\s*"((?:[^"\\]|\\.)*)"/gu;
/** UTF-16 units from which a value may be a text. */
const TEXT = 40;

/** JSON lines that are no log: the longest string of a record is its text, if it is long enough to be one. */
export function recordBlocks(lines: readonly TextLine[]): Block[] {
  return lines.flatMap((line): Block[] => {
    let longest = { at: 0, length: 0 };
    for (const { index, 0: found, 1: value } of line.text.matchAll(VALUE)) {
      if (value!.length > longest.length) {
        longest = { at: index + found.length - 1 - value!.length, length: value!.length };
      }
    }
    if (longest.length < TEXT) {
      const whole = blockOf([line], 'table');
      return whole ? [whole] : [];
    }
    const start = line.start + longest.at;
    return [{ kind: 'prose', start, end: start + longest.length }];
  });
}

/** Turns of speakers, with the lines that follow each; a turn may say when it began. */
export function turnBlocks(lines: readonly TextLine[]): Block[] {
  let time: number | undefined;
  return grouped(
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

/** Captions of films and talks: the text of every cue without its number and time line. */
export function captionBlocks(lines: readonly TextLine[]): Block[] {
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const stamp = CUE.exec(lines[i]!.trimmed)?.[1];
    if (stamp === undefined) continue;
    const said: TextLine[] = [];
    for (i++; i < lines.length && lines[i]!.trimmed !== ''; i++) said.push(lines[i]!);
    const block = blockOf(said, 'turn');
    // WebVTT names the voice in a tag.
    const voice = /^<v[ .][^>]*>/u.exec(said[0]?.trimmed ?? '')?.[0].length ?? 0;
    if (block) blocks.push({ ...block, said: block.start + voice, time: secondsOf(stamp) });
  }
  return blocks;
}

/** `h:mm:ss`, `mm:ss`, `d:hh:mm:ss`, with a fraction. */
export function secondsOf(stamp: string): number {
  const units = [1, 60, 3600, 86_400];
  const parts = stamp.replace(',', '.').split(':').reverse();
  return parts.reduce((sum, part, i) => sum + Number(part) * units[i]!, 0);
}

/** Lines gathered up to the next that begins something. */
function grouped(
  lines: readonly TextLine[],
  begins: (line: TextLine) => boolean,
  made: (group: readonly TextLine[]) => Block | undefined,
): Block[] {
  const blocks: Block[] = [];
  let group: TextLine[] = [];
  const flush = () => {
    while (group.at(-1)?.trimmed === '') group.pop();
    const block = group.length > 0 ? made(group) : undefined;
    if (block) blocks.push(block);
    group = [];
  };
  for (const line of lines) {
    if (begins(line)) flush();
    if (line.trimmed !== '' || group.length > 0) group.push(line);
  }
  flush();
  return blocks;
}
