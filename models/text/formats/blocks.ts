import { withoutBoilerplate } from '../boilerplate.js';
import { codeBlocks } from './source-code.js';
import { formatOf, type Format } from './detect-format.js';
import { htmlBlocks } from './html.js';
import { latexBlocks } from './latex.js';
import { captionBlocks } from './captions.js';
import { recordBlocks } from './json-lines.js';
import { logBlocks } from './log.js';
import { turnBlocks } from './transcript.js';
import { textBlocks } from './text.js';
import type { Block } from '../block.js';
import { linesOf, type TextLine } from '../lines.js';

const BLOCKS: Readonly<Record<Format, (text: string, lines: readonly TextLine[]) => Block[]>> = {
  text: (_, lines) => textBlocks(lines),
  latex: (_, lines) => latexBlocks(lines),
  html: (text) => htmlBlocks(text),
  code: (_, lines) => codeBlocks(lines),
  log: (_, lines) => logBlocks(lines),
  records: (_, lines) => recordBlocks(lines),
  turns: (_, lines) => turnBlocks(lines),
  captions: (_, lines) => captionBlocks(lines),
};

/** Cuts `text` into blocks, in order, by the format that its lines show (see {@link formatOf}). */
export function blocksOf(text: string): Block[] {
  return formatAndBlocksOf(text).blocks;
}

/** The same with the format. */
export function formatAndBlocksOf(text: string): { format: Format; blocks: Block[] } {
  const lines = linesOf(text);
  const format = formatOf(lines);
  return { format, blocks: withoutBoilerplate(text, BLOCKS[format](text, lines)) };
}
