/** Files whose text has to be unpacked: what the page is told of one, and what it makes of it. */
import type { Block } from '../../models/text/block.js';
import type { Anchor, PackedDocument, PackedErrorKind, Unread } from '../../models/packed/types.js';
import type { AboutDocument } from './engine.js';

/** Bytes of a file, in order; the page pulls them. */
export interface BytesPiece {
  readonly bytes: Uint8Array;
  readonly done: boolean;
}

/** Bytes a piece. */
export const BYTES_PIECE_LENGTH = 1 << 20;

/** A file to unpack; `document` names it for `pullBytes`. */
export interface FileToUnpack extends AboutDocument {
  readonly bytes: number;
}

/** The next piece of the text, or how many pages of how many are done. */
export type UnpackProgress = { readonly text: string } | { readonly done: number; readonly total: number };

/** What is known of an unpacked text besides its words. */
export interface UnpackedFile {
  readonly kind: 'text';
  /** What the file was told to be, by its content. */
  readonly format: PackedDocument['format'] | 'gzip';
  readonly title?: string;
  /** Blocks, where the file tells them. */
  readonly blocks?: readonly Block[];
  /** Pages, chapters, slides or sheets, by their offsets. */
  readonly anchors: readonly Anchor[];
  /** How many of them there are, and of how many the text was read. */
  readonly parts?: PackedDocument['parts'];
  readonly unread: readonly Unread[];
}

/** Why there is no text. */
export interface RefusedFile {
  readonly kind: 'refused';
  readonly reason: PackedErrorKind | 'not-text';
  /** The kind of file where that is the reason: “an RTF document”. */
  readonly what?: string;
}
