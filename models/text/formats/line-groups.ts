import type { Block } from '../block.js';
import type { TextLine } from '../lines.js';

/** Lines gathered up to the next that begins something. */
export function groupsOf(
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
