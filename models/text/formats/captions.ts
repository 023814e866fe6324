import { blockOf, type Block } from '../block.js';
import type { TextLine } from '../lines.js';
import { secondsOf } from './clock-time.js';

/** The time line of a caption in SubRip or WebVTT. */
export const CUE = /^((?:\d{1,3}:)?\d\d:\d\d[.,]\d{3})\s+-->\s+(?:\d{1,3}:)?\d\d:\d\d[.,]\d{3}/u;

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
