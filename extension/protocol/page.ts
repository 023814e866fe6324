/**
 * The contract between the extension and the page that holds the engine (a webview panel). Both sides ask and both
 * sides answer (`Peer`). Rules besides those of every wire:
 *
 * - Text goes to the page only when the page pulls it (`pull`), one bounded piece at a time: that is the
 *   backpressure, and a document of any size needs one piece of memory on the way.
 * - The page keeps its context while it is hidden (`retainContextWhenHidden`): it holds the loaded model and
 *   the memories of the documents, which are the very work we do for the reader, and must go on reading
 *   behind another tab. So messages are never dropped once the page is there; those sent before its
 *   `ready` wait in the extension.
 */
import type { Span } from '../../models/text/span.js';
import type { AboutDocument, EngineMethods } from './engine.js';
import type { Call } from './rpc.js';
import type { BytesPiece, FileToUnpack, RefusedFile, UnpackedFile, UnpackProgress } from './unpack.js';

export type PanelName = 'overview' | 'fidelity' | 'pool' | 'compare';

/** A piece of a document's text, in order. Pieces hold at most `PIECE_LENGTH` UTF-16 code units. */
export interface TextPiece {
  readonly text: string;
  readonly done: boolean;
}

/** UTF-16 code units a piece: large enough to outweigh a round trip, small enough to keep Cancel immediate. */
export const PIECE_LENGTH = 64 * 1024;

/** The lines that the reader sees of a document, or as much of them as `MAX_VISIBLE`. */
export interface VisibleText extends Span {
  /** What is selected in the text; empty where the cursor only stands somewhere. */
  readonly selection?: Span;
}

/** UTF-16 code units in view at most: a screenful; a line of 10 MB is all in view. */
export const MAX_VISIBLE = 8_000;

/** What the page finds in its own HTML. */
export interface PageConfig {
  /** URI of the worker's script. */
  readonly worker: string;
  /** URI of the script that unpacks files. */
  readonly unpacker: string;
  /** URI of the folder with pdf.js's character maps. */
  readonly characterMaps: string;
  /** URI of the folder with ONNX Runtime's binaries. */
  readonly binaries: string;
  /** URI of the folder that holds a folder for each model. */
  readonly models: string;
  /** Translations of the page's strings, by their English text; empty for English. */
  readonly l10n: Readonly<Record<string, string>>;
}

/** What the page itself answers: it shows panels about the documents. */
export interface PanelMethods {
  /** Brings a panel to the front. `visible` is the part of the document that the reader sees. */
  show(params: AboutDocument & { readonly panel: PanelName; readonly visible?: VisibleText }): Promise<void>;
  /** The reader scrolled; panels that follow the text move along. */
  visible(params: AboutDocument & { readonly visible: VisibleText }): Promise<void>;
  /**
   * The document is another than the one that was read (`edited`), or became it again. With `placesKnown` the
   * places that the page asks to be shown are followed through the edits.
   */
  edited(params: AboutDocument & { readonly edited: boolean; readonly placesKnown: boolean }): Promise<void>;
}

/** What the page does with files, in a worker of its own for each. */
export interface UnpackMethods {
  /**
   * Unpacks a file, pulling its bytes. The text comes in pieces, as progress. A cancel ends the work at once.
   * @throws {MemMambaError} `cancelled`; a file without a text is an answer, no error
   */
  unpack(file: FileToUnpack, call: Call<UnpackProgress>): Promise<UnpackedFile | RefusedFile>;
}

/** What the extension asks of the page. */
export interface PageMethods extends EngineMethods, PanelMethods, UnpackMethods {}

/** What the page asks of the extension. */
export interface HostMethods {
  /** The page listens; requests sent earlier are delivered now. */
  ready(params: Record<string, never>): Promise<void>;
  /** The next piece of the document that `read` is reading. */
  pull(params: AboutDocument): Promise<TextPiece>;
  /** The next bytes of the file that `unpack` is unpacking. */
  pullBytes(params: AboutDocument): Promise<BytesPiece>;
  /**
   * Selects a passage in the editor that shows the document, opening one if need be. With `preview` the
   * keyboard stays in the page.
   */
  reveal(params: AboutDocument & Span & { readonly preview?: boolean }): Promise<void>;
  /** The reader wants an edited document to be read again. */
  readAgain(params: AboutDocument): Promise<void>;
  /** The reader pressed Cancel in the page. */
  cancel(params: Record<string, never>): Promise<void>;
}
