import type { FormatOption } from '../text/formats/document-format.js';
import { abortable } from '../scheduling/abortable.js';
import type { Block } from '../text/block.js';
import { utf8Length } from '../text/utf8-length.js';
import type { ReadProgress } from '../reading/coverage.js';
import type { CountingPass } from './counting-pass.js';
import { fastPass } from './fast-pass.js';
import type { Readable } from './readable.js';
import { StagedDocument } from './staged-document.js';
import { StagedText } from './staged-text.js';

/** A document that is to be read. */
export interface Unread {
  /** UTF-8 bytes; what is read in stages has to tell. */
  readonly totalBytes?: number | undefined;
  /** The first pass over it, where that was made already. */
  readonly counted?: CountingPass | undefined;
  /** Its blocks, where its file told them. Parts of it have other offsets, and theirs are found in the text. */
  readonly blocks?: readonly Block[] | undefined;
  /** The text from its start, the same each time. */
  open(): AsyncIterable<string>;
}

/** How much the model may read. */
export interface Budget {
  /** A document of no more tokens is read whole. */
  readonly whole: number;
  /** About as many tokens of a longer one. */
  readonly tokens: number;
}

export interface WithinOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  /** Told the share of the fast pass that is done. */
  readonly onScan?: ((share: number) => void) | undefined;
  /** What the text is read as. */
  readonly format?: FormatOption | undefined;
}

/** A document that was read. */
export interface ReadWithin {
  readonly document: Readable;
  /** Set where the model read parts of it only. */
  readonly stages?: {
    readonly text: StagedText;
    /** About how many tokens the whole document has. */
    readonly tokens: number;
  };
}

/**
 * Has a memory read a document: whole where the budget allows, else in stages. The terminal and the extension both
 * read with it.
 *
 * The document is opened once where it is read whole at once. In stages it is opened once to count (unless `counted`
 * says that somebody did), and once to choose and to take the parts. What is rare is known only when all was counted,
 * so it cannot be less. No more than twice the chosen text is held.
 *
 * @param memory that has read nothing yet; its text may be `document`'s, or the parts
 * @param budget undefined: it is read whole, whatever its length
 * @throws the signal's reason, and what `open` throws
 */
export async function readWithin(
  memory: Readable,
  source: Unread,
  budget: Budget | undefined,
  { onScan, ...options }: WithinOptions = {},
): Promise<ReadWithin> {
  const { counted, totalBytes } = source;
  const open = () => source.open();
  // A token has a byte at least.
  if (!budget || totalBytes === undefined || totalBytes <= budget.whole) return whole();
  const passes = counted ? 1 : 2;
  const { signal } = options;
  const scan = fastPass(open, {
    ...budget,
    counted,
    signal,
    onProgress: (units) => onScan?.(Math.min(1, units / passes / totalBytes)),
  });
  // A file system far away may take its time, and knows no cancel.
  const pass = await abortable(scan, signal);
  if (pass.isWhole) return whole();
  const text = new StagedText(pass.parts);
  const document = new StagedDocument(memory, text, totalBytes, open, pass.undecoded);
  const bytes = pass.texts.reduce((sum, part) => sum + utf8Length(part), text.separators);
  await document.read(stream(text.pieces(pass.texts)), { ...options, totalBytes: bytes });
  return { document, stages: { text, tokens: pass.tokens } };

  async function whole(): Promise<ReadWithin> {
    await memory.read(open(), { ...options, totalBytes, ...(source.blocks && { blocks: source.blocks }) });
    return { document: memory };
  }
}

async function* stream(pieces: Iterable<string>): AsyncGenerator<string, void, undefined> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}
