import { withoutBoilerplate } from './boilerplate.js';
import { codeBlocks } from './code-blocks.js';
import { formOf, type Form } from './forms.js';
import { htmlBlocks } from './html-blocks.js';
import { latexBlocks } from './latex-blocks.js';
import { captionBlocks, logBlocks, recordBlocks, turnBlocks } from './line-blocks.js';
import { textBlocks } from './text-blocks.js';
import { linesOf, type TextLine } from './text-lines.js';
import { eachWord } from './words.js';

/**
 * What the parts of a document are: headings, prose, list items, code, tables, log lines, turns of speakers, and
 * what no summary should take from (contents, licences, markup).
 */
export type BlockKind = 'heading' | 'prose' | 'item' | 'turn' | 'log' | 'code' | 'table' | 'boilerplate';

export interface Block {
  readonly kind: BlockKind;
  /** Offsets of the first and behind the last character, white space trimmed. */
  readonly start: number;
  readonly end: number;
  /** Headings: 1 is the highest. */
  readonly level?: number;
  /** Headings: the words without marks. */
  readonly title?: string;
  /** Turns: where, behind the speaker's name, what was said begins. */
  readonly said?: number;
  /** Turns: seconds since the beginning, where the transcript says so. */
  readonly time?: number;
}

const BLOCKS: Readonly<Record<Form, (text: string, lines: readonly TextLine[]) => Block[]>> = {
  text: (_, lines) => textBlocks(lines),
  latex: (_, lines) => latexBlocks(lines),
  html: (text) => htmlBlocks(text),
  code: (_, lines) => codeBlocks(lines),
  log: (_, lines) => logBlocks(lines),
  records: (_, lines) => recordBlocks(lines),
  turns: (_, lines) => turnBlocks(lines),
  captions: (_, lines) => captionBlocks(lines),
};

/** Cuts `text` into blocks, in order, by the form that its lines show (see {@link formOf}). */
export function blocksOf(text: string): Block[] {
  return formAndBlocksOf(text).blocks;
}

/** The same with the form. */
export function formAndBlocksOf(text: string): { form: Form; blocks: Block[] } {
  const lines = linesOf(text);
  const form = formOf(lines);
  return { form, blocks: withoutBoilerplate(text, BLOCKS[form](text, lines)) };
}

/** The block from the first to the last of some lines, or undefined where they are empty. */
export function blockOf(lines: readonly TextLine[], kind: BlockKind): Block | undefined {
  const first = lines[0];
  const last = lines.at(-1);
  if (!first || !last) return undefined;
  const start = first.start + first.text.length - first.text.trimStart().length;
  const end = last.start + last.text.trimEnd().length;
  return end > start ? { kind, start, end } : undefined;
}

/** True if a text is long enough and wordy enough to stand in a summary. */
export function isSentenceLike(text: string): boolean {
  let words = 0;
  let letters = 0;
  eachWord(text, (word) => {
    words++;
    letters += word.letters;
  });
  if (words < 3) return false;
  // Most have letters for half of their length, white space counted too.
  return letters >= text.length * 0.5 || letters >= text.replace(/\s/gu, '').length * 0.5;
}
