import type { Span } from '../text/span.js';

/** Kinds of document that are unpacked here. */
export type PackedFormat = 'pdf' | 'docx' | 'odt' | 'epub' | 'pptx' | 'xlsx';

/** What a block of the text is. A `contents` block is a line of the document's own table of contents. */
export type PackedBlockKind =
  'heading' | 'paragraph' | 'item' | 'row' | 'note' | 'quote' | 'code' | 'contents';

/** A heading, paragraph, list item, row of a table or note: one line or more of the text, white space trimmed. */
export interface PackedBlock extends Span {
  readonly kind: PackedBlockKind;
  /** Headings: 1 is the highest. Items: 1 is the outermost list. */
  readonly level?: number;
  /** Rows: the cells, in order; empty ones have no length. */
  readonly cells?: readonly Span[];
  /** Rows: true of a row that names the columns. */
  readonly isHeader?: boolean;
}

export type AnchorKind = 'page' | 'chapter' | 'slide' | 'sheet';

/**
 * From `start` to the next anchor the text stands on one page, or in one chapter, slide or sheet. A page may come
 * again: a note at its foot follows the paragraph that runs over to the next page.
 */
export interface Anchor {
  readonly kind: AnchorKind;
  /** What a reader calls it: the number printed on the page, the title of the chapter, the sheet's name. */
  readonly label: string;
  /** Place in the order of the file, from 1. */
  readonly number: number;
  /** UTF-16 offset. */
  readonly start: number;
}

export type UnreadReason =
  /** A page or slide on which nothing is written: a scan, a picture, or empty. */
  | 'no-text'
  /** Its bytes are damaged. */
  | 'broken'
  /** It unpacks to more than the bounds allow. */
  | 'too-large'
  /** It is encrypted. */
  | 'encrypted';

/** A part of the file that gave no text, or only a part of it. */
export interface Unread {
  readonly kind: AnchorKind | 'file';
  readonly label: string;
  readonly reason: UnreadReason;
}

/** A document as a text that one reads from start to end. */
export interface PackedDocument {
  readonly format: PackedFormat;
  readonly title?: string;
  readonly text: string;
  /** In order, without overlap; between them stand line breaks alone. */
  readonly blocks: readonly PackedBlock[];
  /** By `start`; the first stands at 0 where there are any. */
  readonly anchors: readonly Anchor[];
  /** Pages, chapters, slides or sheets: how many there are, and of how many the text was read. */
  readonly parts: { readonly kind: AnchorKind; readonly total: number; readonly read: number };
  readonly unread: readonly Unread[];
}

/** Limits on what a file may unpack to. */
export interface Bounds {
  /** Files within a zip. */
  readonly entries: number;
  /** Bytes of all that is unpacked. */
  readonly bytes: number;
  /** Elements inside each other. */
  readonly depth: number;
}

export const BOUNDS: Bounds = { entries: 65_535, bytes: 256 * 2 ** 20, depth: 2_048 };

export interface PackedOptions {
  readonly bounds?: Bounds;
  readonly signal?: AbortSignal | undefined;
  /** Called with parts done and all parts. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export type PackedErrorKind =
  /** A kind of file that is not read; `message` names it. */
  | 'unsupported'
  /** It asks for a password or is under rights management. */
  | 'encrypted'
  /** Nothing of it could be read. */
  | 'broken'
  /** It unpacks to more than the bounds allow, before any text came. */
  | 'too-large'
  /** It holds no text: scanned pages, pictures. */
  | 'no-text';

/** The file gives no text. The message is an English sentence without the file's name. */
export class PackedError extends Error {
  override readonly name = 'PackedError';
  /** Of `unsupported`: the kind of file, as “an RTF document”. */
  readonly what?: string;

  constructor(
    readonly kind: PackedErrorKind,
    message: string,
    { what, ...options }: ErrorOptions & { readonly what?: string } = {},
  ) {
    super(message, options);
    if (what !== undefined) this.what = what;
  }
}
