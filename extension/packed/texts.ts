import * as vscode from 'vscode';
import { bytesOf } from '../documents/bytes.js';
import { fileOf, nameOf } from '../documents/packed-uri.js';
import { refusalWords } from '../documents/refusals.js';
import { fileVersion, stat } from '../documents/source.js';
import type { DocumentKey } from '../protocol/engine.js';
import { MemMambaError, orCancelled } from '../protocol/errors.js';
import type { UnpackMethods } from '../protocol/page.js';
import type { Remote } from '../protocol/rpc.js';
import { BYTES_PIECE_LENGTH, type BytesPiece, type UnpackedFile } from '../protocol/unpack.js';

/** The text of a file, with what the file tells of it. */
export interface PackedText extends UnpackedFile {
  readonly text: string;
  /** Of the file: another string whenever it is another. */
  readonly version: string;
}

export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told the share of the file that is unpacked. */
  readonly onUnpack?: ((share: number) => void) | undefined;
}

/** Texts that are held; an open tab has its own copy. */
const MOST_TEXTS = 4;
/** A file that is larger does not fit into one buffer of the page. */
const LARGEST = 2 ** 30;

/** A file that is being unpacked, for all who want its text. */
interface Underway {
  readonly text: Promise<PackedText>;
  readonly stop: AbortController;
  readonly listeners: Set<(share: number) => void>;
  waiting: number;
}

/**
 * The texts of files that have to be unpacked. The page does that; here they are held, one for each file, as long as
 * the file is the same.
 */
export class PackedTexts implements vscode.Disposable {
  readonly #page: () => Remote<UnpackMethods>;
  /** By the text's URI; the one used last at the end. */
  readonly #texts = new Map<DocumentKey, PackedText>();
  readonly #underway = new Map<DocumentKey, Underway>();
  readonly #bytes = new Map<DocumentKey, AsyncGenerator<Uint8Array>>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  /** A text is another, since its file is. */
  readonly onDidChange = this.#changed.event;

  constructor(page: () => Remote<UnpackMethods>) {
    this.#page = page;
  }

  /** What is held of a text, whatever has become of its file. */
  peek(uri: vscode.Uri): PackedText | undefined {
    return this.#texts.get(uri.toString());
  }

  /**
   * The text of a file as it is now.
   *
   * @param uri of the text
   * @throws {MemMambaError} where the file cannot be read, gives no text, or all who waited have cancelled
   */
  async open(uri: vscode.Uri, { signal, onUnpack }: UnpackOptions = {}): Promise<PackedText> {
    const key = uri.toString();
    const found = await stat(fileOf(uri));
    const version = fileVersion(found);
    const held = this.#texts.get(key);
    if (held?.version === version) {
      this.#hold(key, held);
      return held;
    }
    let underway = this.#underway.get(key);
    if (!underway || underway.stop.signal.aborted) {
      underway = this.#start(uri, found);
      this.#underway.set(key, underway);
    }
    return this.#wait(underway, signal, onUnpack);
  }

  /** The next bytes of a file that the page unpacks. */
  async pull(key: DocumentKey): Promise<BytesPiece> {
    const bytes = this.#bytes.get(key);
    if (!bytes) throw new MemMambaError('internal', `${key} is not being unpacked.`);
    const next = await bytes.next();
    // A copy of its own: what arrives may be a part of a larger buffer, all of which would be sent.
    return next.done
      ? { bytes: new Uint8Array(), done: true }
      : { bytes: new Uint8Array(next.value), done: false };
  }

  dispose(): void {
    for (const { stop } of this.#underway.values()) stop.abort();
    this.#changed.dispose();
  }

  async #wait(
    underway: Underway,
    signal: AbortSignal | undefined,
    onUnpack: UnpackOptions['onUnpack'],
  ): Promise<PackedText> {
    underway.waiting++;
    if (onUnpack) underway.listeners.add(onUnpack);
    try {
      return await orCancelled(underway.text, signal);
    } finally {
      if (onUnpack) underway.listeners.delete(onUnpack);
      // Whoever else waits for it gets it.
      if (--underway.waiting === 0) underway.stop.abort();
    }
  }

  #start(uri: vscode.Uri, found: vscode.FileStat): Underway {
    const key = uri.toString();
    const stop = new AbortController();
    const listeners = new Set<(share: number) => void>();
    const text = this.#unpack(uri, found, stop.signal, (share) => {
      for (const listener of listeners) listener(share);
    });
    const underway = { text, stop, listeners, waiting: 0 };
    text
      .finally(() => {
        if (this.#underway.get(key) === underway) this.#underway.delete(key);
      })
      .catch(() => undefined);
    return underway;
  }

  async #unpack(
    uri: vscode.Uri,
    found: vscode.FileStat,
    signal: AbortSignal,
    onShare: (share: number) => void,
  ): Promise<PackedText> {
    const file = fileOf(uri);
    const key = uri.toString();
    const { t } = vscode.l10n;
    const { size } = found;
    if (size > LARGEST) {
      throw new MemMambaError(
        'document',
        t('{0} is larger than 1 GB, and packed. Unpack it first.', nameOf(uri)),
      );
    }
    const bytes = bytesOf(file, BYTES_PIECE_LENGTH);
    this.#bytes.set(key, bytes);
    const pieces: string[] = [];
    try {
      const answer = await this.#page().request(
        'unpack',
        { document: key, bytes: size },
        {
          signal,
          onProgress: (progress) => {
            if ('text' in progress) pieces.push(progress.text);
            else onShare(progress.done / Math.max(1, progress.total));
          },
        },
      );
      if (answer.kind === 'refused') {
        throw new MemMambaError('document', refusalWords(nameOf(uri), answer, t));
      }
      const text = { ...answer, text: pieces.join(''), version: fileVersion(found) };
      this.#hold(key, text, uri);
      return text;
    } finally {
      this.#bytes.delete(key);
      void bytes.return(undefined);
    }
  }

  #hold(key: DocumentKey, text: PackedText, changed?: vscode.Uri): void {
    const before = this.#texts.get(key);
    this.#texts.delete(key);
    this.#texts.set(key, text);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= MOST_TEXTS) break;
      this.#texts.delete(oldest);
    }
    if (changed && before?.text !== text.text) this.#changed.fire(changed);
  }
}
