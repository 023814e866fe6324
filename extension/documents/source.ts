import * as vscode from 'vscode';
import { decodeText, TextError } from '../../models/text/decode-text.js';
import { utf8Length } from '../../models/text/utf8-length.js';
import type { DocumentKey } from '../protocol/engine.js';
import { MemMambaError } from '../protocol/errors.js';
import { PIECE_LENGTH } from '../protocol/page.js';
import type { UnpackedFile } from '../protocol/unpack.js';
import { bytesOf } from './bytes.js';
import { Fingerprint } from './fingerprint.js';
import { nameOf } from './packed-uri.js';
import { pieces } from './text.js';

/** What the file tells of a text that was unpacked from it. */
export interface PackedFile extends Omit<UnpackedFile, 'kind'> {
  readonly file: vscode.Uri;
}

/** A text to read, wherever it is: an editor, a disk, another machine, a virtual workspace. */
export interface DocumentSource {
  readonly uri: vscode.Uri;
  readonly key: DocumentKey;
  /** File name, for people. */
  readonly name: string;
  readonly totalBytes: number;
  /** Another string whenever the text is another one. */
  readonly version: string;
  /** Version of the editor's document that it was taken from, if it was taken from one. */
  readonly documentVersion?: number;
  /** Set where it was unpacked from a file; `version` is that of the file. */
  readonly packed?: PackedFile;
  /**
   * The text in pieces of at most `PIECE_LENGTH` UTF-16 code units, none of which ends inside a character.
   * @throws {MemMambaError} where the bytes are not text, or changed while they were read.
   */
  read(): AsyncGenerator<string>;
}

const PIECE_BYTES = PIECE_LENGTH;
const NUL = '\0';
const REPLACEMENT = '\uFFFD';

/** The document of an editor that shows it. */
export const openDocument = (uri: vscode.Uri) =>
  vscode.workspace.textDocuments.find((d) => d.uri.toString() === uri.toString() && !d.isClosed);

/**
 * Opens a text. What is open in an editor is read from there, so unsaved edits count; everything else is
 * read from its file system, whatever its size (files above 50 MB never reach an editor's document).
 */
export async function openSource(uri: vscode.Uri): Promise<DocumentSource> {
  const document = openDocument(uri) ?? (await openWithoutFiles(uri));
  if (document) return fromDocument(document);
  return fromFile(uri, await stat(uri));
}

/** A virtual document (of a version control, a language server), behind which there is no file system. */
async function openWithoutFiles(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  if (isGone(uri)) throw goneError(uri);
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) !== undefined) return undefined;
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    // Then the error is that of the file system.
    return undefined;
  }
}

/**
 * Tells whether a document still has the text that was read. The version decides where it can; a document
 * that was read from its file and opened since (or the other way round) is compared by its text.
 */
export class Freshness {
  readonly #source: DocumentSource;
  readonly #read: Fingerprint;
  readonly #fresh: Set<string>;
  /** The version of an edited document that was compared last: scrolling asks again and again. */
  #stale: string | undefined;

  constructor(
    source: DocumentSource,
    /** Of the text that was read. */
    read: Fingerprint,
  ) {
    this.#source = source;
    this.#read = read;
    this.#fresh = new Set([source.version]);
  }

