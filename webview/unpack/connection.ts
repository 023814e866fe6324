/** What page and worker lend each other through Comlink while a file is unpacked. */
import type { RefusedFile, UnpackedFile } from '../../extension/protocol/unpack.js';

/** What the page lends. */
export interface UnpackHost {
  /** One of pdf.js's character maps. */
  characterMap(name: string): Promise<Uint8Array>;
  /** Takes the next piece of the text. */
  text(piece: string): Promise<void>;
  /** Told how many pages, chapters, slides or sheets of how many are done. */
  progress(done: number, total: number): Promise<void>;
}

/** What the worker lends. It is ended when it has answered, and on cancel. */
export interface UnpackRoot {
  unpack(bytes: Uint8Array, host: UnpackHost): Promise<UnpackedFile | RefusedFile>;
}
