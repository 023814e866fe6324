import { blockOf, type Block } from '../block.js';
import type { TextLine } from '../lines.js';
import { TextDecoding } from '../decoded-text.js';
import type { Parsed } from '../parsed.js';
import { secondsOf } from './clock-time.js';

/** The time line of a caption in SubRip or WebVTT. */
export const CUE = /^((?:\d{1,3}:)?\d\d:\d\d[.,]\d{3})\s+-->\s+(?:\d{1,3}:)?\d\d:\d\d[.,]\d{3}/u;

/** Ends of what is said: a cue goes on in the next one until then. */
const SAID = /[.!?…。！？]["”’»)\]]*$/u;
/** Seconds of silence, and units of text, behind which something new is said. */
const PAUSE = 10;
const LONGEST = 1200;
/** Marks within a cue: voices, fonts, places, times. */
const MARKS = /<\/?[a-z][^<>\n]{0,200}>|<\d\d:[\d:.]{5,12}>|\{\\[^{}\n]{1,40}\}/giu;

interface Cue {
  readonly start: number;
  readonly end: number;
  readonly time: number;
  readonly voice: string;
}

/**
 * Captions of films and talks (SubRip, WebVTT): what is said without numbers and times. A sentence goes on over as many
 * cues as it takes; a voice that changes, a pause or a dash begins anew.
 */
export function parseCaptions(text: string, lines: readonly TextLine[]): Parsed {
  const decoding = new TextDecoding(text);
  const blocks: Block[] = [];
  let group: Cue[] = [];
  const flush = () => {
    const [first] = group;
    const last = group.at(-1);
    if (first && last)
      blocks.push({ kind: 'turn', start: first.start, end: last.end, said: first.start, time: first.time });
    group = [];
  };
  for (const cue of cuesOf(lines)) {
    const last = group.at(-1);
    const said = text.slice(cue.start, cue.end);
    const goesOn =
      last?.voice === cue.voice &&
      !SAID.test(text.slice(last.start, last.end)) &&
      !/^(?:[-–—] ?|>>)/u.test(said) &&
      cue.time - last.time < PAUSE &&
      cue.end - group[0]!.start < LONGEST;
    if (goesOn) decoding.replace(last.end, cue.start, ' ');
    else flush();
    for (const { index, 0: mark } of said.matchAll(MARKS))
      decoding.replace(cue.start + index, cue.start + index + mark.length, '');
    group.push(cue);
  }
  flush();
  return { blocks, records: [], decoded: decoding.end() };
}

function cuesOf(lines: readonly TextLine[]): Cue[] {
  const cues: Cue[] = [];
  for (let i = 0; i < lines.length; i++) {
    const stamp = CUE.exec(lines[i]!.trimmed)?.[1];
    if (stamp === undefined) continue;
    const said: TextLine[] = [];
    for (i++; i < lines.length && lines[i]!.trimmed !== '' && !CUE.test(lines[i]!.trimmed); i++)
      said.push(lines[i]!);
    if (lines[i] && CUE.test(lines[i]!.trimmed)) i--;
    const block = blockOf(said, 'turn');
    if (!block) continue;
    // WebVTT names the voice in a tag.
    const voice = /^<v[ .][^>]*>/u.exec(said[0]!.trimmed)?.[0] ?? '';
    cues.push({ start: block.start + voice.length, end: block.end, time: secondsOf(stamp), voice });
  }
  return cues;
}