  async isStale(): Promise<boolean> {
    const { packed } = this.#source;
    if (packed) return !this.#fresh.has(await currentFileVersion(packed.file));
    const document = openDocument(this.#source.uri);
    if (!document) return !this.#fresh.has(await currentFileVersion(this.#source.uri));
    const version = documentVersion(document);
    if (this.#fresh.has(version)) return false;
    if (this.#stale === version) return true;
    const text = document.getText();
    if (text.length !== this.#read.length || !Fingerprint.of(text).equals(this.#read)) {
      this.#stale = version;
      return true;
    }
    this.#fresh.add(version);
    // Once it is closed, the file on disk speaks for it.
    if (!document.isDirty) this.#fresh.add(await currentFileVersion(this.#source.uri));
    return false;
  }
}

async function currentFileVersion(uri: vscode.Uri): Promise<string> {
  try {
    return fileVersion(await vscode.workspace.fs.stat(uri));
  } catch {
    return 'gone';
  }
}

const documentVersion = (document: vscode.TextDocument) => `document ${document.version}`;
/** Another string whenever a file is another one. */
export const fileVersion = ({ mtime, size }: vscode.FileStat) => `file ${mtime} ${size}`;

/** @throws {MemMambaError} where there is no such file, or it cannot be read */
export async function stat(uri: vscode.Uri): Promise<vscode.FileStat> {
  try {
    return await vscode.workspace.fs.stat(uri);
  } catch (error) {
    throw unreadable(uri, error);
  }
}

function unreadable(uri: vscode.Uri, error: unknown): MemMambaError {
  const reason = error instanceof Error ? error.message : String(error);
  return new MemMambaError('document', vscode.l10n.t('{0} cannot be read: {1}', nameOf(uri), reason));
}

/** True of a document that was closed and never saved; to open it would make a new, empty one. */
export function isGone(uri: vscode.Uri): boolean {
  return uri.scheme === 'untitled' && !openDocument(uri);
}

export function goneError(uri: vscode.Uri): MemMambaError {
  return new MemMambaError(
    'document',
    vscode.l10n.t('{0} was closed and never saved: its text is gone.', nameOf(uri)),
  );
}

function emptyError(name: string): MemMambaError {
  return new MemMambaError('document', vscode.l10n.t('{0} is empty: there is nothing to read.', name));
}

async function fromDocument(document: vscode.TextDocument): Promise<DocumentSource> {
  const { uri } = document;
  const name = nameOf(uri);
  const version = documentVersion(document);
  const text = document.getText();
  if (text.length === 0) throw emptyError(name);
  if (text.includes(NUL)) {
    throw new MemMambaError(
      'document',
      vscode.l10n.t('{0} is a binary file: it holds NUL bytes. Only text can be read.', name),
    );
  }
  // The editor shows wrong bytes as U+FFFD and says nothing. Unless the file really holds that character,
  // it is in another encoding, and its summary would be of garbled text.
  if (text.includes(REPLACEMENT) && !document.isUntitled && document.encoding.startsWith('utf8')) {
    await checkEncoding(fromFile(uri, await stat(uri)));
  }
  return {
    uri,
    key: uri.toString(),
    name,
    totalBytes: utf8Length(text),
    version,
    documentVersion: document.version,
    read: () => asynchronous(pieces(text, PIECE_LENGTH)),
  };
}

/** Decodes the whole file, for the error. */
async function checkEncoding(source: DocumentSource): Promise<void> {
  const text = source.read();
  while (!(await text.next()).done);
}

// eslint-disable-next-line @typescript-eslint/require-await -- the other sources do wait
async function* asynchronous(text: Iterable<string>): AsyncGenerator<string> {
  yield* text;
}

function fromFile(uri: vscode.Uri, found: vscode.FileStat): DocumentSource {
  const name = nameOf(uri);
  if ((found.type & vscode.FileType.Directory) !== 0) {
    throw new MemMambaError('document', vscode.l10n.t('{0} is a folder. Open a text file.', name));
  }
  if (found.size === 0) throw emptyError(name);
  const version = fileVersion(found);
  return {
    uri,
    key: uri.toString(),
    name,
    totalBytes: found.size,
    version,
    async *read() {
      let length = 0;
      try {
        for await (const text of decodeText(counted(bytesOf(uri, PIECE_BYTES), (count) => (length += count))))
          yield text;
      } catch (error) {
        // Half of one version and half of another may well not be text.
        await checkUnchanged();
        if (error instanceof TextError) {
          throw new MemMambaError('document', textErrorMessage(name, error));
        }
        throw unreadable(uri, error);
      }
      await checkUnchanged();
      if (length !== found.size) throw changedError(name);
    },
  };

  async function checkUnchanged(): Promise<void> {
    if (fileVersion(await stat(uri)) !== version) throw changedError(name);
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

function changedError(name: string): MemMambaError {
  return new MemMambaError(
    'document',
    vscode.l10n.t('{0} changed while it was being read. Run the command again once it is at rest.', name),
  );
}

function textErrorMessage(name: string, error: TextError): string {
  return error.kind === 'binary'
    ? vscode.l10n.t(
        '{0} is a binary file, or text in UTF-16: there is a NUL byte at offset {1}. Convert it to UTF-8 to read it.',
        name,
        error.offset,
      )
    : vscode.l10n.t(
        '{0} is not valid UTF-8 (byte {1}). Convert it, or open it in the editor with “Reopen with Encoding”.',
        name,
        error.offset,
      );
}
